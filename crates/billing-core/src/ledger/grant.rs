//! Credits given at one moment from one source.

use super::Source;
use crate::values::{
    AccountId, BusinessKey, Credits, GrantId, OrderId, PostingKey, SubscriptionId, Timestamp,
};

/// Credits given, and what is left of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The grant's id.
    pub id: GrantId,
    /// Whose it is.
    pub account: AccountId,
    /// How many credits were given; at least 1.
    pub amount: Credits,
    /// How many of them are left.
    pub remaining: Credits,
    /// What brought them.
    pub source: Source,
    /// Which grants burn first: 0 before 1. Frozen when the grant is made.
    pub priority: i16,
    /// From when on they count and can be spent.
    pub effective_at: Timestamp,
    /// The first moment at which they are gone.
    pub expires_at: Option<Timestamp>,
    /// The business fact behind them; no other grant of any account has the same.
    pub business_key: BusinessKey,
    /// The posting that made the grant.
    pub posting_key: PostingKey,
    /// What they came from.
    pub origin: Origin,
    /// In a customer's words, what they are for.
    pub description: String,
    /// Whether the entry that counts them has been posted.
    pub activated: bool,
    /// Whether time or a spend can still change them: true until they are used up or expired.
    pub live: bool,
    /// When the grant was recorded.
    pub created_at: Timestamp,
}

/// What a grant came from, where that is something of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Origin {
    /// The order that paid for it.
    pub order: Option<OrderId>,
    /// The subscription whose period it is.
    pub subscription: Option<SubscriptionId>,
}

impl Grant {
    /// What can be spent of it now.
    pub fn spendable(&self) -> Credits {
        if self.live && self.activated { self.remaining } else { Credits::ZERO }
    }

    /// The next moment at which time alone changes it.
    pub(super) fn next_change_at(&self) -> Option<Timestamp> {
        match (self.live, self.activated) {
            (false, _) => None,
            (true, false) => Some(self.effective_at),
            (true, true) => self.expires_at,
        }
    }
}
