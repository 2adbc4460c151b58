//! API keys.

use billing_core::credentials::{ApiKey, KeyText, Scope, Scopes};
use billing_core::values::{AccountId, IdSource};

use super::noon;

/// A backend's key from `random`; nothing optional is set.
pub fn a_key(random: u8, ids: &dyn IdSource) -> ApiKey {
    let text = KeyText::new([random; 20]);
    ApiKey::new("Backend".to_owned(), &text, Scopes::new([Scope::CreditsWrite]), ids, noon())
}

/// A key that acts as `account`, with every field set.
pub fn a_full_key(random: u8, account: AccountId, ids: &dyn IdSource) -> ApiKey {
    ApiKey {
        scopes: Scopes::new([Scope::BillingRead, Scope::BillingWrite]),
        account: Some(account),
        expires_at: Some(noon().plus_days(30)),
        revoked_at: Some(noon().plus_days(1)),
        ..a_key(random, ids)
    }
}
