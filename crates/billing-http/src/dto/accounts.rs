//! Accounts.

use std::collections::BTreeMap;

use billing_core::accounts::Account;
use billing_core::requests::AccountDraft;
use billing_core::values::{Credits, Metadata};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::request::Whole;

/// The host product's data of a customer; missing fields are unchanged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountBody {
    email: Option<String>,
    name: Option<String>,
    /// An IANA zone, such as `Europe/Berlin`.
    timezone: Option<String>,
    /// Whether the account can have credits.
    credits_enabled: Option<bool>,
    /// How far below zero spends may take the balance; 0 for no overdraft.
    #[serde(default, deserialize_with = "crate::request::whole_if_sent")]
    overdraft_limit: Option<Whole>,
    metadata: Option<BTreeMap<String, String>>,
}

/// A customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountView {
    external_id: String,
    email: Option<String>,
    name: Option<String>,
    timezone: Option<String>,
    credits_enabled: bool,
    overdraft_limit: i64,
    /// Whether the account is frozen: postings are refused until an operator has resolved the cause.
    frozen: bool,
    metadata: BTreeMap<String, String>,
    /// RFC 3339, UTC.
    created_at: String,
}

impl AccountBody {
    /// The draft of this body.
    pub(crate) fn into_draft(self) -> Result<AccountDraft, Problem> {
        let metadata = self.metadata.map(Metadata::try_new).transpose();
        Ok(AccountDraft {
            email: self.email,
            name: self.name,
            timezone: self.timezone,
            credits_enabled: self.credits_enabled,
            overdraft_limit: self.overdraft_limit.map(|limit| Credits::new(limit.0)),
            metadata: metadata.map_err(|problem| Problem::invalid("metadata", problem))?,
        })
    }
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        Self {
            external_id: account.external_id.to_string(),
            email: account.email,
            name: account.name,
            timezone: account.timezone,
            credits_enabled: account.credits_enabled,
            overdraft_limit: account.overdraft_limit.get(),
            frozen: account.frozen.is_some(),
            metadata: account.metadata.entries().clone(),
            created_at: account.created_at.to_string(),
        }
    }
}
