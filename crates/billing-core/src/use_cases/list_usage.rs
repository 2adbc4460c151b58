//! Read an account's usage, one by one.

use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::ledger::{Capture, Hold, UsageRecord};
use crate::ports::UsageFilter;
use crate::values::{EntryId, Page, PageRequest};

/// Reads usage, what gave it back included, the latest first by when it happened; each with the entry that took its
/// credits or gave them back, if there is one. An account that nobody has seen has
/// none.
///
/// # Errors
///
/// [`BillingError::Invalid`] if the cursor is not of this list; [`BillingError::Store`] may be tried again.
pub(crate) async fn list_usages(
    ports: &Ports,
    account: &ExternalId,
    filter: &UsageFilter,
    page: &PageRequest,
) -> Result<Page<(UsageRecord, Option<EntryId>)>, BillingError> {
    check_cursor(page)?;
    let Some(account) = ports.find_account(account).await? else {
        return Ok(Page { items: Vec::new(), next: None });
    };
    Ok(ports.store.reports.usages(account.id, filter, page).await?)
}

/// Reads what was captured from `hold`, newest first.
///
/// # Errors
///
/// As [`list_usages`].
pub(crate) async fn list_captures(
    ports: &Ports,
    hold: &Hold,
    page: &PageRequest,
) -> Result<Page<Capture>, BillingError> {
    check_cursor(page)?;
    Ok(ports.store.reports.captures(hold.account, hold.id, page).await?)
}

/// A cursor comes from outside: one that is not of this list is the caller's mistake.
fn check_cursor(page: &PageRequest) -> Result<(), BillingError> {
    match page.cursor().map(crate::values::Cursor::pair) {
        Some(Err(problem)) => Err(BillingError::Invalid { field: "cursor", problem: problem.to_string() }),
        _ => Ok(()),
    }
}
