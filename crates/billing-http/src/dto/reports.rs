//! Reports of credits.

use std::collections::BTreeMap;

use billing_core::ledger::{EntryRecord, Grant, UsageBy, UsageSum};
use billing_core::requests::{BalanceThen, CreditForecast, ExplainedEntry, UsageSeries};
use billing_core::values::Credits;
use serde::Serialize;
use utoipa::ToSchema;

use super::UsageRecordView;
use super::usage_records::exact;

/// An account's balance at another time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BalanceThenView {
    /// RFC 3339, UTC.
    as_of: String,
    /// The available balance: `posted` less `held`.
    balance: i64,
    /// The sum of the entries.
    posted: i64,
    /// The credits reserved by holds.
    held: i64,
}

/// One entry of an account's history with its related rows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExplainedView {
    id: String,
    /// Its number in the account's history: 1, 2, 3 …
    seq: i64,
    r#type: String,
    /// Credits in (positive) or out (negative).
    amount: i64,
    description: String,
    /// The explanation in one sentence.
    explanation: String,
    /// The actor: `user`, `key:…`, `operator:…`, `provider:…` or `time`.
    actor: String,
    /// The effective time; RFC 3339, UTC.
    created_at: String,
    /// The time of writing.
    recorded_at: String,
    /// The time of the usage, if it was reported late.
    occurred_at: Option<String>,
    /// The sum of all entries including this one.
    posted_after: i64,
    /// The available balance after it.
    balance_after: i64,
    /// Its allocations in order: credits put into (positive) or drawn from (negative) grants.
    grants: Vec<PartView>,
    /// Its own debt (positive) or repayment (negative).
    debt: i64,
    /// The debt repaid right after it.
    repaid: i64,
    /// The usage, if a rate card priced it.
    usages: Vec<UsageRecordView>,
    /// The hold that it captures.
    hold_id: Option<String>,
    /// The transaction that it reverses.
    reverses: Option<String>,
    /// Its reversals, oldest first, up to 100.
    reversed_by: Vec<ReversalView>,
    /// The credits reversed in total.
    reversed: i64,
    metadata: BTreeMap<String, String>,
    /// The hash of this entry and the history before it, in hexadecimal.
    hash: String,
}

/// The credits that an entry put into or drew from one grant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartView {
    grant_id: String,
    amount: i64,
    source: String,
    description: String,
    expires_at: Option<String>,
    /// The order that paid for it.
    order_id: Option<String>,
    /// The subscription of its period.
    subscription_id: Option<String>,
    /// Its business key: an order, a period, a day's check-in, a request.
    fact: String,
}

/// One reversal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReversalView {
    transaction_id: String,
    amount: i64,
    created_at: String,
}

/// Sums of usage in a span.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageView {
    /// `day`, `type`, `meter` or the name of a dimension.
    group_by: String,
    /// The time zone of days.
    timezone: String,
    from: String,
    /// Exclusive.
    to: String,
    total: UsageTotalView,
    /// Every day of the span; or each type, meter or value with usage.
    series: Vec<UsagePointView>,
}

/// The total usage.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageTotalView {
    /// Spent less reversed.
    net: i64,
    spent: i64,
    reversed: i64,
    /// The price of metered usage, less reversals; in credits, as decimal text. Carried fractions are included.
    price: String,
    /// The quantities, less reversals; as decimal text.
    quantities: BTreeMap<String, String>,
    /// The number of spends and usages.
    count: u64,
}

/// The usage of a day, type, meter or value.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsagePointView {
    /// The day (`2026-04-15`), type, meter or value; null for spends without a meter or without such a value.
    key: Option<String>,
    #[serde(flatten)]
    sum: UsageTotalView,
}

/// The forecast of an account's credits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ForecastView {
    /// The available balance.
    balance: i64,
    /// The days over which the rate was measured, as decimal text; fewer than requested if the account is younger.
    days: String,
    /// The credits spent in them, less reversals.
    spent: i64,
    /// The credits per day, as decimal text.
    per_day: String,
    /// When nothing will be left to spend, including expiries and upcoming grants, and without held credits; null if
    /// that never happens.
    runs_out_at: Option<String>,
    /// The credits that will have expired unused by then.
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
    fn from(forecast: CreditForecast) -> Self {
        Self {
            balance: forecast.available.get(),
            days: forecast.days.to_string(),
            spent: forecast.spent.get(),
            per_day: forecast.per_day.to_string(),
            runs_out_at: forecast.forecast.runs_out_at.map(|at| at.to_string()),
            expires_unused: forecast.forecast.expires_unused.get(),
        }
    }
}
