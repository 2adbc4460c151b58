//! Spending and granting credits.

use std::collections::BTreeMap;

use billing_core::BillingError;
use billing_core::ledger::{Grant, Refusal, Rollover, Shortfall, Source};
use billing_core::requests::{CreditCheck, GiveCredits, Given, LedgerRequest, Reversed, Spend, Spent};
use billing_core::values::Credits;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::envelope::ErrorView;
use super::{UsageBody, UsageRecordView};
use crate::problem::Problem;
use crate::request::{Asked, Whole, words};

/// A spend of credits, or of usage.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsumeBody {
    /// The account; optional for keys that are bound to an account.
    pub(crate) account_id: Option<String>,
    /// The amount: 1 to 2^53 − 1.
    #[serde(default, deserialize_with = "crate::request::whole_if_sent")]
    amount: Option<Whole>,
    /// The usage, instead of an amount; a rate card prices it.
    usage: Option<UsageBody>,
    /// Several usages, up to 20, instead of `usage`: for example a chat and the tool that it called.
    usages: Option<Vec<UsageBody>>,
    /// The caller's type of spend: `[a-z0-9_]{1,40}`; `usage` by default.
    r#type: Option<String>,
    description: Option<String>,
    metadata: Option<BTreeMap<String, String>>,
    /// Whether to take what is available if the account cannot cover all of it; the same as `overrun: partial`.
    partial: Option<bool>,
    /// What to do if the account cannot cover it: `refuse` (by default) all of it, take what is available (`partial`),
    /// or take all and create a debt (`debt`).
    overrun: Option<String>,
    /// The time of the usage, if it is reported late; RFC 3339.
    occurred_at: Option<String>,
}

/// Up to 1,000 spends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsumeManyBody {
    pub(crate) items: Vec<ConsumeBody>,
}

/// A completed spend.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsumedView {
    /// Null if only a fraction of a credit was carried.
    transaction_id: Option<String>,
    spent: i64,
    /// For usage: the credits that were neither covered nor became debt.
    #[serde(skip_serializing_if = "Option::is_none")]
    uncovered: Option<i64>,
    /// For usage: the usage record, if there is exactly one.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage_id: Option<String>,
    /// For usage: the usage records.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    usages: Vec<UsageRecordView>,
    /// The available balance after it.
    balance: i64,
}

/// The outcome of each of many spends, in order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsumedManyView {
    /// The number of accepted spends.
    succeeded: usize,
    /// The number of refused spends.
    failed: usize,
    results: Vec<ConsumedOneView>,
}

/// The outcome of one of many spends: either `data` or `error`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsumedOneView {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<ConsumedView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorView>,
    /// Whether this is a replay: nothing was taken now.
    replayed: bool,
}

/// A spend to check.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckBody {
    /// The account; optional for keys that are bound to an account.
    pub(crate) account_id: Option<String>,
    #[serde(default, deserialize_with = "crate::request::whole_if_sent")]
    pub(crate) amount: Option<Whole>,
    pub(crate) usage: Option<UsageBody>,
    /// Several usages, up to 20, instead of `usage`.
    pub(crate) usages: Option<Vec<UsageBody>>,
}

/// Whether an account could cover an amount now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckView {
    allowed: bool,
    /// The error code of a spend.
    reason: Option<&'static str>,
    /// The most credits that it can take.
    required: i64,
    /// The available balance, without debt.
    balance: i64,
    held: i64,
    /// How far below zero the account may go.
    overdraft_limit: i64,
}

/// A grant of credits.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantBody {
    /// The account; optional for keys that are bound to an account.
    pub(crate) account_id: Option<String>,
    /// The amount: 1 to 2^53 − 1.
    amount: Whole,
    /// The source: plan, purchase, bonus, `check_in`, gift, promo, refund, manual (by default).
    source: Option<String>,
    /// The burn priority: 0 (by default) before 1.
    priority: Option<i16>,
    /// The start; RFC 3339. Now by default.
    effective_at: Option<String>,
    /// The end; RFC 3339. Never by default.
    expires_at: Option<String>,
    /// The seconds after the end during which usage from before may still be reported; 0 by default.
    late_usage_seconds: Option<u32>,
    rollover: Option<RolloverBody>,
    description: Option<String>,
    metadata: Option<BTreeMap<String, String>>,
}

