//! Explains an entry.

use super::ensure_account::existing_account;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::ledger::{EntryRecord, Refusal, explain};
use crate::values::EntryId;

/// An entry with its related rows and an explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedEntry {
    /// The entry and its related rows.
    pub record: EntryRecord,
    /// The explanation in plain English.
    pub explanation: String,
}

/// Explains the account's entry with this id.
///
/// # Errors
///
/// [`BillingError::Ledger`] if the account is unknown or does not have the entry; [`BillingError::Store`] is safe to
/// retry.
pub(crate) async fn explain_entry(
    ports: &Ports,
    account: &ExternalId,
    id: EntryId,
) -> Result<ExplainedEntry, BillingError> {
    let unknown = Refusal::UnknownEntry { entry: id };
    let account = match existing_account(ports, account).await {
        Err(BillingError::AccountNotFound(_)) => return Err(unknown.into()),
        account => account?,
    };
    let record = ports.store.reports.entry_record(account.id, id).await?.ok_or(unknown)?;
    Ok(ExplainedEntry { explanation: explain(&record), record })
}
