//! Accounts.

use billing_core::accounts::{Account, ExternalId};
use billing_core::payments::Channel;
use billing_core::subscriptions::SubscriptionRef;
use billing_core::values::IdSource;

use super::{metadata, noon};

/// An external id.
pub fn an_external_id(name: &str) -> ExternalId {
    ExternalId::parse(name).unwrap()
}

/// An account with nothing but its external id.
pub fn an_account(name: &str, ids: &dyn IdSource) -> Account {
    Account::new(an_external_id(name), ids, noon())
}

/// An account with every field set.
pub fn a_full_account(name: &str, ids: &dyn IdSource) -> Account {
    Account {
        email: Some("ada@example.com".to_owned()),
        name: Some("Ada Lovelace 🦉".to_owned()),
        timezone: Some("Europe/Berlin".to_owned()),
        credits_enabled: false,
        active_subscription: Some(SubscriptionRef::new(Channel::named("stripe"), "sub:1")),
        free_until: Some(noon().plus_days(12)),
        metadata: metadata([("tier", "gold"), ("größe", "\"quoted\" \\ and 'so'")]),
        ..an_account(name, ids)
    }
}
