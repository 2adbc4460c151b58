//! Persists due changes.

use super::run_items::{Settled, run_items};
use crate::BillingError;
use crate::billing::Ports;
use crate::jobs::{Job, JobReport};
use crate::ledger::Posting;
use crate::ports::{DueItem, DueQuery};
use crate::values::{AccountId, Timestamp};

/// The number of accounts of a run.
const BATCH: u32 = 200;

/// Persists the account's due changes before its lists are read: one indexed read if nothing is due.
///
/// If the write fails, the persisted state is served.
///
/// # Errors
///
/// [`BillingError::Store`] if the store cannot be read.
pub(super) async fn catch_up(ports: &Ports, account: AccountId, now: Timestamp) -> Result<(), BillingError> {
    let kept = ports.store.balances.balance(account).await?.filter(|kept| !kept.frozen);
    if kept.and_then(|kept| kept.next_change_at).is_some_and(|at| at <= now) {
        let _ = ports.store.ledger.post(vec![Posting::of_time(account)], now).await;
    }
    Ok(())
}

/// Persists the due changes of up to 200 accounts, the longest overdue first. No answer depends on it, because reads
/// advance an account in memory. It serves histories and sums over all accounts.
///
/// All are posted together; only if that fails each is posted separately, so that only the failing account is
/// rescheduled.
///
/// # Errors
///
/// As [`run_due_items`](super::run_items::run_due_items).
pub(crate) async fn run_expiry(ports: &Ports) -> Result<JobReport, BillingError> {
    let now = ports.clock.now();
    let due = ports.store.jobs.due(&DueQuery { job: Job::Expiry, by: now, now, limit: BATCH }).await?;
    // Items that failed before must not fail the others.
    let (fresh, failed): (Vec<_>, Vec<_>) = due.into_iter().partition(|item| item.attempts == 0);
    let postings = fresh.iter().map(|item| Posting::of_time(AccountId::from_uuid(item.id))).collect();
    let posted = if fresh.is_empty() { Ok(Vec::new()) } else { ports.store.ledger.post(postings, now).await };
    let mut report = JobReport::default();
    let mut alone = failed;
    match posted {
        Ok(outcomes) => {
            for (item, outcome) in fresh.into_iter().zip(outcomes) {
                match outcome {
                    Ok(_) => report.done = report.done.saturating_add(1),
                    Err(_) => alone.push(item),
                }
            }
        }
        Err(_) => alone.extend(fresh),
    }
    let attempt = |item: DueItem| pass_time(ports, AccountId::from_uuid(item.id));
    Ok(report.plus(run_items(ports, Job::Expiry, alone, attempt).await?))
}

async fn pass_time(ports: &Ports, account: AccountId) -> Result<Settled, BillingError> {
    for outcome in ports.store.ledger.post(vec![Posting::of_time(account)], ports.clock.now()).await? {
        outcome?;
    }
    Ok(Settled::Done)
}
