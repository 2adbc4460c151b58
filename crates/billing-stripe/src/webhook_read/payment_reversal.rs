//! Refunds and disputes, and the references between payments and invoices.

use billing_core::payments::{
    Dispute, DisputeState, Fact, PartialFact, PaymentRefs, PaymentReversal, PaymentReversalUpdate, Refund,
    RefundState,
};
use billing_core::values::Money;

use crate::amount;
use crate::wire::{self, Expandable};

/// Why a refund or dispute is ignored.
const NAMELESS: &str = "it names no payment";

/// The part of a dispute's state that only the event's type shows.
#[derive(Debug, Clone, Copy)]
pub(super) enum Moved {
    /// The funds were withdrawn.
    Away,
    /// The funds were reinstated.
    Back,
    /// None; the status is authoritative.
    No,
}

/// The cumulative refunded amount of `charge`. See <https://docs.stripe.com/api/charges/object>.
pub(super) fn refunded(charge: &wire::Charge) -> Result<Fact, String> {
    let payment =
        PaymentRefs { payment: name(charge.payment_intent.as_ref()), invoice: name(charge.invoice.as_ref()) };
    let amount = money(charge.amount_refunded, &charge.currency, "amount_refunded")?;
    Ok(reversal(payment, None, PaymentReversalUpdate::RefundedInAll(amount)))
}

/// The state of one refund. See <https://docs.stripe.com/api/refunds/object>.
pub(crate) fn refund(refund: &wire::Refund) -> Result<Fact, String> {
    let state = match refund.status.as_deref() {
        Some("pending" | "requires_action") => RefundState::Pending,
        Some("succeeded") => RefundState::Succeeded,
        Some("failed" | "canceled") => RefundState::Failed,
        _ => return Ok(Fact::Ignored("the refund's status is unknown")),
    };
    let amount = money(refund.amount, &refund.currency, "amount")?;
    let payment = PaymentRefs { payment: name(refund.payment_intent.as_ref()), invoice: None };
    let update = PaymentReversalUpdate::Refund(Refund::new(refund.id.clone(), amount, state));
    Ok(reversal(payment, refund.charge.as_ref(), update))
}

/// The state of a dispute. See <https://docs.stripe.com/api/disputes/object>.
pub(super) fn dispute(dispute: &wire::Dispute, moved: Moved) -> Result<Fact, String> {
    let state = match (moved, dispute.status.as_deref()) {
        (Moved::Back, _) | (_, Some("won")) => DisputeState::Won,
        (_, Some("lost")) => DisputeState::Lost,
        (Moved::Away, _) | (_, Some("needs_response" | "under_review")) => DisputeState::Open,
        (_, Some(text)) if text.starts_with("warning_") || text == "prevented" => DisputeState::Inquiry,
        _ => return Ok(Fact::Ignored("the dispute's status is unknown")),
    };
    let amount = money(dispute.amount, &dispute.currency, "amount")?;
    let payment = PaymentRefs { payment: name(dispute.payment_intent.as_ref()), invoice: None };
    let id = match (&dispute.id, &dispute.payment_intent) {
        (Some(id), _) => id.clone(),
        (None, Some(_)) => return Err("data.object.id: missing".to_owned()),
        (None, None) => return Ok(Fact::Ignored(NAMELESS)),
    };
    let update = PaymentReversalUpdate::Dispute(Dispute { id, amount, state });
    Ok(reversal(payment, dispute.charge.as_ref(), update))
}

/// The payment of an invoice. See <https://docs.stripe.com/api/invoice-payment/object>.
pub(super) fn invoice_payment(paid: &wire::InvoicePayment) -> Fact {
    let payment = paid.payment.as_ref().and_then(|with| with.payment_intent.as_ref());
    if payment.is_none() {
        return Fact::Ignored("the invoice was paid with no payment of its own");
    }
    Fact::PaymentRefs(PaymentRefs { payment: name(payment), invoice: name(Some(&paid.invoice)) })
}

/// The reversal of the payment, which is read from Stripe if the event names only its charge.
fn reversal(payment: PaymentRefs, charge: Option<&Expandable>, update: PaymentReversalUpdate) -> Fact {
    match charge {
        _ if !payment.is_empty() => Fact::Reversal(PaymentReversal { payment, update }),
        Some(charge) => Fact::Partial(PartialFact::Charge(charge.id().to_owned(), update)),
        None => Fact::Ignored(NAMELESS),
    }
}

fn name(of: Option<&Expandable>) -> Option<String> {
    of.map(|of| of.id().to_owned())
}

fn money(amount: i64, currency: &str, field: &str) -> Result<Money, String> {
    let read = amount::read(Some(amount), Some(currency));
    read.ok_or_else(|| format!("data.object.{field}: {amount} is no amount of {currency}"))
}
