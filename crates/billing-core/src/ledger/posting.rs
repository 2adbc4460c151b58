//! Several commands under one key, and what became of them.

use super::{Actor, Charge, Command, Entry, Grant, HoldSeen, Refusal, UsageRecord};
use crate::values::{AccountId, Credits, Fingerprint, PostingKey};

/// Commands to carry out on one account under one key: all of them, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Whose account.
    pub account: AccountId,
    /// The key under which the posting is recorded for good.
    pub key: PostingKey,
    /// What the request said; a repetition must say the same.
    pub fingerprint: Fingerprint,
    /// Who asks.
    pub actor: Actor,
    /// What to do, in order; at least one thing.
    pub commands: Vec<Command>,
}

impl Posting {
    /// Writes down what time has done to `account`: what expired, lapsed, began. Whatever posts does that first;
    /// this is for accounts that nothing else happens to.
    ///
    /// It asks for nothing, so nothing is kept of its key: where time has done nothing, nothing is written.
    pub fn of_time(account: AccountId) -> Self {
        Self {
            account,
            key: PostingKey::of_time(),
            fingerprint: Fingerprint::of([]),
            actor: Actor::Time,
            commands: vec![Command::Advance],
        }
    }

    /// Whether it only spends, by amount, now: an account's balance and the first of its live grants decide it, so
    /// that a store can carry it out without locks.
    pub fn is_plain_spend(&self) -> bool {
        self.commands.iter().all(|command| match command {
            Command::Spend(spend) => {
                matches!(spend.charge, Charge::Credits(_)) && spend.occurred_at.is_none()
            }
            _ => false,
        })
    }

    /// Whether it asks for nothing.
    pub(super) fn is_of_time(&self) -> bool {
        matches!(self.commands.as_slice(), [Command::Advance])
    }
}

/// A posting that was carried out, now or the first time its key was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Whose account.
    pub account: AccountId,
    /// The entries that it wrote, in order. Credits that count from a later moment on have none yet. What time
    /// did before is only among those of [`Posting::of_time`].
    pub entries: Vec<Entry>,
    /// The usage that it recorded, in order.
    pub usages: Vec<UsageRecord>,
    /// The grants that it made, in order.
    pub grants: Vec<Grant>,
    /// The holds that it placed or changed, as they were after it.
    pub holds: Vec<HoldSeen>,
    /// What could be spent after it; for a repetition, after the first time.
    pub available: Credits,
    /// Whether the key had been seen before, so that nothing was written now.
    pub replayed: bool,
}

/// What became of one posting.
pub type Outcome = Result<Posted, Refusal>;

/// What the ledger remembers of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedPosting {
    /// The key.
    pub key: PostingKey,
    /// Whose it is.
    pub account: AccountId,
    /// What the first request said.
    pub fingerprint: Fingerprint,
    /// What could be spent after it.
    pub available: Credits,
    /// The entries that it wrote.
    pub entries: Vec<Entry>,
    /// The usage that it recorded.
    pub usages: Vec<UsageRecord>,
    /// The grants that it made; what is left of them may have changed since.
    pub grants: Vec<Grant>,
    /// The holds that it placed or changed, as they were after it.
    pub holds: Vec<HoldSeen>,
}

impl RecordedPosting {
    /// The number of its first entry; 1 if it has none.
    pub fn first_seq(&self) -> i64 {
        self.entries.first().map_or(1, |entry| entry.seq)
    }

    /// The number of its last entry; 0 if it has none, so that no number is between the two.
    pub fn last_seq(&self) -> i64 {
        self.entries.last().map_or(0, |entry| entry.seq)
    }

    /// The answer to a repetition that says the same.
    pub(super) fn replay(&self) -> Posted {
        Posted {
            account: self.account,
            entries: self.entries.clone(),
            usages: self.usages.clone(),
            grants: self.grants.clone(),
            holds: self.holds.clone(),
            available: self.available,
            replayed: true,
        }
    }
}
