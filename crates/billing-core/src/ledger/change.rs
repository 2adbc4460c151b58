//! Changes by time.

use super::{Grant, Hold, Stage};
use crate::values::{GrantId, HoldId, Timestamp};

/// A time at which something changes. The order of changes: at one time holds lapse first, then grants end, then
/// grants start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Change {
    pub(super) at: Timestamp,
    rank: Rank,
    pub(super) subject: Subject,
}

/// The subject of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    /// A hold lapses.
    Hold(HoldId),
    /// A grant starts or ends.
    Grant(GrantId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Lapse,
    End,
    Begin,
}

impl Change {
    pub(super) fn of_grant(grant: &Grant) -> Option<Self> {
        let rank = if grant.stage == Stage::Upcoming { Rank::Begin } else { Rank::End };
        Some(Self { at: grant.next_change_at()?, rank, subject: Subject::Grant(grant.id) })
    }

    pub(super) fn of_hold(hold: &Hold) -> Option<Self> {
        Some(Self { at: hold.next_change_at()?, rank: Rank::Lapse, subject: Subject::Hold(hold.id) })
    }
}
