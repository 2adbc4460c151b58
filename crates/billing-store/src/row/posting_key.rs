//! Rows of postings' keys.
//!
//! A key is stored in the row of the posting's first entry, or in a row of its own if the posting has none. It is
//! stored as a hash; its text is on the entries.

use billing_core::ledger::{NewLine, RecordedPosting};
use billing_core::values::{Fingerprint, PostingKey};
use sea_orm::prelude::Uuid;

use super::seen::seen_json;
use crate::entity::posting_keys;

/// The first half of the SHA-256 of a key. Collisions within one account do not occur: they take 2^64 keys.
pub(crate) fn key_hash(key: &PostingKey) -> Uuid {
    let hash = Fingerprint::of([key.as_str().as_bytes()]);
    let (halves, _) = hash.bytes().as_chunks::<16>();
    Uuid::from_bytes(halves.first().copied().unwrap_or_default())
}

/// The key columns of an entry that starts a posting; empty for others.
#[derive(Default)]
pub(crate) struct KeyColumns {
    pub(crate) key_hash: Option<Uuid>,
    pub(crate) fingerprint: Option<[u8; 32]>,
    pub(crate) available: Option<i64>,
    pub(crate) last_seq: Option<i64>,
    pub(crate) grants: Option<i64>,
    pub(crate) seen: Option<String>,
}

impl KeyColumns {
    /// Omits values that the entry has itself.
    pub(crate) fn of(line: &NewLine<'_>) -> Self {
        let Some(posting) = line.posting else { return Self::default() };
        let (available, last, grants) = (posting.available, posting.last_seq(), grants_of(posting));
        Self {
            key_hash: Some(key_hash(&posting.key)),
            fingerprint: Some(*posting.fingerprint.bytes()),
            available: (available != line.entry.available_after).then_some(available.get()),
            last_seq: (last != line.entry.seq).then_some(last),
            grants: (grants > 0).then_some(grants),
            seen: seen_json(posting),
        }
    }
}

/// The row of the key of a posting without entries.
pub(crate) fn posting_key_model(posting: &RecordedPosting) -> posting_keys::Model {
    posting_keys::Model {
        account_id: posting.account.uuid(),
        key_hash: key_hash(&posting.key),
        fingerprint: posting.fingerprint.bytes().to_vec(),
        available: posting.available.get(),
        grants: grants_of(posting),
        seen: seen_json(posting),
    }
}

/// The number of its grants.
fn grants_of(posting: &RecordedPosting) -> i64 {
    i64::try_from(posting.grants.len()).unwrap_or(i64::MAX)
}
