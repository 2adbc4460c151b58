//! Credits.

use std::collections::BTreeMap;

use billing_core::accounts::ExternalId;
use billing_core::ledger::Entry;
use billing_core::requests::{AccountBalance, Spent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BalanceThenView;
use crate::request::Whole;

/// An account's balance.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BalanceView {
    /// The available balance.
    balance: i64,
    /// The credits reserved by holds.
    held: i64,
    /// The debt.
    debt: i64,
    /// How far below zero spends may take the balance.
    overdraft_limit: i64,
    /// The free credits by bucket.
    buckets: BucketsView,
    /// The credits that will expire, soonest first.
    expiring: Vec<ExpiringView>,
}

/// An account's current balance, or its balance at the requested time.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum BalanceAnswer {
    /// The current balance.
    Now(BalanceView),
    /// The balance at another time.
    Then(BalanceThenView),
}

/// Free credits by bucket.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BucketsView {
    plan: i64,
    purchased: i64,
    bonus: i64,
}

/// Credits that will expire.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExpiringView {
    amount: i64,
    /// RFC 3339, UTC.
    at: String,
}

/// One entry of an account's history.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntryView {
    id: String,
    /// `grant`, `expiry`, `adjustment` …, or the caller's type of spend.
    r#type: String,
    /// Credits in (positive) or out (negative).
    amount: i64,
    description: String,
    /// RFC 3339, UTC.
    created_at: String,
    /// The available balance after it.
    balance_after: i64,
    metadata: BTreeMap<String, String>,
}

/// One entry of any account's history, for operators.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnedEntryView {
    account_id: String,
    /// The actor.
    actor: String,
    #[serde(flatten)]
    entry: EntryView,
}

/// An adjustment by an operator.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ManualBody {
    pub(crate) account_id: String,
    /// Credits to grant (positive) or take (negative).
    pub(crate) amount: Whole,
    /// The reason, visible to the customer.
    pub(crate) reason: String,
    /// The expiry of granted credits; RFC 3339.
    pub(crate) expires_at: Option<String>,
}

/// A completed adjustment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ManualView {
    transaction_id: Option<String>,
    amount: i64,
    /// The available balance after it.
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
