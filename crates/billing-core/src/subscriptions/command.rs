//! Changes that were requested under an idempotency key.

use super::ChangeOffer;
use crate::values::{AccountId, RequestKey, SubscriptionId, Timestamp};

/// A change of a subscription that was requested under an idempotency key, and what became of it.
///
/// It is stored before the provider is called. A completed one is never carried out again, whatever the subscription has
/// become since; one whose outcome is unknown is repeated as it was requested first.
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
    /// The effect of a change of plan, as it was computed first.
    pub offer: Option<ChangeOffer>,
    /// Whether it was carried out.
    pub completed: bool,
    /// When it was requested first.
    pub created_at: Timestamp,
    /// The version; 0 if new.
    pub version: i64,
}

impl SubscriptionCommand {
    /// For how long a request is repeated exactly, in seconds: an hour less than Stripe stores an idempotency key
    /// (<https://docs.stripe.com/api/idempotent_requests>).
    const REPEATABLE_SECONDS: i64 = 23 * 3600;

    /// As of when it is requested again at `now`: of its first time, so that a provider that has carried it out without our
    /// learning of it sees the same request.
    pub fn requested_at(&self, now: Timestamp) -> Timestamp {
        if now < self.created_at.plus_seconds(Self::REPEATABLE_SECONDS) { self.created_at } else { now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_repeated_as_of_its_first_time_while_its_provider_knows_the_key() {
        let first = Timestamp::from_micros(0);
        let command = SubscriptionCommand {
            account: AccountId::from_uuid(uuid::Uuid::nil()),
            key: RequestKey::parse("k").expect("a key"),
            request: String::new(),
            subscription: SubscriptionId::from_uuid(uuid::Uuid::nil()),
            offer: None,
            completed: false,
            created_at: first,
            version: 1,
        };
        assert_eq!(command.requested_at(first.plus_seconds(22 * 3600)), first);
        let next_day = first.plus_seconds(23 * 3600);
        assert_eq!(command.requested_at(next_day), next_day);
    }
}
