//! The hash that ties an account's entries together.
//!
//! Each entry's hash covers the entry, the grants it moved, what it owed, and the hash before it. Whoever
//! kept one hash can tell whether anything before it was changed since. Usage forms a second chain in the same way.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::{Allocation, DebtChange, Entry, UsageRecord};

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
        hash.optional(entry.usages.map(|(first, _)| first.to_be_bytes()));
        hash.optional(entry.usages.map(|(_, last)| last.to_be_bytes()));
        hash.optional(entry.occurred_at.map(|at| at.micros().to_be_bytes()));
        hash.texts(entry.metadata.entries());
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

    /// The hash of `usage` after this one, made as that of an entry.
    #[must_use]
    pub fn then_usage(self, usage: &UsageRecord) -> Self {
        let mut hash = Fields(Sha256::new());
        hash.field(b"billing usage 1");
        hash.field(&self.0);
        hash.field(usage.account.uuid().as_bytes());
        hash.number(usage.number);
        hash.field(usage.id.uuid().as_bytes());
        hash.optional(usage.entry.map(i64::to_be_bytes));
        hash.field(usage.quote.to_string().as_bytes());
        hash.field(usage.meter.as_bytes());
        hash.texts(&usage.dimensions);
        let units =
            usage.quantities.iter().map(|(name, units)| (name.clone(), units.normalize().to_string()));
        hash.texts(&units.collect());
        hash.number(usage.price);
        hash.number(usage.credits.get());
        hash.number(usage.uncovered.get());
        hash.number(i64::from(usage.carried));
        hash.field(usage.kind.as_str().as_bytes());
        hash.field(usage.description.as_bytes());
        hash.texts(usage.metadata.entries());
        hash.field(usage.actor.to_string().as_bytes());
        hash.optional(usage.posting_key.as_ref().map(|key| key.as_str().as_bytes()));
        hash.optional(usage.hold.as_ref().map(|hold| *hold.uuid().as_bytes()));
        hash.optional(usage.returns.map(i64::to_be_bytes));
        hash.number(usage.occurred_at.micros());
        hash.number(usage.recorded_at.micros());
        hash.number(usage.markup);
        hash.number(i64::try_from(usage.months.len()).unwrap_or(i64::MAX));
        for (quantity, position) in &usage.months {
            hash.field(quantity.as_bytes());
            hash.field(position.month.to_string().as_bytes());
            hash.field(position.rate.as_bytes());
            hash.field(position.before.normalize().to_string().as_bytes());
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

    fn texts(&mut self, texts: &BTreeMap<String, String>) {
        self.number(i64::try_from(texts.len()).unwrap_or(i64::MAX));
        for (name, text) in texts {
            self.field(name.as_bytes());
            self.field(text.as_bytes());
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
