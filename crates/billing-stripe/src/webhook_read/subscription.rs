//! The state of a subscription.

use billing_core::payments::{Fact, SubscriptionFact};
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::values::{Period, Timestamp};

use super::order_hint;
use crate::wire::Subscription;

/// The fact of `subscription` as of `provider_updated_at`. A `deleted` one has ended, whatever else it contains.
pub(crate) fn fact(subscription: &Subscription, provider_updated_at: Timestamp, deleted: bool) -> Fact {
    let status = match status(&subscription.status) {
        Some(status) if status.is_final() || !deleted => status,
        None if !deleted => return Fact::Ignored("the subscription's status is unknown"),
        _ => SubscriptionStatus::Canceled,
    };
    // Stripe's status is unchanged while collection is paused; here nothing is granted meanwhile, so the status is
    // paused.
    let status = match status {
        SubscriptionStatus::Active | SubscriptionStatus::Trialing | SubscriptionStatus::PastDue
            if subscription.collects_nothing() =>
        {
            SubscriptionStatus::Paused
        }
        status => status,
    };
    let moment = |seconds: Option<i64>| seconds.map(Timestamp::from_unix_seconds);
    let period = subscription.period().map(|(start, end)| Period {
        start: Timestamp::from_unix_seconds(start),
        end: Timestamp::from_unix_seconds(end),
    });
    let cancel_at = moment(subscription.cancel_at);
    let ended_at = moment(subscription.ended_at);
    Fact::Subscription(SubscriptionFact {
        id: subscription.id.clone(),
        customer: subscription.customer.id().to_owned(),
        status,
        items: subscription.priced_items(),
        period,
        cancel_at_period_end: subscription.cancel_at_period_end.unwrap_or(false)
            || ends_with(period, cancel_at),
        cancel_at,
        canceled_at: moment(subscription.canceled_at),
        ended_at: if deleted { ended_at.or(Some(provider_updated_at)) } else { ended_at },
        cancel_reason: subscription.cancel_reason().map(str::to_owned),
        trial_end: moment(subscription.trial_end),
        started_at: moment(subscription.start_date.or(subscription.created)).unwrap_or(provider_updated_at),
        provider_updated_at,
        order_hint: order_hint(subscription.metadata.as_ref(), None),
    })
}

/// Whether a scheduled end is not later than the period's. In flexible billing mode a cancellation in the customer
/// portal sets only the time, and leaves the flag unset.
fn ends_with(period: Option<Period>, cancel_at: Option<Timestamp>) -> bool {
    cancel_at.is_some_and(|at| period.is_none_or(|period| at <= period.end))
}

/// Mapped explicitly: our values happen to equal Stripe's, but may diverge.
fn status(text: &str) -> Option<SubscriptionStatus> {
    Some(match text {
        "incomplete" => SubscriptionStatus::Incomplete,
        "incomplete_expired" => SubscriptionStatus::IncompleteExpired,
        "trialing" => SubscriptionStatus::Trialing,
        "active" => SubscriptionStatus::Active,
        "past_due" => SubscriptionStatus::PastDue,
        "paused" => SubscriptionStatus::Paused,
        "unpaid" => SubscriptionStatus::Unpaid,
        "canceled" => SubscriptionStatus::Canceled,
        _ => return None,
    })
}
