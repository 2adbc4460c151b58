//! The displayable data of a customer's payment method.

use super::Channel;
use crate::values::{AccountId, Timestamp};

/// A card that a provider stores for a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentMethod {
    /// The provider.
    pub channel: Channel,
    /// The provider's id; unique per provider.
    pub provider_id: String,
    /// The owner.
    pub account: AccountId,
    /// The displayable data.
    pub card: Card,
    /// Whether it was detached from the customer.
    pub removed: bool,
    /// The provider's time of the stored state; older states are ignored.
    pub provider_updated_at: Timestamp,
    /// The row's version; 0 if not stored yet.
    pub version: i64,
}

/// The displayable data of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// `visa`, `mastercard`, …
    pub brand: String,
    /// Its last four digits.
    pub last4: String,
    /// The month of its expiry, 1 to 12.
    pub exp_month: u32,
    /// The year of its expiry.
    pub exp_year: u32,
}

/// The state of a payment method, as reported by a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentMethodFact {
    /// The provider's id.
    pub id: String,
    /// The current customer, or the last one if it is detached.
    pub customer: String,
    /// The displayable data.
    pub card: Card,
    /// Whether it was detached.
    pub removed: bool,
    /// The provider's time of this state.
    pub provider_updated_at: Timestamp,
}

impl PaymentMethod {
    /// The payment method of the first report. A detached one is stored as well, so that an older report does not
    /// restore it.
    pub fn first_seen(fact: &PaymentMethodFact, channel: Channel, account: AccountId) -> Self {
        Self {
            channel,
            provider_id: fact.id.clone(),
            account,
            card: fact.card.clone(),
            removed: fact.removed,
            provider_updated_at: fact.provider_updated_at,
            version: 0,
        }
    }

    /// Applies `fact` unless it is older than the stored state. Of two states of the same second, the detached one
    /// wins. Returns whether anything changed.
    pub fn take_over(&mut self, fact: &PaymentMethodFact, account: AccountId) -> bool {
        if (fact.provider_updated_at, fact.removed) < (self.provider_updated_at, self.removed) {
            return false;
        }
        let before = self.clone();
        self.account = account;
        self.card = fact.card.clone();
        (self.removed, self.provider_updated_at) = (fact.removed, fact.provider_updated_at);
        *self != before
    }
}
