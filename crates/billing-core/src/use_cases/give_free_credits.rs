//! Grants the free plan's credits.

use std::sync::Arc;

use super::retry::{Again, retry};
use super::run_items::{Settled, run_due_items};
use crate::BillingError;
use crate::accounts::Account;
use crate::billing::Ports;
use crate::catalog::{Plan, free_credits};
use crate::changes::Changes;
use crate::jobs::{Job, JobReport};
use crate::ports::{AccountRef, CommitError, DueItem, StoreError};
use crate::values::{AccountId, Timestamp};

/// The number of accounts of a run.
const BATCH: u32 = 100;

/// Adds the new `account` to `changes`, with its first month of the free plan.
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

/// Grants the free plan's credits to up to 100 accounts without a subscription whose next month has started. If the
/// ledger refuses (the account is frozen or cannot have credits), the month is skipped.
///
/// # Errors
///
/// As [`run_due_items`]; also if the plan cannot be read.
pub(crate) async fn give_free_credits(ports: &Ports) -> Result<JobReport, BillingError> {
    let Some(plan) = plan(ports).await? else { return Ok(JobReport::default()) };
    let plan = Arc::new(plan);
    let attempt = |item: DueItem| {
        let plan = plan.clone();
        async move { retry(ports, || once(ports, &plan, AccountId::from_uuid(item.id))).await }
    };
    run_due_items(ports, Job::FreePlan, ports.clock.now(), BATCH, attempt).await
}

async fn once(ports: &Ports, plan: &Plan, id: AccountId) -> Result<Settled, Again> {
    let now = ports.clock.now();
    let Some(account) = ports.store.billing.account(AccountRef::Id(id)).await? else {
        return Ok(Settled::Done);
    };
    let Some((account, posting)) = free_credits(plan, &account, now) else { return Ok(Settled::Unchanged) };
    let postings = posting.into_iter().collect();
    let changes = Changes { accounts: vec![account.clone()], postings, ..Changes::default() };
    match ports.store.writer.commit(changes, now).await {
        Ok(_) => Ok(Settled::Done),
        Err(CommitError::Refused(_)) => {
            let changes = Changes { accounts: vec![account], ..Changes::default() };
            ports.store.writer.commit(changes, now).await?;
            Ok(Settled::Done)
        }
        Err(error) => Err(error.into()),
    }
}

/// The free plan, if it is configured and on sale.
pub(crate) async fn plan(ports: &Ports) -> Result<Option<Plan>, StoreError> {
    let Some(slug) = &ports.free_plan else { return Ok(None) };
    Ok(ports.store.catalog.plans().await?.into_iter().find(|plan| plan.slug == *slug && plan.active))
}
