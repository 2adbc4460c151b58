//! What people are shown of their credits.

use std::collections::BTreeMap;

use billing_core::ledger::{EntryRecord, Grant, UsageBy, UsageSum};
use billing_core::requests::{BalanceThen, CreditForecast, ExplainedEntry, UsageSeries};
use billing_core::values::Credits;
use serde::Serialize;
use utoipa::ToSchema;

use super::UsageRecordView;
use super::usage_records::exact;

/// What an account had at some moment, or will have.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BalanceThenView {
    /// RFC 3339, UTC.
    as_of: String,
    /// What could be spent then: `posted` less `held`.
    balance: i64,
    /// What entries came to.
    posted: i64,
    /// What was set aside by holds.
    held: i64,
}

/// One line of an account's history with everything around it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExplainedView {
    id: String,
    /// Its number in the account's history: 1, 2, 3 …
    seq: i64,
    r#type: String,
    /// Credits given (positive) or taken (negative).
    amount: i64,
    description: String,
    /// What it did, to whom and because of whom, in one sentence.
    explanation: String,
    /// Who caused it: `user`, `key:…`, `operator:…`, `provider:…` or `time`.
    actor: String,
    /// When it took effect; RFC 3339, UTC.
    created_at: String,
    /// When it was written down.
    recorded_at: String,
    /// When the usage happened, where it was reported late.
    occurred_at: Option<String>,
    /// The sum of all entries up to and with this one.
    posted_after: i64,
    /// What could be spent after it.
    balance_after: i64,
    /// Which grants it put into (positive) or drew from (negative), in that order.
    grants: Vec<PartView>,
    /// What the account came to owe by it (positive) or no longer owes (negative).
    debt: i64,
    /// How much of what the account owed was repaid right after it.
    repaid: i64,
    /// What was used, where a rate card priced it.
    usages: Vec<UsageRecordView>,
    /// The hold that it settles.
    hold_id: Option<String>,
    /// The transaction that it gives back.
    reverses: Option<String>,
    /// What gave it back, oldest first, up to 100.
    reversed_by: Vec<ReversalView>,
    /// How much of it was given back in all.
    reversed: i64,
    metadata: BTreeMap<String, String>,
    /// The hash of this entry and everything before it, in hexadecimal digits.
    hash: String,
}

/// What an entry put into or drew from one grant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartView {
    grant_id: String,
    amount: i64,
    source: String,
    description: String,
    expires_at: Option<String>,
    /// The order that paid for it.
    order_id: Option<String>,
    /// The subscription whose period it is.
    subscription_id: Option<String>,
    /// The business fact behind it: an order, a period, a day's check-in, a request.
    fact: String,
}

/// One time that something was given back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReversalView {
    transaction_id: String,
    amount: i64,
    created_at: String,
}

/// What was spent from one moment to another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageView {
    /// `day`, `type`, `meter` or the name of a dimension.
    group_by: String,
    /// The time zone in which days begin.
    timezone: String,
    from: String,
    /// Not included.
    to: String,
    total: UsageTotalView,
    /// Every day of the span; or each type, meter or value of which there was any.
    series: Vec<UsagePointView>,
}

/// What was spent in all.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageTotalView {
    /// Spent less given back.
    net: i64,
    spent: i64,
    reversed: i64,
    /// What usage cost that a rate card priced, less what was given back; in credits, as decimal text. Fractions that are
    /// only carried are in it.
    price: String,
    /// How much of what was used, less what was given back; as decimal text.
    quantities: BTreeMap<String, String>,
    /// How many spends and usages.
    count: u64,
}

/// What was spent on a day, or of a kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsagePointView {
    /// The day (`2026-04-15`), type, meter or value; null for what no meter priced, or named no such value.
    key: Option<String>,
    #[serde(flatten)]
    sum: UsageTotalView,
}

