//! Spend credits from one account.

use super::ensure_account::existing_account;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::ledger::{Actor, Command, Entry, EntryType, Posting, SpendCredits, SpendType};
use crate::ports::StoreError;
use crate::values::{Credits, Fingerprint, Metadata, PostingKey, RequestKey};

/// What a caller asks for.
#[derive(Debug, Clone)]
pub struct Spend {
    /// Whose credits.
    pub account: ExternalId,
    /// How many: 1 to 2^53 − 1.
    pub amount: Credits,
    /// The caller's word for it.
    pub kind: SpendType,
    /// In a customer's words, what for.
    pub description: String,
    /// The caller's own notes.
    pub metadata: Metadata,
    /// Makes the request safe to repeat.
    pub key: RequestKey,
    /// What the request said.
    pub fingerprint: Fingerprint,
    /// Who asks.
    pub actor: Actor,
}

/// Credits that were spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    /// The entry in the account's history.
    pub entry: Entry,
    /// What can be spent after it; for a repetition, after the first time.
    pub available: Credits,
    /// Whether this answers a repetition: nothing was taken now.
    pub replayed: bool,
}

/// Takes credits from the grants that burn first, all or nothing.
///
/// Safe to repeat with the same key: the first outcome is answered again.
///
/// # Errors
///
/// - [`BillingError::AccountNotFound`] if nobody has seen the account before.
/// - [`BillingError::CreditsDisabled`] if the account is not provisioned for credits.
/// - [`BillingError::Ledger`] if the account cannot cover it; nothing was taken and the key is still free.
/// - [`BillingError::Store`] if the store failed; repeat with the same key.
pub(crate) async fn spend_credits(ports: &Ports, spend: Spend) -> Result<Spent, BillingError> {
    let account = existing_account(ports, &spend.account).await?;
    if !account.credits_enabled {
        return Err(BillingError::CreditsDisabled(spend.account));
    }
    let kind = EntryType::Spend(spend.kind);
    let command =
        SpendCredits { metadata: spend.metadata, ..SpendCredits::new(spend.amount, kind, spend.description) };
    let posting = Posting {
        account: account.id,
        key: PostingKey::of_request(&spend.key),
        fingerprint: spend.fingerprint,
        actor: spend.actor,
        commands: vec![Command::Spend(command)],
    };
    let outcome = ports.ledger.post(vec![posting], ports.clock.now()).await?.pop();
    let posted = outcome.ok_or_else(|| StoreError::Corrupt("a posting without an outcome".to_owned()))??;
    let entry = posted.entries.into_iter().next();
    let entry = entry.ok_or_else(|| StoreError::Corrupt("a spend without an entry".to_owned()))?;
    Ok(Spent { entry, available: posted.available, replayed: posted.replayed })
}
