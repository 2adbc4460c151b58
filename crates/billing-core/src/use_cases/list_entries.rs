//! Lists entries.

use super::pass_time::catch_up;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::ledger::Entry;
use crate::ports::EntryFilter;
use crate::values::{EntryId, Page, PageRequest};

/// A query for entries.
#[derive(Debug, Clone)]
pub struct ListEntries {
    /// The account; all accounts if none.
    pub account: Option<ExternalId>,
    /// The filter.
    pub filter: EntryFilter,
    /// The page.
    pub page: PageRequest,
}

/// Reads entries, newest first. An unknown account has none. The first page of one account persists its due changes
/// first.
pub(crate) async fn list_entries(
    ports: &Ports,
    wanted: ListEntries,
) -> Result<Page<(ExternalId, Entry)>, BillingError> {
    let ListEntries { account, filter, page } = wanted;
    check_cursor(&page, account.is_some())?;
    let Some(external_id) = account else {
        return Ok(ports.store.ledger_reads.all_entries(&filter, &page).await?);
    };
    let Some(account) = ports.find_account(&external_id).await? else {
        return Ok(Page { items: Vec::new(), next: None });
    };
    if page.cursor().is_none() {
        catch_up(ports, account.id, ports.clock.now()).await?;
    }
    let entries = ports.store.ledger_reads.entries(account.id, &filter, &page).await?;
    Ok(entries.map(|entry| (external_id.clone(), entry)))
}

/// Cursors come from callers: a foreign one is an invalid request, not corrupt data.
fn check_cursor(page: &PageRequest, one_account: bool) -> Result<(), BillingError> {
    let Some(cursor) = page.cursor() else { return Ok(()) };
    let place = if one_account { cursor.seq().map(drop) } else { cursor.id::<EntryId>().map(drop) };
    place.map_err(|problem| BillingError::Invalid { field: "cursor", problem: problem.to_string() })
}