/// How long what an account has will do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ForecastView {
    /// What can be spent now.
    balance: i64,
    /// Over how many days the pace was taken, as decimal text; fewer than asked for where the account is younger.
    days: String,
    /// What was spent in them, less what was given back.
    spent: i64,
    /// How much that is a day, as decimal text.
    per_day: String,
    /// When nothing will be left to spend, with expiries and credits promised for later taken into account, and
    /// without what holds set aside; null if that never comes.
    runs_out_at: Option<String>,
    /// How many credits will have expired unused by then.
    expires_unused: i64,
}

impl From<BalanceThen> for BalanceThenView {
    fn from(then: BalanceThen) -> Self {
        Self {
            as_of: then.as_of.to_string(),
            balance: then.available.get(),
            posted: then.posted.get(),
            held: then.held.get(),
        }
    }
}

impl From<ExplainedEntry> for ExplainedView {
    fn from(explained: ExplainedEntry) -> Self {
        let EntryRecord { entry, usages, parts, owed, repaid, hold: _, reverses, reversed_by, reversed } =
            explained.record;
        let reversal = |back: billing_core::ledger::Entry| ReversalView {
            transaction_id: back.id.to_string(),
            amount: back.amount.get(),
            created_at: back.effective_at.to_string(),
        };
        Self {
            id: entry.id.to_string(),
            seq: entry.seq,
            r#type: entry.kind.as_str().to_owned(),
            amount: entry.amount.get(),
            explanation: explained.explanation,
            actor: entry.actor.to_string(),
            created_at: entry.effective_at.to_string(),
            recorded_at: entry.recorded_at.to_string(),
            occurred_at: entry.occurred_at.map(|at| at.to_string()),
            posted_after: entry.balance_after.get(),
            balance_after: entry.available_after.get(),
            grants: parts.into_iter().map(PartView::new).collect(),
            debt: owed.get(),
            repaid: repaid.get(),
            usages: UsageRecordView::all(&usages, Some(entry.id)),
            hold_id: entry.hold.map(|hold| hold.to_string()),
            reverses: reverses.map(|spend| spend.id.to_string()),
            reversed_by: reversed_by.into_iter().map(reversal).collect(),
            reversed: reversed.get(),
            metadata: entry.metadata.entries().clone(),
            hash: entry.hash.to_string(),
            description: entry.description,
        }
    }
}

impl PartView {
    fn new((grant, amount): (Grant, Credits)) -> Self {
        Self {
            grant_id: grant.id.to_string(),
            amount: amount.get(),
            source: grant.source.to_string(),
            description: grant.description,
            expires_at: grant.expires_at.map(|at| at.to_string()),
            order_id: grant.origin.order.map(|order| order.to_string()),
            subscription_id: grant.origin.subscription.map(|subscription| subscription.to_string()),
            fact: grant.business_key.as_str().to_owned(),
        }
    }
}

impl UsageView {
    pub(crate) fn new(by: &UsageBy, series: UsageSeries) -> Self {
        Self {
            group_by: by.to_string(),
            timezone: series.zone.name().to_owned(),
            from: series.from.to_string(),
            to: series.to.to_string(),
            total: (&series.total).into(),
            series: series.sums.into_iter().map(UsagePointView::from).collect(),
        }
    }
}

impl From<&UsageSum> for UsageTotalView {
    fn from(sum: &UsageSum) -> Self {
        let units =
            |(name, units): (&String, &rust_decimal::Decimal)| (name.clone(), units.normalize().to_string());
        Self {
            net: sum.net().get(),
            spent: sum.spent.get(),
            reversed: sum.reversed.get(),
            price: exact(sum.price),
            quantities: sum.quantities.iter().map(units).collect(),
            count: sum.count,
        }
    }
}

impl From<UsageSum> for UsagePointView {
    fn from(sum: UsageSum) -> Self {
        Self { sum: (&sum).into(), key: sum.key }
    }
}

impl From<CreditForecast> for ForecastView {
    fn from(told: CreditForecast) -> Self {
        Self {
            balance: told.available.get(),
            days: told.days.to_string(),
            spent: told.spent.get(),
            per_day: told.per_day.to_string(),
            runs_out_at: told.forecast.runs_out_at.map(|at| at.to_string()),
            expires_unused: told.forecast.expires_unused.get(),
        }
    }
}
