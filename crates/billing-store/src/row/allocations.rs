//! What an entry moved, in a column of the entry: `[["<grant>", -5], …]`, in the order in which it was drawn.

use billing_core::ledger::Allocation;
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, Credits, GrantId};
use sea_orm::prelude::Uuid;

use super::read::{Reader, to_json};
use crate::entity::entries;

pub(crate) fn allocations_json(parts: &[Allocation]) -> String {
    let parts: Vec<(Uuid, i64)> = parts.iter().map(|part| (part.grant.uuid(), part.amount.get())).collect();
    to_json(&parts)
}

/// The grants that the entry `id` moved, each with how much.
pub(crate) fn read_parts(id: Uuid, allocations: &str) -> Result<Vec<(Uuid, i64)>, StoreError> {
    Reader::new("entries", id).json("allocations", allocations)
}

pub(crate) fn read_allocations(row: &entries::Model) -> Result<Vec<Allocation>, StoreError> {
    let parts = read_parts(row.id, &row.allocations)?;
    let part = |((grant, amount), position)| Allocation {
        account: AccountId::from_uuid(row.account_id),
        seq: row.seq,
        position,
        grant: GrantId::from_uuid(grant),
        amount: Credits::new(amount),
    };
    Ok(parts.into_iter().zip(0_u16..).map(part).collect())
}
