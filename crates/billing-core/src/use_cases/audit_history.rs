//! Audits the whole history, piece by piece.

use std::time::Duration;

use uuid::Uuid;

use super::verify_checkpoints::{CheckpointReport, VerifyCheckpoints, verify_checkpoints};
use super::verify_ledger::{LedgerReport, VerifyLedger, verify_ledger};
use crate::BillingError;
use crate::billing::Ports;
use crate::ledger::audit::AuditWalk;
use crate::ports::{AuditScope, Lease, StoreError};
use crate::values::Timestamp;

/// The accounts of a piece.
const PIECE: u32 = 500;
/// The seconds for which a process has the audit to itself.
const LEASE: i64 = 60;
const NAME: &str = "audit_history";

/// The result of a piece of the audit of the whole history.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HistoryReport {
    /// The checkpoints.
    pub checkpoints: CheckpointReport,
    /// The accounts.
    pub accounts: LedgerReport,
    /// Whether the whole history has been audited once more.
    pub whole: bool,
}

/// Audits the next piece of the whole history, if it is due and no other process does; freezes accounts with
/// violations. The whole takes `days` days at most, as far as the database allows.
///
/// # Errors
///
/// [`BillingError::Store`]; the piece is repeated.
pub(crate) async fn audit_history(
    ports: &Ports,
    holder: Uuid,
    days: u32,
) -> Result<Option<HistoryReport>, BillingError> {
    let began = ports.clock.now();
    let kept = match ports.store.audit.audit_walk().await {
        // Start again: that only costs time.
        Err(StoreError::Corrupt(_)) => None,
        kept => kept?,
    };
    let walk = match kept {
        Some(walk) if walk.is_waiting(began) => return Ok(None),
        Some(walk) => walk,
        None => AuditWalk::begin(began, ports.store.audit.count_accounts().await?),
    };
    let lease = Lease { name: NAME.to_owned(), holder, expires_at: began.plus_seconds(LEASE) };
    if !ports.store.jobs.acquire_lease(lease, began).await? {
        return Ok(None);
    }
    let piece = next_piece(ports, walk, began, days).await;
    // On failure the lease expires.
    ports.store.jobs.release_lease(NAME, holder).await?;
    piece.map(Some)
}

async fn next_piece(
    ports: &Ports,
    walk: AuditWalk,
    began: Timestamp,
    days: u32,
) -> Result<HistoryReport, BillingError> {
    let after = walk.checkpoint;
    let checkpoints = verify_checkpoints(ports, VerifyCheckpoints { after, freeze: true }).await?;
    let (scope, whole, freeze) = (AuditScope::All, true, true);
    let ask = VerifyLedger { scope, whole, freeze, after: walk.account, limit: PIECE, parallel: 1 };
    let accounts = verify_ledger(ports, ask).await?;
    let now = ports.clock.now();
    let took = Duration::from_micros(now.micros().saturating_sub(began.micros()).unsigned_abs());
    let whole = checkpoints.last.is_none() && accounts.last.is_none();
    let next = if whole {
        AuditWalk::again(now, ports.store.audit.count_accounts().await?)
    } else {
        walk.behind(checkpoints.last, accounts.last, accounts.accounts)
    };
    let rest = i64::try_from(next.rest(took, now, days).as_micros()).unwrap_or(i64::MAX);
    let next_at = next.next_at.max(Timestamp::from_micros(now.micros().saturating_add(rest)));
    ports.store.audit.keep_audit_walk(AuditWalk { next_at, ..next }).await?;
    Ok(HistoryReport { checkpoints, accounts, whole })
}
