//! What time alone changes.

use super::decide::settle_credits;
use super::{AccountBilling, BillingPolicy};
use crate::ledger::Actor;
use crate::values::Timestamp;

/// Writes into `billing` what time alone has changed by `now`: a subscription that was given is over with its months, and
/// has left the account's slot. Whoever reads sees it so, whether it was ever written.
pub fn advance(billing: &mut AccountBilling, policy: BillingPolicy, now: Timestamp) {
    let over: Vec<_> = billing
        .subscriptions
        .iter()
        .map(|known| (known, known.clone().as_of(now)))
        .filter(|(known, then)| then != *known)
        .map(|(_, then)| then)
        .collect();
    for subscription in over {
        let before = billing.clone();
        let subscription = billing.put_subscription(subscription);
        let name = (subscription.channel, subscription.provider_id.as_str());
        settle_credits(&before, billing, name, policy, &Actor::Time, now);
    }
}
