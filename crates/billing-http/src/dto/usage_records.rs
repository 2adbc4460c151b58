//! Usage records.

use std::collections::BTreeMap;

use billing_core::catalog::MonthPosition;
use billing_core::ledger::{Capture, UsageRecord};
use billing_core::values::EntryId;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

/// A usage record, or its reversal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct UsageRecordView {
    pub(crate) usage_id: String,
    /// The transaction that took or returned its credits; null if there were none.
    transaction_id: Option<String>,
    /// The caller's type of spend.
    r#type: String,
    meter: String,
    dimensions: BTreeMap<String, String>,
    /// The quantities, as decimal text.
    quantities: BTreeMap<String, String>,
    /// The price in credits, as decimal text; negative for a reversal. For a capture: the increase in the price of all
    /// captures.
    price: String,
    /// The markup in the price, in credits as decimal text; may be negative.
    markup: String,
    /// The position in the month of each quantity with monthly tiers; empty for others.
    months: BTreeMap<String, UsageMonthView>,
    /// The version of the rate card that priced it.
    quote: String,
    /// The credits taken; negative for a reversal. Fractions are carried.
    spent: i64,
    /// The credits that were neither covered nor became debt.
    uncovered: i64,
    description: String,
    metadata: BTreeMap<String, String>,
    /// The hold that it was captured from.
    hold_id: Option<String>,
    /// Whether it reverses earlier usage.
    returned: bool,
    /// The time of the usage; RFC 3339, UTC.
    occurred_at: String,
    /// The time of its recording.
    created_at: String,
}

/// The position of a quantity in a month.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct UsageMonthView {
    /// The month that counts its units, such as `2026-04`.
    month: String,
    /// The dimension values of the rate that counts them, such as `model=glm-4-*`; empty if it has none.
    rate: String,
    /// The units used in the month before it, as decimal text. For a capture: the position of the hold's placement,
    /// plus earlier captures.
    used_before: String,
}

/// One capture of a hold.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaptureView {
    /// The transaction that took its credits; null if there were none.
    transaction_id: Option<String>,
    /// The credits taken.
    spent: i64,
    r#type: String,
    description: String,
    metadata: BTreeMap<String, String>,
    created_at: String,
    /// The captured usage; empty for an amount.
    usages: Vec<UsageRecordView>,
}

/// A flat line of an export.
#[derive(Debug, Serialize)]
pub(crate) struct UsageRow<'a> {
    usage_id: &'a str,
    transaction_id: &'a str,
    occurred_at: &'a str,
    created_at: &'a str,
    r#type: &'a str,
    meter: &'a str,
    dimensions: String,
    quantities: String,
    price: &'a str,
    markup: &'a str,
    quote: &'a str,
    spent: i64,
    uncovered: i64,
    returned: bool,
    hold_id: &'a str,
    description: &'a str,
    metadata: String,
}

impl UsageRecordView {
    /// The columns of an export.
    pub(crate) const COLUMNS: [&'static str; 17] = [
        "usage_id",
        "transaction_id",
        "occurred_at",
        "created_at",
        "type",
        "meter",
        "dimensions",
        "quantities",
        "price",
        "markup",
        "quote",
        "spent",
        "uncovered",
        "returned",
        "hold_id",
        "description",
        "metadata",
    ];

    /// `usage`, with the entry that took its credits.
    pub(crate) fn new(usage: &UsageRecord, entry: Option<EntryId>) -> Self {
        let units = |(name, units): (&String, &Decimal)| (name.clone(), units.normalize().to_string());
        Self {
            usage_id: usage.id.to_string(),
            transaction_id: entry.map(|entry| entry.to_string()),
            r#type: usage.kind.as_str().to_owned(),
            meter: usage.meter.clone(),
            dimensions: usage.dimensions.clone(),
            quantities: usage.quantities.iter().map(units).collect(),
            price: exact(usage.price),
            markup: exact(usage.markup),
            months: usage.months.iter().map(|(name, month)| (name.clone(), month.into())).collect(),
            quote: usage.quote.to_string(),
            spent: usage.credits.get(),
            uncovered: usage.uncovered.get(),
            description: usage.description.clone(),
            metadata: usage.metadata.entries().clone(),
            hold_id: usage.hold.map(|hold| hold.to_string()),
            returned: usage.returns.is_some(),
            occurred_at: usage.occurred_at.to_string(),
            created_at: usage.recorded_at.to_string(),
        }
    }

    /// All of `usages`, which one entry paid for.
    pub(crate) fn all(usages: &[UsageRecord], entry: Option<EntryId>) -> Vec<Self> {
        usages.iter().map(|usage| Self::new(usage, entry.filter(|_| usage.entry.is_some()))).collect()
    }

    /// The record as a row of a table.
    pub(crate) fn row(&self) -> UsageRow<'_> {
        let json = |map: &BTreeMap<String, String>| serde_json::to_string(map).unwrap_or_default();
        UsageRow {
            usage_id: &self.usage_id,
            transaction_id: self.transaction_id.as_deref().unwrap_or_default(),
            occurred_at: &self.occurred_at,
            created_at: &self.created_at,
            r#type: &self.r#type,
            meter: &self.meter,
            dimensions: json(&self.dimensions),
            quantities: json(&self.quantities),
            price: &self.price,
            markup: &self.markup,
            quote: &self.quote,
            spent: self.spent,
            uncovered: self.uncovered,
            returned: self.returned,
            hold_id: self.hold_id.as_deref().unwrap_or_default(),
            description: &self.description,
            metadata: json(&self.metadata),
        }
    }
}

impl From<&MonthPosition> for UsageMonthView {
    fn from(position: &MonthPosition) -> Self {
        Self {
            month: position.month.to_string(),
            rate: position.rate.clone(),
            used_before: position.before.normalize().to_string(),
        }
    }
}

impl From<Capture> for CaptureView {
    fn from(capture: Capture) -> Self {
        let entry = capture.entry.as_ref();
        let usages = UsageRecordView::all(&capture.usages, entry.map(|entry| entry.id));
        let first = capture.usages.first();
        let kind = entry.map(|entry| &entry.kind).or(first.map(|usage| &usage.kind));
        let words = entry.map(|entry| (&entry.description, &entry.metadata));
        let words = words.or(first.map(|usage| (&usage.description, &usage.metadata)));
        let at = entry.map(|entry| entry.effective_at).or(first.map(|usage| usage.recorded_at));
        Self {
            transaction_id: entry.map(|entry| entry.id.to_string()),
            spent: entry.map_or(0, |entry| entry.amount.get().saturating_neg()),
            r#type: kind.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
            description: words.map(|(description, _)| description.clone()).unwrap_or_default(),
            metadata: words.map(|(_, metadata)| metadata.entries().clone()).unwrap_or_default(),
            created_at: at.map(|at| at.to_string()).unwrap_or_default(),
            usages,
        }
    }
}

/// Millionths of a credit as decimal text.
pub(super) fn exact(millionths: i64) -> String {
    Decimal::new(millionths, 6).normalize().to_string()
}
