//! Rows of audits' positions.

use billing_core::ledger::audit::{AuditProgress, AuditWalk};
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, Credits};

use super::read::{Reader, at};
use crate::entity::{audit_progress, audit_walk};

/// The id of the only row.
pub(crate) const WALK: i64 = 1;

pub(crate) fn progress_model(mark: &AuditProgress) -> audit_progress::Model {
    audit_progress::Model {
        account_id: mark.account.uuid(),
        seq: mark.seq,
        posted: mark.posted.get(),
        owed_before: mark.owed_before.get(),
        head: mark.head.bytes().to_vec(),
        usages: mark.usages,
        usage_head: mark.usage_head.bytes().to_vec(),
        last_at: mark.last_at.micros(),
    }
}

pub(crate) fn read_progress(row: &audit_progress::Model) -> Result<AuditProgress, StoreError> {
    let read = Reader::new("audit_progress", row.account_id);
    Ok(AuditProgress {
        account: AccountId::from_uuid(row.account_id),
        seq: row.seq,
        posted: Credits::new(row.posted),
        owed_before: Credits::new(row.owed_before),
        head: read.hash("head", &row.head)?,
        usages: row.usages,
        usage_head: read.hash("usage_head", &row.usage_head)?,
        last_at: at(row.last_at),
    })
}

pub(crate) fn walk_model(walk: &AuditWalk) -> audit_walk::Model {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    audit_walk::Model {
        id: WALK,
        begun_at: walk.begun_at.micros(),
        next_at: walk.next_at.micros(),
        accounts: number(walk.accounts.0),
        checked: number(walk.accounts.1),
        checkpoint: walk.checkpoint.map(|(number, _)| number),
        checkpoint_hash: walk.checkpoint.map(|(_, hash)| hash.bytes().to_vec()),
        account_id: walk.account.map(AccountId::uuid),
    }
}

pub(crate) fn read_walk(row: &audit_walk::Model) -> Result<AuditWalk, StoreError> {
    let read = Reader::new("audit_walk", row.id);
    let hash = read.hash_or_none("checkpoint_hash", row.checkpoint_hash.as_deref())?;
    Ok(AuditWalk {
        begun_at: at(row.begun_at),
        next_at: at(row.next_at),
        accounts: (row.accounts.unsigned_abs(), row.checked.unsigned_abs()),
        checkpoint: row.checkpoint.zip(hash),
        account: row.account_id.map(AccountId::from_uuid),
    })
}
