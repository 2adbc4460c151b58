//! A customer of the host product.

use super::ExternalId;
use crate::ledger::TextKey;
use crate::subscriptions::SubscriptionRef;
use crate::values::{AccountId, Credits, IdSource, Metadata, Timestamp};

/// A customer of the host product, the owner of one ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Our id; immutable and internal.
    pub id: AccountId,
    /// The host product's id; immutable.
    pub external_id: ExternalId,
    /// The address for receipts; sent to payment providers.
    pub email: Option<String>,
    /// The customer's name; sent to payment providers.
    pub name: Option<String>,
    /// The customer's IANA time zone, for local days.
    pub timezone: Option<String>,
    /// Whether the account can have credits.
    pub credits_enabled: bool,
    /// How far below zero spends may take the balance; 0 for no overdraft.
    pub overdraft_limit: Credits,
    /// The reason why the account is frozen, if it is.
    pub frozen: Option<String>,
    /// The account's active subscription, from its first payment or trial until its end. A second one that is paid
    /// grants nothing.
    pub active_subscription: Option<SubscriptionRef>,
    /// The end of the last free month that was granted, if there is a free plan.
    pub free_until: Option<Timestamp>,
    /// The host product's metadata.
    pub metadata: Metadata,
    /// The salt of the free text in its history; replaced when the text is erased.
    pub text_key: TextKey,
    /// When it was first seen.
    pub created_at: Timestamp,
    /// The row's version; 0 if not stored yet.
    pub version: i64,
}

impl Account {
    /// A new account: credits enabled, nothing else known.
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
