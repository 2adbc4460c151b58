//! Erases personal data of an account.

use super::ensure_account::existing_account;
use crate::BillingError;
use crate::accounts::{Account, ExternalId};
use crate::billing::Ports;
use crate::ledger::TextKey;
use crate::ports::ErasedUpTo;

/// The entries and usages that one transaction erases.
const PART: u32 = 500;

/// Erases the free text in an account's history, its e-mail address, name and metadata, and returns the account.
/// Numbers, times and ids stay, including the external id. The history still verifies: its hashes cover salted
/// digests.
///
/// # Errors
///
/// [`BillingError::AccountNotFound`]; [`BillingError::Store`] if the store failed: retry, erased text stays erased.
pub(crate) async fn erase_account(ports: &Ports, name: &ExternalId) -> Result<Account, BillingError> {
    let account = existing_account(ports, name).await?.id;
    let fresh = TextKey::new(&*ports.ids);
    let mut after = ErasedUpTo::default();
    while let Some(further) = ports.store.writer.erase(account, after, fresh, PART).await? {
        after = further;
    }
    existing_account(ports, name).await
}
