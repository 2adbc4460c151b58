//! Invoice events: paid periods.

use billing_core::payments::{Fact, PaidLine, PaidPeriod, PartialFact, PaymentRefs, PeriodReason};
use billing_core::values::{Currency, Period, Timestamp};

use super::order_hint;
use crate::amount;
use crate::wire::{Expandable, Invoice, InvoiceLine};

/// The fact of a paid `invoice`, reported at `told_at`.
pub(crate) fn fact(invoice: &Invoice, told_at: Timestamp) -> Result<Fact, String> {
    if invoice.status.as_deref() != Some("paid") {
        return Ok(Fact::Ignored("the invoice is not paid"));
    }
    let Some(subscription) = invoice.subscription() else {
        return Ok(Fact::Ignored("the invoice is for no subscription"));
    };
    let customer = invoice.customer.as_ref().map(Expandable::id);
    let customer = customer.ok_or("data.object.customer: missing")?.to_owned();
    let currency: Currency =
        invoice.currency.parse().map_err(|unknown| format!("data.object.currency: {unknown}"))?;
    let subtotal = amount::from_stripe(invoice.subtotal, currency)
        .ok_or_else(|| format!("data.object.subtotal: {} is no amount of {currency}", invoice.subtotal))?;
    let reason = reason(invoice.billing_reason.as_deref());
    let lines: Vec<PaidLine> = invoice.lines.data.iter().filter_map(line).collect();
    let grants = matches!(reason, PeriodReason::Create | PeriodReason::Cycle);
    if grants && invoice.lines.has_more == Some(true) {
        // Prorations come first: the line of the period may not be included.
        return Ok(Fact::Partial(PartialFact::Invoice(invoice.id.clone())));
    }
    if grants && subtotal.minor != 0 && lines.is_empty() {
        // Ignoring it silently would leave a payment without a grant.
        return Err("data.object.lines: none has a price".to_owned());
    }
    Ok(Fact::PeriodPaid(PaidPeriod {
        payment: invoice.id.clone(),
        refs: PaymentRefs {
            payment: invoice.payment().map(str::to_owned),
            invoice: Some(invoice.id.clone()),
        },
        collected_at: Some(invoice.paid_at().map_or(told_at, Timestamp::from_unix_seconds)),
        paid: invoice.amount_paid.and_then(|paid| amount::from_stripe(paid, currency)),
        subscription: subscription.to_owned(),
        customer,
        reason,
        lines,
        order_hint: order_hint(invoice.subscription_metadata(), None),
        subscription_now: None,
    }))
}

/// A line for a subscription's period, or a proration.
fn line(line: &InvoiceLine) -> Option<PaidLine> {
    let price = line.price().filter(|_| !line.is_extra())?;
    let period = Period {
        start: Timestamp::from_unix_seconds(line.period.start),
        end: Timestamp::from_unix_seconds(line.period.end),
    };
    Some(PaidLine {
        price: price.to_owned(),
        quantity: line.quantity.unwrap_or(1),
        period,
        free: line.amount == 0,
        proration: line.is_proration(),
        gives_back: line.amount < 0,
    })
}

fn reason(text: Option<&str>) -> PeriodReason {
    match text {
        Some("subscription_create") => PeriodReason::Create,
        Some("subscription_cycle") => PeriodReason::Cycle,
        Some("subscription_update") => PeriodReason::Change,
        _ => PeriodReason::Other,
    }
}
