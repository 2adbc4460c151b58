//! A customer of the host product.

use super::ExternalId;
use crate::ledger::TextKey;
use crate::subscriptions::SubscriptionRef;
use crate::values::{AccountId, Credits, IdSource, Metadata, Timestamp};

/// A customer of the host product, the owner of one ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Our id; never changes, never leaves the service.
    pub id: AccountId,
    /// The host product's id; never changes.
    pub external_id: ExternalId,
    /// Where receipts go; shown to payment providers.
    pub email: Option<String>,
    /// What the customer is called; shown to payment providers.
    pub name: Option<String>,
    /// The customer's IANA time zone, for local days.
    pub timezone: Option<String>,
    /// Whether the account is provisioned for credits at all.
    pub credits_enabled: bool,
    /// How many credits the customer may owe by spending; 0 for none.
    pub overdraft_limit: Credits,
    /// Why nothing moves until an operator has looked, if so.
    pub frozen: Option<String>,
    /// The one subscription that counts for it, from its first payment or trial until it ends. Another one that is paid
    /// beside it grants nothing.
    pub active_subscription: Option<SubscriptionRef>,
    /// Until when the credits of the plan that costs nothing were given, where there is one.
    pub free_until: Option<Timestamp>,
    /// The host product's own notes.
    pub metadata: Metadata,
    /// The salt of the free text in its history; replaced when that is erased.
    pub text_key: TextKey,
    /// When it was first seen.
    pub created_at: Timestamp,
    /// How often it was written; 0 before the first time.
    pub version: i64,
}

impl Account {
    /// An account that nobody has seen before: credits on, nothing else known.
    pub fn new(external_id: ExternalId, ids: &dyn IdSource, now: Timestamp) -> Self {
        Self {
            id: AccountId::new(ids),
            external_id,
            email: None,
            name: None,
            timezone: None,
            credits_enabled: true,
            overdraft_limit: Credits::ZERO,
            frozen: None,
            active_subscription: None,
            free_until: None,
            metadata: Metadata::default(),
            text_key: TextKey::new(ids),
            created_at: now,
            version: 0,
        }
    }
}
