//! Postings and their outcomes.

use super::{Actor, Charge, Command, Entry, Grant, HoldSeen, Refusal, UsageRecord};
use crate::values::{AccountId, Credits, Fingerprint, PostingKey};

/// Commands on one account under one key, applied atomically.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// The account.
    pub account: AccountId,
    /// The key under which the posting is recorded permanently.
    pub key: PostingKey,
    /// The request's fingerprint; a repeated request must have the same.
    pub fingerprint: Fingerprint,
    /// The actor.
    pub actor: Actor,
    /// The commands, in order; at least one.
    pub commands: Vec<Command>,
}

impl Posting {
    /// Persists the due changes of `account`: expiries, lapses, starts. Every posting does that first; this is for
    /// accounts without other postings.
    ///
    /// It has no command, so its key is not recorded: if nothing is due, nothing is written.
    pub fn of_time(account: AccountId) -> Self {
        Self {
            account,
            key: PostingKey::of_time(),
            fingerprint: Fingerprint::of([]),
            actor: Actor::Time,
            commands: vec![Command::Advance],
        }
    }

    /// Whether all its commands are spends of amounts that happened now. The balance row and the first live grants
    /// suffice for the decision, so a store can post it optimistically.
    pub fn is_plain_spend(&self) -> bool {
        self.commands.iter().all(|command| match command {
            Command::Spend(spend) => {
                matches!(spend.charge, Charge::Credits(_)) && spend.occurred_at.is_none()
            }
            _ => false,
        })
    }

    /// Whether it has no command.
    pub(super) fn is_of_time(&self) -> bool {
        matches!(self.commands.as_slice(), [Command::Advance])
    }
}

/// An accepted posting, applied now or when its key was first used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The account.
    pub account: AccountId,
    /// Its entries, in order. Credits that start later have none yet. Entries of due changes are included only for
    /// [`Posting::of_time`].
    pub entries: Vec<Entry>,
    /// Its usage records, in order.
    pub usages: Vec<UsageRecord>,
    /// Its grants, in order.
    pub grants: Vec<Grant>,
    /// The holds that it placed or changed, as they were after it.
    pub holds: Vec<HoldSeen>,
    /// The available balance after it; for a repeated request, after the first one.
    pub available: Credits,
    /// Whether the key was recorded before, so that nothing was written now.
    pub replayed: bool,
}

/// The outcome of one posting.
pub type Outcome = Result<Posted, Refusal>;

/// The record of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedPosting {
    /// The key.
    pub key: PostingKey,
    /// The account.
    pub account: AccountId,
    /// The fingerprint of the first request.
    pub fingerprint: Fingerprint,
    /// The available balance after it.
    pub available: Credits,
    /// Its entries.
    pub entries: Vec<Entry>,
    /// Its usage records.
    pub usages: Vec<UsageRecord>,
    /// Its grants; what is left of them may have changed since.
    pub grants: Vec<Grant>,
    /// The holds that it placed or changed, as they were after it.
    pub holds: Vec<HoldSeen>,
}

impl RecordedPosting {
    /// The number of its first entry; 1 if it has none.
    pub fn first_seq(&self) -> i64 {
        self.entries.first().map_or(1, |entry| entry.seq)
    }

    /// The number of its last entry; 0 if it has none, so that the range is empty.
    pub fn last_seq(&self) -> i64 {
        self.entries.last().map_or(0, |entry| entry.seq)
    }

    /// The answer to a repeated request.
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
