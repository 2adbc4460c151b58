//! Which grants burn first.

use super::{Grant, Source};
use crate::values::{GrantId, Timestamp};

/// A grant's place in the burn order, total to the last tie: priority; what expires before what does not,
/// sooner before later; what was given before what was paid; effective earlier; id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BurnOrder {
    priority: i16,
    never_expires: bool,
    expires_at: Option<Timestamp>,
    source_rank: u8,
    effective_at: Timestamp,
    id: GrantId,
}

impl BurnOrder {
    /// Where `grant` stands.
    pub fn of(grant: &Grant) -> Self {
        Self {
            priority: grant.priority,
            never_expires: grant.expires_at.is_none(),
            expires_at: grant.expires_at,
            source_rank: Source::burn_rank(grant.source),
            effective_at: grant.effective_at,
            id: grant.id,
        }
    }

    /// The grant that stands there.
    pub(super) fn id(self) -> GrantId {
        self.id
    }
}
