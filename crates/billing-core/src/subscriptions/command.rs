//! Changes that were requested under an idempotency key.

use super::{ChangeOffer, Subscription};
use crate::values::{AccountId, RequestKey, SubscriptionId, Timestamp, text_enum};

text_enum! {
    /// What became of a change that was requested under a key.
    CommandState, "command state", {
        /// It was begun, and its outcome is not known: the response was lost, or is not there yet.
        Pending = "pending",
        /// It was carried out.
        Completed = "completed",
        /// The provider refused, and nothing was done.
        Refused = "refused",
    }
}

/// A change of a subscription that was requested under an idempotency key.
///
/// It is stored before the provider is called. A completed one is never carried out again, whatever the subscription has
/// become since. A refused one may be requested again. A pending one is repeated exactly, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionCommand {
    /// The owner of the subscription.
    pub account: AccountId,
    /// The key, unique per account.
    pub key: RequestKey,
    /// What was requested, as text: the same key with another request is refused.
    pub request: String,
    /// The subscription that it changes.
    pub subscription: SubscriptionId,
    /// The version of the subscription for which it was computed; the provider's own idempotency key contains it.
    pub subscription_version: i64,
    /// The effect of a change of plan, as it was computed.
    pub offer: Option<ChangeOffer>,
    /// What became of it.
    pub state: CommandState,
    /// When it was begun.
    pub created_at: Timestamp,
    /// The version; 0 if new.
    pub version: i64,
}

impl SubscriptionCommand {
    /// For how long a request is repeated, in seconds: an hour less than Stripe stores an idempotency key
    /// (<https://docs.stripe.com/api/idempotent_requests>).
    const REPEATABLE_SECONDS: i64 = 23 * 3600;

    /// Whether a repetition at `now` is the same request to the provider: nothing has been reported of the `subscription`
    /// since, its period is not over, and the provider still has the key. Otherwise it could be carried out twice, or
    /// undo what came after it.
    pub fn is_repeatable(&self, subscription: &Subscription, now: Timestamp) -> bool {
        self.subscription_version == subscription.version
            && now < self.created_at.plus_seconds(Self::REPEATABLE_SECONDS)
            && subscription.period.is_none_or(|period| now < period.end || period.end <= self.created_at)
    }
}
