//! The burning grant: the grant that an account's spends draw on, whose remainder is stored in the balance row.
//!
//! A batch of plain spends writes the remainder of one grant per account to `balances.burning_left` and leaves the
//! grant's own row unchanged, which saves one update per account. The view `current_grants` shows the current values.
//! The grant's own row is written when spends draw on another grant, when the grant is used up, and by every batch with
//! more than plain spends; on Postgres by every batch that is applied under locks.

use billing_core::ledger::Grant;
use billing_core::values::{Credits, GrantId};
use sea_orm::sea_query::Alias;
use sea_orm::{EntityTrait, QuerySelect, Select};

use crate::entity::{balances, grants};

/// The remainder of a grant whose own row is stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BurningGrant {
    pub(super) grant: GrantId,
    pub(super) left: Credits,
}

impl BurningGrant {
    /// The burning grant in the balance row.
    pub(super) fn read(row: &balances::Model) -> Option<Self> {
        let burning = |(grant, left)| Self { grant: GrantId::from_uuid(grant), left: Credits::new(left) };
        row.burning_grant.zip(row.burning_left).map(burning)
    }
}

/// The changes that a batch of plain spends makes to one account's grants.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct GrantWrites {
    /// The new burning grant in the balance row.
    pub(super) burning: Option<BurningGrant>,
    /// The new values of the grants' own rows.
    pub(super) rows: Vec<BurningGrant>,
}

impl GrantWrites {
    /// The writes after spends have `changed` grants of an account whose balance row had `before`.
    pub(super) fn new(before: Option<BurningGrant>, changed: &[&Grant]) -> Self {
        let current = |grant: &&Grant| BurningGrant { grant: grant.id, left: grant.remaining };
        let drawn_on = changed.iter().rfind(|grant| grant.is_live()).map(current);
        let kept = before.filter(|before| changed.iter().all(|grant| grant.id != before.grant));
        let burning = drawn_on.or(kept);
        let rows = changed.iter().map(current).chain(kept).filter(|row| Some(*row) != burning).collect();
        Self { burning, rows }
    }
}

/// Selects grants with their current values. Every read of `remaining` has to use it.
pub(super) fn find_grants() -> Select<grants::Entity> {
    let mut find = grants::Entity::find();
    QuerySelect::query(&mut find).from_clear().from_as(Alias::new("current_grants"), grants::Entity);
    find
}