/// What happens to the rest of the credits at their end.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RolloverBody {
    /// The maximum number of rolled-over credits: 1 to 2^53 − 1.
    cap: Whole,
    /// Their end; RFC 3339.
    until: String,
}

/// A grant that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GivenView {
    grant_id: String,
    amount: i64,
    /// The available balance after it.
    balance: i64,
    effective_at: String,
    expires_at: Option<String>,
}

/// The part of a spend to reverse.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReverseBody {
    /// The account; optional.
    pub(crate) account_id: Option<String>,
    /// The credits; everything not reversed before by default.
    #[serde(default, deserialize_with = "crate::request::whole_if_sent")]
    pub(crate) amount: Option<Whole>,
    pub(crate) description: Option<String>,
    pub(crate) metadata: Option<BTreeMap<String, String>>,
}

/// A completed reversal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReversedView {
    /// Null if the usage had taken no whole credit.
    transaction_id: Option<String>,
    amount: i64,
    /// The usage records of the reversal.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    usages: Vec<UsageRecordView>,
    /// The available balance after it.
    balance: i64,
}

/// The reason to void a grant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VoidBody {
    /// The reason, visible to the customer.
    pub(crate) reason: String,
}

/// The new end of a grant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExtendGrantBody {
    /// The new end; RFC 3339, or null for never.
    #[serde(deserialize_with = "present")]
    pub(crate) expires_at: Option<String>,
}

/// A grant, and what is left of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GrantView {
    id: String,
    amount: i64,
    /// The credits left, including pinned ones.
    remaining: i64,
    /// The credits left that open holds have pinned.
    held: i64,
    source: String,
    priority: i16,
    /// `upcoming`, `active`, `late`, `expired`, `voided`.
    status: String,
    effective_at: String,
    expires_at: Option<String>,
    description: String,
    metadata: BTreeMap<String, String>,
    order_id: Option<String>,
    created_at: String,
}

/// Parses a value that may be null but not left out.
fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(from)
}

