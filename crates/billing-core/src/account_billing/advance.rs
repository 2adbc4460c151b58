//! Changes by the passage of time.

use super::decide::settle_credits;
use super::{AccountBilling, BillingPolicy};
use crate::ledger::Actor;
use crate::values::Timestamp;

/// Applies to `billing` what changes by time alone up to `now`: a given subscription is over after its months, and one
/// whose provider reported neither a renewal nor an end within the grace period loses the account's slot. Every read
/// applies it, so that the result does not depend on whether it was written.
pub fn advance(billing: &mut AccountBilling, policy: BillingPolicy, now: Timestamp) {
    let grace = policy.grace_periods;
    let over: Vec<_> = billing
        .subscriptions
        .iter()
        .map(|known| (known, known.clone().as_of(now)))
        .filter(|(known, then)| then != *known)
        .map(|(_, then)| then)
        .collect();
    for subscription in over {
        let before = billing.clone();
        let subscription = billing.put_subscription(subscription, grace, now);
        let name = (subscription.channel, subscription.provider_id.as_str());
        settle_credits(&before, billing, Some(name), policy, &Actor::Time, now);
    }
    let holder = billing.account.active_subscription.as_ref();
    let holder = holder.and_then(|name| billing.subscription(name.channel, &name.id));
    if holder.is_some_and(|known| billing.has_lapsed(known, grace, now)) {
        let before = billing.clone();
        billing.account.active_subscription = None;
        billing.lift_duplicates(grace, now);
        settle_credits(&before, billing, None, policy, &Actor::Time, now);
    }
}
