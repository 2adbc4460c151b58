//! Lists usage records.

use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::ledger::{Capture, Hold, UsageRecord};
use crate::ports::UsageFilter;
use crate::values::{EntryId, Page, PageRequest};

/// Reads usage records, including reversals, latest first by the time of the usage; each with the entry that took or
/// returned its credits, if there is one. An unknown account has none.
///
/// # Errors
///
/// [`BillingError::Invalid`] if the cursor belongs to another list; [`BillingError::Store`] is safe to retry.
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

/// Reads the captures of `hold`, newest first.
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

/// Cursors come from callers: a foreign one is an invalid request.
fn check_cursor(page: &PageRequest) -> Result<(), BillingError> {
    match page.cursor().map(crate::values::Cursor::pair) {
        Some(Err(problem)) => Err(BillingError::Invalid { field: "cursor", problem: problem.to_string() }),
        _ => Ok(()),
    }
}
