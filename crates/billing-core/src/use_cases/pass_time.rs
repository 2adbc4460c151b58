//! Write down what time has done.

use super::run_inbox::JobReport;
use crate::BillingError;
use crate::billing::Ports;
use crate::ledger::Posting;
use crate::ports::StoreError;
use crate::values::{AccountId, Timestamp};

/// How many accounts are taken at once.
const BATCH: u32 = 200;

/// Writes down what time has done to the account, where there is something, for a reader of its lists: with one
/// indexed row read, and nothing else where nothing is due.
///
/// Who cannot write reads all the same: the list is then as it was last written.
///
/// # Errors
///
/// [`BillingError::Store`] if the store cannot be read.
pub(super) async fn catch_up(ports: &Ports, account: AccountId, now: Timestamp) -> Result<(), BillingError> {
    let kept = ports.balances.balance(account).await?.filter(|kept| !kept.frozen);
    if kept.and_then(|kept| kept.next_change_at).is_some_and(|at| at <= now) {
        let _ = ports.ledger.post(vec![Posting::of_time(account)], now).await;
    }
    Ok(())
}

/// Writes down what time has done to up to 200 accounts, the longest overdue first. No right answer depends on
/// it: whoever looks at an account sees what time has done. It is for histories and sums over all accounts.
///
/// # Errors
///
/// [`BillingError::Store`] if the store failed; what was done stays done.
pub(crate) async fn run_expiry(ports: &Ports) -> Result<JobReport, BillingError> {
    let now = ports.clock.now();
    let due = ports.reports.accounts_due(now, BATCH).await?;
    let mut report = JobReport::default();
    if due.is_empty() {
        return Ok(report);
    }
    match ports.ledger.post(due.iter().copied().map(Posting::of_time).collect(), now).await {
        Ok(outcomes) => outcomes.iter().for_each(|outcome| report.count(outcome.is_ok())),
        // One account that cannot be read must not stop the others.
        Err(StoreError::Corrupt(_)) => {
            for account in due {
                match ports.ledger.post(vec![Posting::of_time(account)], now).await {
                    Ok(outcomes) => report.count(outcomes.iter().all(Result::is_ok)),
                    Err(StoreError::Corrupt(_)) => report.count(false),
                    Err(other) => return Err(other.into()),
                }
            }
        }
        Err(other) => return Err(other.into()),
    }
    Ok(report)
}
