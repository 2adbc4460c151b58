//! Give what the plan brings that costs nothing.

use super::retry::{Again, retry};
use super::run_inbox::JobReport;
use crate::BillingError;
use crate::accounts::Account;
use crate::billing::Ports;
use crate::catalog::{Plan, free_credits};
use crate::changes::Changes;
use crate::ports::{CommitError, StoreError};
use crate::values::{AccountId, Timestamp};

/// How many accounts are taken at once.
const BATCH: u32 = 100;

/// Puts `account` among `changes`, which is new there, with its first month of what everybody has for nothing.
pub(super) async fn begin(
    ports: &Ports,
    account: Account,
    changes: &mut Changes,
    now: Timestamp,
) -> Result<(), StoreError> {
    let free = plan(ports).await?.and_then(|plan| free_credits(&plan, &account, now));
    let (account, posting) = free.unwrap_or((account, None));
    changes.accounts.push(account);
    changes.postings.extend(posting);
    Ok(())
}

/// Gives up to 100 accounts without a subscription what the plan brings that costs nothing, where a month of theirs has
/// begun. An account whose ledger refuses them, as where it is frozen or uses no
/// credits, is passed over for the month.
///
/// # Errors
///
/// [`BillingError::Store`] if the store failed; what was done stays done.
pub(crate) async fn give_free_credits(ports: &Ports) -> Result<JobReport, BillingError> {
    let mut report = JobReport::default();
    let Some(plan) = plan(ports).await? else { return Ok(report) };
    for account in ports.accounts.accounts_without_free_month(ports.clock.now(), BATCH).await? {
        report.count(retry(|| once(ports, &plan, account)).await?);
    }
    Ok(report)
}

async fn once(ports: &Ports, plan: &Plan, id: AccountId) -> Result<bool, Again> {
    let now = ports.clock.now();
    let Some(account) = ports.accounts.account(id).await? else { return Ok(false) };
    let Some((account, posting)) = free_credits(plan, &account, now) else { return Ok(false) };
    let postings = posting.into_iter().collect();
    let changes = Changes { accounts: vec![account.clone()], postings, ..Changes::default() };
    match ports.store.commit(changes, now).await {
        Ok(_) => Ok(true),
        Err(CommitError::Refused(_)) => {
            let changes = Changes { accounts: vec![account], ..Changes::default() };
            ports.store.commit(changes, now).await?;
            Ok(true)
        }
        Err(error) => Err(error.into()),
    }
}

async fn plan(ports: &Ports) -> Result<Option<Plan>, StoreError> {
    let Some(slug) = &ports.free_plan else { return Ok(None) };
    Ok(ports.catalog.plans().await?.into_iter().find(|plan| plan.slug == *slug && plan.active))
}
