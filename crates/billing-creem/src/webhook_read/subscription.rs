//! The state of a subscription, and its paid periods.

use billing_core::payments::{
    Fact, PaidLine, PaidPeriod, PaymentRefs, PeriodReason, SubscriptionFact, SubscriptionItem,
};
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::values::{Period, Timestamp};

use super::{money, order_hint};
use crate::wire::{Expandable, Moment, Named, Subscription, Transaction};

/// The part of a subscription's state that only the event's type shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TypeHint {
    /// None: its status is authoritative.
    None,
    /// The period is over and unpaid, whatever its status; a payment may still come.
    Lapsed,
    /// It has ended permanently.
    Ended,
}

/// The fact of `subscription` as of `provider_updated_at`.
pub(super) fn fact(
    subscription: &Subscription,
    hint: TypeHint,
    provider_updated_at: Timestamp,
) -> Result<Fact, String> {
    Ok(match described(subscription, hint, provider_updated_at)? {
        Some(fact) => Fact::Subscription(fact),
        None => Fact::Ignored("the subscription's status is unknown"),
    })
}

/// The fact of a collected charge of `subscription`: the first one, a renewal, or a mid-period change. The event does
/// not distinguish them.
pub(super) fn paid(subscription: &Subscription, provider_updated_at: Timestamp) -> Result<Fact, String> {
    let transaction = subscription.last_transaction_id.as_ref();
    let transaction = transaction.ok_or("object.last_transaction_id: missing")?;
    let details = subscription.last_transaction.as_ref().and_then(Expandable::object);
    let details = details.filter(|details| details.id == *transaction);
    let period = period(subscription).ok_or("object.current_period_start_date: no period")?;
    let now = described(subscription, TypeHint::None, provider_updated_at)?;
    let trial = now.as_ref().is_some_and(|now| now.status == SubscriptionStatus::Trialing);
    let paid = match details {
        Some(Transaction { amount_paid: Some(paid), currency: Some(currency), .. }) => {
            Some(money(*paid, currency)?)
        }
        _ => None,
    };
    // A refunded payment was paid nevertheless; refunds are reported separately.
    let collected = details.and_then(|details| details.status.as_deref()).is_none_or(|status| {
        matches!(status, "paid" | "refunded" | "partialRefund" | "chargedBack" | "chargeback")
    });
    if !collected {
        return fact(subscription, TypeHint::None, provider_updated_at);
    }
    Ok(Fact::PeriodPaid(PaidPeriod {
        payment: transaction.clone(),
        refs: PaymentRefs::of_payment(transaction),
        paid,
        collected_at: Some(provider_updated_at),
        subscription: subscription.id.clone(),
        customer: customer(subscription)?,
        reason: PeriodReason::Unclear,
        lines: vec![PaidLine {
            price: product(subscription)?,
            quantity: units(subscription),
            period,
            free: trial,
            proration: false,
            gives_back: false,
        }],
        order_hint: order_hint(subscription.metadata.as_ref(), None),
        subscription_now: now.map(Box::new),
    }))
}

/// None if its status is unknown: it grants nothing.
pub(super) fn described(
    subscription: &Subscription,
    hint: TypeHint,
    provider_updated_at: Timestamp,
) -> Result<Option<SubscriptionFact>, String> {
    let written = subscription.status.as_deref().unwrap_or_default();
    let status = match hint {
        TypeHint::Ended => Some(SubscriptionStatus::Canceled),
        TypeHint::Lapsed => Some(SubscriptionStatus::Unpaid),
        TypeHint::None => status(written),
    };
    let Some(status) = status else { return Ok(None) };
    let period = period(subscription);
    let scheduled = written == "scheduled_cancel" && hint == TypeHint::None;
    let end = period.map(|period| period.end);
    let moment = |moment: Option<Moment>| moment.map(|moment| moment.0);
    Ok(Some(SubscriptionFact {
        id: subscription.id.clone(),
        customer: customer(subscription)?,
        status,
        items: vec![SubscriptionItem { price: product(subscription)?, quantity: units(subscription) }],
        period,
        cancel_at_period_end: scheduled,
        cancel_at: end.filter(|_| scheduled),
        canceled_at: moment(subscription.canceled_at).filter(|_| scheduled || status.is_final()),
        // A paid period stays until its end, even after an immediate cancellation.
        ended_at: status
            .is_final()
            .then(|| end.map_or(provider_updated_at, |end| end.max(provider_updated_at))),
        cancel_reason: None,
        trial_end: end.filter(|_| status == SubscriptionStatus::Trialing),
        started_at: moment(subscription.created_at).unwrap_or(provider_updated_at),
        provider_updated_at,
        order_hint: order_hint(subscription.metadata.as_ref(), None),
    }))
}

/// The quantity: from the item, whose product may be stale, but not its quantity.
fn units(subscription: &Subscription) -> u32 {
    let units = subscription.items.iter().flatten().find_map(|item| item.units);
    units.unwrap_or(1)
}

fn status(text: &str) -> Option<SubscriptionStatus> {
    Some(match text {
        "active" | "scheduled_cancel" => SubscriptionStatus::Active,
        "trialing" => SubscriptionStatus::Trialing,
        "past_due" => SubscriptionStatus::PastDue,
        "unpaid" => SubscriptionStatus::Unpaid,
        "paused" => SubscriptionStatus::Paused,
        "canceled" => SubscriptionStatus::Canceled,
        _ => return None,
    })
}

fn period(subscription: &Subscription) -> Option<Period> {
    let (start, end) = (subscription.current_period_start_date?.0, subscription.current_period_end_date?.0);
    (start < end).then_some(Period { start, end })
}

fn customer(subscription: &Subscription) -> Result<String, String> {
    id(subscription.customer.as_ref(), "customer")
}

fn product(subscription: &Subscription) -> Result<String, String> {
    id(subscription.product.as_ref(), "product")
}

fn id(of: Option<&Expandable<Named>>, field: &str) -> Result<String, String> {
    of.map(|of| of.id().to_owned()).ok_or_else(|| format!("object.{field}: missing"))
}
