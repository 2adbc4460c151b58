//! The burn order of grants.

use super::{Grant, Source};
use crate::values::{GrantId, Timestamp};

/// A grant's position in the burn order, a total order: priority; expiring before not expiring, earlier expiry first;
/// free credits before paid ones; earlier start; id.
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
    /// The position of `grant`.
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

    /// The grant at this position.
    pub(super) fn id(self) -> GrantId {
        self.id
    }
}
