//! Lists holds and grants.

use super::pass_time::catch_up;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::{Ports, check_cursor};
use crate::ledger::{Grant, Hold};
use crate::ports::HoldFilter;
use crate::values::{GrantId, HoldId, Page, PageRequest};

/// Reads holds in their current state, newest first: the open ones, or all. An unknown account has none.
///
/// # Errors
///
/// [`BillingError::Invalid`] if the cursor belongs to another list; [`BillingError::Store`] is safe to retry.
pub(crate) async fn list_holds(
    ports: &Ports,
    account: &ExternalId,
    all: bool,
    page: &PageRequest,
) -> Result<Page<Hold>, BillingError> {
    check_cursor::<HoldId>(page)?;
    let now = ports.clock.now();
    let Some(account) = ports.find_account(account).await? else {
        return Ok(Page { items: Vec::new(), next: None });
    };
    catch_up(ports, account.id, now).await?;
    let filter = if all { HoldFilter::All } else { HoldFilter::Open(now) };
    Ok(ports.store.reports.holds(account.id, filter, page).await?.map(|hold| hold.as_of(now)))
}

/// Reads grants in their current state, newest first, live or not. An unknown account has none.
///
/// # Errors
///
/// As [`list_holds`].
pub(crate) async fn list_grants(
    ports: &Ports,
    account: &ExternalId,
    page: &PageRequest,
) -> Result<Page<Grant>, BillingError> {
    check_cursor::<GrantId>(page)?;
    let now = ports.clock.now();
    let Some(account) = ports.find_account(account).await? else {
        return Ok(Page { items: Vec::new(), next: None });
    };
    catch_up(ports, account.id, now).await?;
    Ok(ports.store.reports.grants(account.id, page).await?.map(|grant| grant.as_of(now)))
}
