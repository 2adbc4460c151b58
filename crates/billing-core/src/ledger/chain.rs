//! The hash that ties an account's entries together.
//!
//! Each entry's hash covers the entry, the grants it moved, what it owed, and the hash before it. Whoever
//! kept one hash can tell whether anything before it was changed since.

use sha2::{Digest, Sha256};

use super::{Allocation, DebtChange, Entry};

/// The SHA-256 of an account's history up to some entry.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChainHash([u8; 32]);

impl ChainHash {
    /// The hash before the first entry.
    pub const GENESIS: Self = Self([0; 32]);

    /// The hash that is kept as `bytes`; for stores that read a row.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to keep.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The hash of `entry` after this one. `parts` are the entry's allocations in the order of their grants'
    /// ids, `debts` its own changes of what is owed.
    ///
    /// What is hashed is one field after another, each with its length in front (64 bits, big endian), so
    /// that no two histories read the same. A field that is not there has the length 2^64 − 1.
    #[must_use]
    pub fn then<'a>(
        self,
        entry: &Entry,
        parts: impl IntoIterator<Item = &'a Allocation>,
        debts: impl IntoIterator<Item = &'a DebtChange>,
    ) -> Self {
        let mut hash = Fields(Sha256::new());
        hash.field(b"billing entry 1");
        hash.field(&self.0);
        hash.field(entry.account.uuid().as_bytes());
        hash.number(entry.seq);
        hash.field(entry.id.uuid().as_bytes());
        hash.field(entry.kind.as_str().as_bytes());
        hash.number(entry.amount.get());
        hash.number(entry.balance_after.get());
        hash.number(entry.available_after.get());
        hash.field(entry.description.as_bytes());
        hash.field(entry.actor.to_string().as_bytes());
        hash.optional(entry.posting_key.as_ref().map(|key| key.as_str().as_bytes()));
        hash.optional(entry.grant.as_ref().map(|grant| *grant.uuid().as_bytes()));
        hash.optional(entry.hold.as_ref().map(|hold| *hold.uuid().as_bytes()));
        hash.optional(entry.reverses.map(i64::to_be_bytes));
        hash.optional(entry.usage.as_ref().map(|usage| serde_json::to_vec(usage).unwrap_or_default()));
        hash.optional(entry.occurred_at.map(|at| at.micros().to_be_bytes()));
        let notes = entry.metadata.entries();
        hash.number(i64::try_from(notes.len()).unwrap_or(i64::MAX));
        for (name, text) in notes {
            hash.field(name.as_bytes());
            hash.field(text.as_bytes());
        }
        hash.number(entry.effective_at.micros());
        hash.number(entry.recorded_at.micros());
        for part in parts {
            hash.field(part.grant.uuid().as_bytes());
            hash.number(part.amount.get());
        }
        for debt in debts {
            hash.field(debt.id.uuid().as_bytes());
            hash.number(debt.amount.get());
        }
        Self(hash.0.finalize().into())
    }
}

struct Fields(Sha256);

impl Fields {
    fn field(&mut self, bytes: &[u8]) {
        self.0.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX - 1).to_be_bytes());
        self.0.update(bytes);
    }

    fn optional(&mut self, bytes: Option<impl AsRef<[u8]>>) {
        match bytes {
            Some(bytes) => self.field(bytes.as_ref()),
            None => self.0.update(u64::MAX.to_be_bytes()),
        }
    }

    fn number(&mut self, number: i64) {
        self.field(&number.to_be_bytes());
    }
}

impl std::fmt::Display for ChainHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl std::fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}
