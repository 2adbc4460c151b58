//! Verifies checkpoints.

use std::collections::BTreeSet;

use super::verify_ledger::{LedgerReport, found};
use crate::BillingError;
use crate::billing::Ports;
use crate::ledger::audit::Violation;
use crate::ledger::{ChainHash, CheckpointAuditor, CheckpointCopy, CheckpointRecord};
use crate::ports::StoreError;
use crate::values::AccountId;

/// The number of checkpoints in memory at once.
const PAGE: u32 = 20;

/// A verification of checkpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VerifyCheckpoints {
    /// The checkpoint to continue after: its number and hash, from the previous report.
    pub after: Option<(i64, ChainHash)>,
    /// Whether accounts without a proven history are frozen.
    pub freeze: bool,
}

/// The result of a verification of checkpoints.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckpointReport {
    /// The number of verified checkpoints.
    pub checkpoints: u64,
    /// The violations.
    pub violations: Vec<String>,
    /// The affected accounts.
    pub accounts: LedgerReport,
    /// The position to continue from; `None` at the end.
    pub last: Option<(i64, ChainHash)>,
}

/// Verifies some checkpoints in order, each with its copy outside if there is one; none if no keys are configured.
/// Call again with the report's last one while there is one.
///
/// # Errors
///
/// [`BillingError::Store`] if the database or the copies could not be read; safe to retry.
pub(crate) async fn verify_checkpoints(
    ports: &Ports,
    ask: VerifyCheckpoints,
) -> Result<CheckpointReport, BillingError> {
    let Some(keys) = &ports.checkpoint_keys else { return Ok(CheckpointReport::default()) };
    let number = ask.after.map_or(0, |(number, _)| number);
    let records = ports.store.checkpoints.checkpoints(number, PAGE).await?;
    let mut report = CheckpointReport::default();
    let copies = match ports.checkpoint_copies.after(number, PAGE).await {
        // The database is verified in any case.
        Err(StoreError::CheckpointCopies(what)) => {
            report.violations.extend(ask.after.is_none().then(|| format!("copies cannot be read: {what}")));
            Vec::new()
        }
        copies => copies?,
    };
    let end = end_of_page(&records, &copies);
    let (mut records, mut copies) = (records.iter().peekable(), copies.iter().peekable());
    let mut auditor = CheckpointAuditor::after(keys, ask.after);
    let mut covered = BTreeSet::new();
    loop {
        let numbers =
            [records.peek().map(|record| number_of(&record.copy)), copies.peek().copied().map(number_of)];
        let Some(next) = numbers.into_iter().flatten().min().filter(|next| *next <= end) else { break };
        let copy = copies.next_if(|copy| number_of(copy) == next);
        covered.extend(copy.iter().flat_map(|copy| copy.index.heads()).map(|head| head.account));
        if let Some(record) = records.peek().filter(|record| number_of(&record.copy) == next) {
            covered.extend(record.copy.index.heads().iter().map(|head| head.account));
            covered.extend(record.heads.iter().map(|head| head.account));
        }
        match (records.next_if(|record| number_of(&record.copy) == next), copy) {
            (Some(record), copy) => auditor.read(record, copy),
            (None, Some(copy)) => {
                auditor.missing(copy, &ports.store.checkpoints.checkpoint_heads(next).await?);
            }
            (None, None) => break,
        }
        report.checkpoints = report.checkpoints.saturating_add(1);
    }
    let covered: Vec<AccountId> = covered.into_iter().collect();
    for account in ports.store.audit.without_ledger(&covered).await? {
        report.violations.push(format!("checkpoints cover {account}, which has no ledger any more"));
    }
    let (violations, last) = auditor.finish();
    for violation in violations {
        for account in violation.accounts {
            let what = violation.what.clone();
            found(ports, account, &[Violation { account, what }], ask.freeze, &mut report.accounts).await?;
        }
        report.violations.push(violation.what);
    }
    report.last = last.filter(|_| report.checkpoints > 0);
    Ok(report)
}

fn number_of(copy: &CheckpointCopy) -> i64 {
    copy.checkpoint.number
}

/// The number up to which both pages are complete.
fn end_of_page(records: &[CheckpointRecord], copies: &[CheckpointCopy]) -> i64 {
    let full = |count: usize| u64::try_from(count).is_ok_and(|count| count >= u64::from(PAGE));
    let records = records.last().filter(|_| full(records.len())).map(|record| number_of(&record.copy));
    let copies = copies.last().filter(|_| full(copies.len())).map(number_of);
    records.into_iter().chain(copies).min().unwrap_or(i64::MAX)
}
