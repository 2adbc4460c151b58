//! The grant that an account's spends draw on, of which the kept row says what is left.
//!
//! A batch of plain spends writes what is left of one grant an account into `balances.burning_left` and leaves the
//! grant's own row as it was: one row less is updated for every account. The view `current_grants` shows grants as they
//! are. The own row is written when spends draw on another grant, when the grant is used up, and by every batch that is
//! more than plain spends; on Postgres by every batch that is carried out under locks.

use billing_core::ledger::Grant;
use billing_core::values::{Credits, GrantId};
use sea_orm::sea_query::Alias;
use sea_orm::{EntityTrait, QuerySelect, Select};

use crate::entity::{balances, grants};

/// What is left of a grant whose own row is out of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BurningGrant {
    pub(super) grant: GrantId,
    pub(super) left: Credits,
}

impl BurningGrant {
    /// What the kept row says.
    pub(super) fn read(row: &balances::Model) -> Option<Self> {
        let burning = |(grant, left)| Self { grant: GrantId::from_uuid(grant), left: Credits::new(left) };
        row.burning_grant.zip(row.burning_left).map(burning)
    }
}

/// What a batch of plain spends writes of one account's grants.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct GrantWrites {
    /// What the kept row says from now on.
    pub(super) burning: Option<BurningGrant>,
    /// What the grants' own rows say from now on.
    pub(super) rows: Vec<BurningGrant>,
}

impl GrantWrites {
    /// After spends have left `changed` of an account whose kept row said `before`.
    pub(super) fn new(before: Option<BurningGrant>, changed: &[&Grant]) -> Self {
        let current = |grant: &&Grant| BurningGrant { grant: grant.id, left: grant.remaining };
        let drawn_on = changed.iter().rfind(|grant| grant.is_live()).map(current);
        let kept = before.filter(|before| changed.iter().all(|grant| grant.id != before.grant));
        let burning = drawn_on.or(kept);
        let rows = changed.iter().map(current).chain(kept).filter(|row| Some(*row) != burning).collect();
        Self { burning, rows }
    }
}

/// Finds grants as they are. Whoever reads a grant's `remaining` reads it so.
pub(super) fn find_grants() -> Select<grants::Entity> {
    let mut find = grants::Entity::find();
    QuerySelect::query(&mut find).from_clear().from_as(Alias::new("current_grants"), grants::Entity);
    find
}