impl ConsumeBody {
    pub(crate) fn into_spend(self, request: LedgerRequest) -> Result<Spend, Problem> {
        let shortfall = match (words::overrun(self.overrun.as_deref())?, self.partial) {
            (Some(_), Some(_)) => {
                return Err(Problem::invalid("overrun", "cannot be sent together with `partial`"));
            }
            (Some(overrun), None) => overrun,
            (None, Some(true)) => Shortfall::TakeWhatIsThere,
            (None, _) => Shortfall::Refuse,
        };
        Ok(Spend {
            request,
            amount: Asked { amount: self.amount, usage: self.usage, usages: self.usages }.how_much()?,
            shortfall,
            occurred_at: words::moment("occurred_at", self.occurred_at.as_deref())?,
            kind: words::spend_type(self.r#type.as_deref())?,
            description: words::description(self.description, "Usage")?,
            metadata: words::metadata(self.metadata)?,
        })
    }
}

impl GrantBody {
    pub(crate) fn into_request(self, request: LedgerRequest) -> Result<GiveCredits, Problem> {
        let source = self.source.as_deref().map_or(Ok(Source::Manual), str::parse);
        let rollover = self.rollover.map(|rollover| {
            let until = words::moment("rollover.until", Some(&rollover.until))?;
            let until = until.ok_or_else(|| Problem::invalid("rollover.until", "is required"))?;
            let cap = Credits::amount(rollover.cap.0);
            let cap = cap.map_err(|problem| Problem::invalid("rollover.cap", problem))?;
            Ok::<_, Problem>(Rollover { cap, until })
        });
        Ok(GiveCredits {
            request,
            amount: Credits::new(self.amount.0),
            source: source.map_err(|problem| Problem::invalid("source", problem))?,
            priority: self.priority.unwrap_or_default(),
            effective_at: words::moment("effective_at", self.effective_at.as_deref())?,
            expires_at: words::moment("expires_at", self.expires_at.as_deref())?,
            late_seconds: self.late_usage_seconds.unwrap_or_default(),
            rollover: rollover.transpose()?,
            description: words::description(self.description, "Credits")?,
            metadata: words::metadata(self.metadata)?,
        })
    }
}

impl From<&Spent> for ConsumedView {
    fn from(spent: &Spent) -> Self {
        Self {
            transaction_id: spent.entry.as_ref().map(|entry| entry.id.to_string()),
            spent: spent.spent.get(),
            uncovered: (!spent.usages.is_empty()).then(|| {
                spent.usages.iter().fold(0_i64, |sum, usage| sum.saturating_add(usage.uncovered.get()))
            }),
            usage_id: match spent.usages.as_slice() {
                [one] => Some(one.id.to_string()),
                _ => None,
            },
            usages: UsageRecordView::all(&spent.usages, spent.entry.as_ref().map(|entry| entry.id)),
            balance: spent.available.get(),
        }
    }
}

impl ConsumedManyView {
    pub(crate) fn new(outcomes: Vec<Result<Spent, BillingError>>) -> Self {
        let results: Vec<_> = outcomes.into_iter().map(ConsumedOneView::new).collect();
        let succeeded = results.iter().filter(|result| result.success).count();
        Self { succeeded, failed: results.len().saturating_sub(succeeded), results }
    }
}

impl ConsumedOneView {
    fn new(outcome: Result<Spent, BillingError>) -> Self {
        match outcome {
            Ok(spent) => {
                Self { success: true, data: Some((&spent).into()), error: None, replayed: spent.replayed }
            }
            Err(refused) => {
                let problem = Problem::from(refused);
                Self { success: false, data: None, error: Some(problem.into()), replayed: false }
            }
        }
    }
}

impl From<CreditCheck> for CheckView {
    fn from(check: CreditCheck) -> Self {
        Self {
            allowed: check.refusal.is_none(),
            reason: check.refusal.as_ref().map(Refusal::code),
            required: check.required.get(),
            balance: check.available.get(),
            held: check.held.get(),
            overdraft_limit: check.overdraft_limit.get(),
        }
    }
}

impl From<&Given> for GivenView {
    fn from(given: &Given) -> Self {
        Self {
            grant_id: given.grant.id.to_string(),
            amount: given.grant.amount.get(),
            balance: given.available.get(),
            effective_at: given.grant.effective_at.to_string(),
            expires_at: given.grant.expires_at.map(|at| at.to_string()),
        }
    }
}

impl From<&Reversed> for ReversedView {
    fn from(reversed: &Reversed) -> Self {
        Self {
            transaction_id: reversed.entry.as_ref().map(|entry| entry.id.to_string()),
            amount: reversed.credits.get(),
            usages: UsageRecordView::all(&reversed.usages, reversed.entry.as_ref().map(|entry| entry.id)),
            balance: reversed.available.get(),
        }
    }
}

impl From<&Grant> for GrantView {
    fn from(grant: &Grant) -> Self {
        Self {
            id: grant.id.to_string(),
            amount: grant.amount.get(),
            remaining: grant.remaining.get(),
            held: grant.pinned.get(),
            source: grant.source.to_string(),
            priority: grant.priority,
            status: grant.stage.to_string(),
            effective_at: grant.effective_at.to_string(),
            expires_at: grant.expires_at.map(|at| at.to_string()),
            description: grant.description.clone(),
            metadata: grant.metadata.entries().clone(),
            order_id: grant.origin.order.map(|order| order.to_string()),
            created_at: grant.created_at.to_string(),
        }
    }
}
