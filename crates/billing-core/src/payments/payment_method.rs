//! What a customer pays with, as far as it may be shown.

use super::Channel;
use crate::values::{AccountId, Timestamp};

/// A card that a provider keeps for a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentMethod {
    /// Which provider keeps it.
    pub channel: Channel,
    /// The provider's id of it; unique per provider.
    pub provider_id: String,
    /// Whose.
    pub account: AccountId,
    /// What may be shown of it.
    pub card: Card,
    /// Whether the customer no longer pays with it.
    pub removed: bool,
    /// When the provider said what is kept here; older descriptions are not taken over.
    pub provider_updated_at: Timestamp,
    /// How often it was written; 0 before the first time.
    pub version: i64,
}

/// What may be shown of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// `visa`, `mastercard`, …
    pub brand: String,
    /// Its last four digits.
    pub last4: String,
    /// The month after which it is not good any more, 1 to 12.
    pub exp_month: u32,
    /// That month's year.
    pub exp_year: u32,
}

/// A payment method as a provider describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentMethodFact {
    /// The provider's id of it.
    pub id: String,
    /// Whose it is, or was before it was taken away.
    pub customer: String,
    /// What may be shown of it.
    pub card: Card,
    /// Whether it was taken away.
    pub removed: bool,
    /// When the provider described it so.
    pub provider_updated_at: Timestamp,
}

impl PaymentMethod {
    /// The one that `fact` describes for the first time. One that is gone is kept as well, so that older news does not
    /// bring it back.
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

    /// Takes over what `fact` says, unless it is older than what is kept. Of two descriptions of one second, the one
    /// that takes it away wins. Says whether anything changed.
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
