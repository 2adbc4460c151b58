//! How a subscription is now.

use billing_core::payments::{Fact, SubscriptionFact};
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::values::{Period, Timestamp};

use super::order_hint;
use crate::wire::Subscription;

/// What `subscription`, as it was at `provider_updated_at`, states. One that was `deleted` has ended, whatever else it
/// says.
pub(crate) fn fact(subscription: &Subscription, provider_updated_at: Timestamp, deleted: bool) -> Fact {
    let status = match status(&subscription.status) {
        Some(status) if status.is_final() || !deleted => status,
        None if !deleted => return Fact::Ignored("the subscription's status is unknown"),
        _ => SubscriptionStatus::Canceled,
    };
    // Stripe's status stays as it was while collection is paused; here nothing is granted meanwhile, and that is told.
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
        trial_end: moment(subscription.trial_end),
        started_at: moment(subscription.start_date.or(subscription.created)).unwrap_or(provider_updated_at),
        provider_updated_at,
        order_hint: order_hint(subscription.metadata.as_ref(), None),
    })
}

/// Whether an end that is set comes no later than the period's. In flexible billing mode, cancelling in the
/// customer portal sets only the time of the end, and leaves the flag alone.
fn ends_with(period: Option<Period>, cancel_at: Option<Timestamp>) -> bool {
    cancel_at.is_some_and(|at| period.is_none_or(|period| at <= period.end))
}

/// Spelled out: our words happen to be Stripe's, but need not stay so.
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
