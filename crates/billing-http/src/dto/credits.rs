//! Credits.

use std::collections::BTreeMap;

use billing_core::accounts::ExternalId;
use billing_core::ledger::Entry;
use billing_core::requests::{AccountBalance, Spent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BalanceThenView;
use crate::request::Whole;

/// What an account can spend.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BalanceView {
    /// What can be spent now.
    balance: i64,
    /// What is set aside by holds.
    held: i64,
    /// What the account owes.
    debt: i64,
    /// How far below zero spending may take it.
    overdraft_limit: i64,
    /// What is there, by where it came from.
    buckets: BucketsView,
    /// What goes away by itself, soonest first.
    expiring: Vec<ExpiringView>,
}

/// What an account can spend now, or could at the moment that was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum BalanceAnswer {
    /// Now.
    Now(BalanceView),
    /// Then.
    Then(BalanceThenView),
}

/// Credits by where they came from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BucketsView {
    plan: i64,
    purchased: i64,
    bonus: i64,
}

/// Credits that go away by themselves.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExpiringView {
    amount: i64,
    /// RFC 3339, UTC.
    at: String,
}

/// One line of an account's history.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntryView {
    id: String,
    /// `grant`, `expiry`, `adjustment` …, or the word of whoever spent.
    r#type: String,
    /// Credits given (positive) or taken (negative).
    amount: i64,
    description: String,
    /// RFC 3339, UTC.
    created_at: String,
    /// What could be spent after it.
    balance_after: i64,
    metadata: BTreeMap<String, String>,
}

/// One line of any account's history, for operators.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnedEntryView {
    account_id: String,
    /// Who caused it.
    actor: String,
    #[serde(flatten)]
    entry: EntryView,
}

/// Credits to give or take by hand.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ManualBody {
    pub(crate) account_id: String,
    /// Credits to give (positive) or take (negative).
    pub(crate) amount: Whole,
    /// Why; the customer may read it.
    pub(crate) reason: String,
    /// When given credits are gone; RFC 3339.
    pub(crate) expires_at: Option<String>,
}

/// Credits that were given or taken by hand.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ManualView {
    transaction_id: Option<String>,
    amount: i64,
    /// What can be spent after it.
    balance: i64,
}

impl From<AccountBalance> for BalanceView {
    fn from(balance: AccountBalance) -> Self {
        let expiring = balance.expiring.iter();
        Self {
            balance: balance.available.get(),
            held: balance.held.get(),
            debt: balance.debt.get(),
            overdraft_limit: balance.overdraft_limit.get(),
            buckets: BucketsView {
                plan: balance.buckets.plan.get(),
                purchased: balance.buckets.purchased.get(),
                bonus: balance.buckets.bonus.get(),
            },
            expiring: expiring
                .map(|part| ExpiringView { amount: part.amount.get(), at: part.at.to_string() })
                .collect(),
        }
    }
}

impl From<Entry> for EntryView {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id.to_string(),
            r#type: entry.kind.as_str().to_owned(),
            amount: entry.amount.get(),
            created_at: entry.effective_at.to_string(),
            balance_after: entry.available_after.get(),
            metadata: entry.metadata.entries().clone(),
            description: entry.description,
        }
    }
}

impl OwnedEntryView {
    pub(crate) fn new((account, entry): (ExternalId, Entry)) -> Self {
        Self { account_id: account.to_string(), actor: entry.actor.to_string(), entry: entry.into() }
    }
}

impl From<&Spent> for ManualView {
    fn from(spent: &Spent) -> Self {
        Self {
            transaction_id: spent.entry.as_ref().map(|entry| entry.id.to_string()),
            amount: spent.spent.get().saturating_neg(),
            balance: spent.available.get(),
        }
    }
}
