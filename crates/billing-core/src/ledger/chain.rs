//! The hash chain of an account's entries.
//!
//! Each entry's hash covers the entry, its allocations, the terms of the grants it credits, its debts, the request
//! behind it, and the previous hash. A saved hash reveals any later change of the history before it. Usage forms a
//! second chain in the same way.

use super::hash_fields::HashFields;
use super::{Allocation, DebtChange, Entry, UsageRecord};
use crate::values::Fingerprint;

/// A SHA-256: of an account's history up to an entry, of a checkpoint, or of something that one of them covers.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChainHash([u8; 32]);

impl ChainHash {
    /// The hash before the first entry.
    pub const GENESIS: Self = Self([0; 32]);

    /// The hash with these stored `bytes`.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The hash of `entry` after this one. `text` is the digest of its free text, `fingerprint` that of the request
    /// behind its posting key. `parts` are its allocations in their stored order, each that credits a grant with the
    /// [`terms`](super::Grant::terms) of that grant; `debts` are its own debts.
    #[must_use]
    pub fn then<'a>(
        self,
        entry: &Entry,
        text: &Self,
        fingerprint: Option<&Fingerprint>,
        parts: impl IntoIterator<Item = (Allocation, Option<Self>)>,
        debts: impl IntoIterator<Item = &'a DebtChange>,
    ) -> Self {
        let mut hash = HashFields::begin(b"billing entry 1");
        hash.field(&self.0);
        hash.field(entry.account.uuid().as_bytes());
        hash.number(entry.seq);
        hash.field(entry.id.uuid().as_bytes());
        hash.field(entry.kind.as_str().as_bytes());
        hash.number(entry.amount.get());
        hash.number(entry.balance_after.get());
        hash.number(entry.available_after.get());
        hash.field(&text.0);
        hash.field(entry.actor.to_string().as_bytes());
        hash.optional(entry.posting_key.as_ref().map(|key| key.as_str().as_bytes()));
        hash.optional(fingerprint.map(Fingerprint::bytes));
        hash.optional(entry.grant.as_ref().map(|grant| *grant.uuid().as_bytes()));
        hash.optional(entry.hold.as_ref().map(|hold| *hold.uuid().as_bytes()));
        hash.optional(entry.reverses.map(i64::to_be_bytes));
        hash.optional(entry.usages.map(|(first, _)| first.to_be_bytes()));
        hash.optional(entry.usages.map(|(_, last)| last.to_be_bytes()));
        hash.optional(entry.occurred_at.map(|at| at.micros().to_be_bytes()));
        hash.number(entry.effective_at.micros());
        hash.number(entry.recorded_at.micros());
        for (part, terms) in parts {
            hash.field(part.grant.uuid().as_bytes());
            hash.number(part.amount.get());
            hash.optional(terms.map(|terms| terms.0));
        }
        for debt in debts {
            hash.field(debt.id.uuid().as_bytes());
            hash.number(debt.amount.get());
        }
        hash.end()
    }

    /// The hash of `usage` after this one, computed as that of an entry.
    #[must_use]
    pub fn then_usage(self, usage: &UsageRecord, text: &Self) -> Self {
        let mut hash = HashFields::begin(b"billing usage 1");
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
        hash.field(&text.0);
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
        hash.end()
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
