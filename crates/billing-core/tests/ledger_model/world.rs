//! The accounts of these tests, their settings, and what is asked of them.

use billing_core::ledger::{Actor, Command, Posting};
use billing_core::values::{AccountId, Fingerprint, PostingKey, RequestKey, Timestamp};

/// An account's settings from now on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy {
    pub(crate) account: usize,
    pub(crate) overdraft_limit: i64,
    pub(crate) frozen: bool,
}

/// When every history begins: a little before a month ends.
pub(crate) fn begin() -> Timestamp {
    "2026-04-30T23:59:40Z".parse().unwrap()
}

/// The accounts that exist.
pub(crate) fn accounts() -> [AccountId; 2] {
    [1, 2].map(|number| AccountId::from_uuid(uuid::Uuid::from_u128(number)))
}

/// An account that no ledger of these tests has.
pub(crate) fn nobody() -> AccountId {
    AccountId::from_uuid(uuid::Uuid::from_u128(404))
}

pub(crate) fn posting(account: AccountId, key: &str, commands: Vec<Command>) -> Posting {
    Posting {
        account,
        key: PostingKey::of_request(&RequestKey::parse(key).unwrap()),
        fingerprint: Fingerprint::of([format!("{commands:?}").as_bytes()]),
        actor: Actor::User,
        commands,
    }
}
