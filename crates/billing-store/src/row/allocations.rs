//! Allocations in a column of the entry: grant and amount, in drawing order.

use billing_core::ledger::Allocation;
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, Credits, GrantId};
use sea_orm::prelude::Uuid;

use super::read::Reader;
use crate::entity::entries;

/// 16 bytes of the grant's id and 8 of the amount, big endian, per allocation.
pub(crate) fn allocations_bytes(parts: &[Allocation]) -> Vec<u8> {
    let part = |part: &Allocation| {
        let (grant, amount) = (part.grant.uuid(), part.amount.get());
        grant.into_bytes().into_iter().chain(amount.to_be_bytes())
    };
    parts.iter().flat_map(part).collect()
}

/// The allocations of the entry `id`: grants and amounts.
pub(crate) fn read_parts(id: Uuid, allocations: &[u8]) -> Result<Vec<(Uuid, i64)>, StoreError> {
    let (parts, rest) = allocations.as_chunks::<24>();
    if !rest.is_empty() {
        let problem = format!("{} bytes are no list of grants", allocations.len());
        return Err(Reader::new("entries", id).corrupt("allocations", problem));
    }
    let part = |part: &[u8; 24]| {
        let (grant, amount) = part.split_first_chunk::<16>()?;
        Some((Uuid::from_bytes(*grant), i64::from_be_bytes(*amount.first_chunk()?)))
    };
    Ok(parts.iter().filter_map(part).collect())
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
