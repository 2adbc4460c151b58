//! Stores the host product's data of a customer.

use super::give_free_credits::begin;
use super::retry::retry;
use crate::BillingError;
use crate::accounts::{Account, ExternalId};
use crate::billing::Ports;
use crate::changes::Changes;
use crate::values::{Credits, Metadata, Zone};

/// The host product's data of a customer; missing fields are unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountDraft {
    /// The address for receipts.
    pub email: Option<String>,
    /// The customer's name.
    pub name: Option<String>,
    /// The customer's IANA time zone.
    pub timezone: Option<String>,
    /// Whether the account can have credits.
    pub credits_enabled: Option<bool>,
    /// How far below zero spends may take the balance.
    pub overdraft_limit: Option<Credits>,
    /// The host product's metadata.
    pub metadata: Option<Metadata>,
}

pub(crate) async fn put_account(
    ports: &Ports,
    external_id: &ExternalId,
    draft: &AccountDraft,
) -> Result<Account, BillingError> {
    check(draft)?;
    retry(ports, || async move {
        let now = ports.clock.now();
        let found = ports.find_account(external_id).await?;
        let is_new = found.is_none();
        let mut account = found.unwrap_or_else(|| Account::new(external_id.clone(), &*ports.ids, now));
        let draft = draft.clone();
        account.email = draft.email.or(account.email);
        account.name = draft.name.or(account.name);
        account.timezone = draft.timezone.or(account.timezone);
        account.credits_enabled = draft.credits_enabled.unwrap_or(account.credits_enabled);
        account.overdraft_limit = draft.overdraft_limit.unwrap_or(account.overdraft_limit);
        account.metadata = draft.metadata.unwrap_or(account.metadata);
        let mut changes = Changes::default();
        if is_new {
            begin(ports, account.clone(), &mut changes, now).await?;
        } else {
            changes.accounts.push(account.clone());
        }
        account = changes.accounts.first().cloned().unwrap_or(account);
        ports.store.writer.commit(changes, now).await?;
        account.version = account.version.saturating_add(1);
        Ok(account)
    })
    .await
}

fn check(draft: &AccountDraft) -> Result<(), BillingError> {
    if let Some(zone) = &draft.timezone {
        zone.parse::<Zone>()
            .map_err(|problem| BillingError::Invalid { field: "timezone", problem: problem.to_string() })?;
    }
    if draft.overdraft_limit.is_some_and(|limit| !(Credits::ZERO..=Credits::MAX_AMOUNT).contains(&limit)) {
        let problem = format!("takes 0 to {}", Credits::MAX_AMOUNT);
        return Err(BillingError::Invalid { field: "overdraft_limit", problem });
    }
    for (field, text) in [("email", &draft.email), ("name", &draft.name)] {
        if text.as_ref().is_some_and(|text| text.trim().is_empty() || text.chars().count() > 320) {
            return Err(BillingError::Invalid { field, problem: "takes 1 to 320 characters".to_owned() });
        }
    }
    if draft.email.as_ref().is_some_and(|email| !email.contains('@')) {
        return Err(BillingError::Invalid { field: "email", problem: "is not an e-mail address".to_owned() });
    }
    Ok(())
}
