//! Holds.

use std::collections::BTreeMap;

use billing_core::ledger::{HeldUsage, Hold};
use billing_core::requests::{HoldChanged, HoldCredits, LedgerRequest, RaiseHold, SettleHold};
use billing_core::values::HoldId;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::usage_records::UsageMonthView;
use super::{UsageBody, UsageRecordView};
use crate::problem::Problem;
use crate::request::{Asked, Whole, words};

/// A hold on credits, or on the price of usage.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HoldBody {
    /// The account; optional for keys that are bound to an account.
    pub(crate) account_id: Option<String>,
    /// The amount: 1 to 2^53 − 1.
    #[serde(default, deserialize_with = "crate::request::whole_if_sent")]
    amount: Option<Whole>,
    /// The maximum usage, instead of an amount. The hold is settled at the current rates.
    usage: Option<UsageBody>,
    /// Several usages, up to 20, instead of `usage`: for example a chat and the tool that it calls.
    usages: Option<Vec<UsageBody>>,
    /// The duration, 1 to 2678400 (31 days); 900 by default.
    expires_in_seconds: Option<u32>,
    description: Option<String>,
    metadata: Option<BTreeMap<String, String>>,
}

/// A capture of a hold.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaptureBody {
    /// The account; optional.
    pub(crate) account_id: Option<String>,
    /// The amount; without it and `usage` the uncaptured rest of the hold is captured, which settles it.
    #[serde(default, deserialize_with = "crate::request::whole_if_sent")]
    amount: Option<Whole>,
    /// The usage, at the rates of the hold's placement. All captures of a hold are priced as one call.
    usage: Option<UsageBody>,
    /// Several usages, up to 20, instead of `usage`.
    usages: Option<Vec<UsageBody>>,
    /// What to do if neither the hold nor the free balance covers it: `refuse` (by default) all of it, take what is
    /// available (`partial`), or take all and create a debt (`debt`).
    overrun: Option<String>,
    /// The caller's type of spend: `[a-z0-9_]{1,40}`; `usage` by default.
    r#type: Option<String>,
    description: Option<String>,
    metadata: Option<BTreeMap<String, String>>,
    /// Whether the rest of the hold is released; false by default.
    #[serde(default)]
    r#final: bool,
    /// Whether to spend from the balance if the hold has lapsed, at its rates and up to the usage that it was placed
    /// for; false by default.
    #[serde(default)]
    or_spend: bool,
}

/// The account of a hold to release.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleaseBody {
    /// The account; optional.
    pub(crate) account_id: Option<String>,
}

/// The new duration and amount of a hold.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExtendHoldBody {
    /// The account; optional.
    pub(crate) account_id: Option<String>,
    /// The new duration from now, 1 to 2678400 (31 days); unchanged by default.
    expires_in_seconds: Option<u32>,
    /// The new total of credits, captured ones included; not less than before.
    #[serde(default, deserialize_with = "crate::request::whole_if_sent")]
    amount: Option<Whole>,
    /// The new total usage, instead of an amount; at the rates of the placement.
    usage: Option<UsageBody>,
    /// Several usages, up to 20, instead of `usage`.
    usages: Option<Vec<UsageBody>>,
}

/// A changed hold.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HoldChangedView {
    hold_id: String,
    /// The reserved credits.
    amount: i64,
    /// The captured credits.
    captured: i64,
    /// The credits that captures took beyond the hold.
    overrun: i64,
    /// The credits still reserved.
    remaining: i64,
    /// `open`, `captured`, `released`, `lapsed`, `settled`.
    status: String,
    expires_at: String,
    /// The transaction of this capture, and its credits.
    transaction_id: Option<String>,
    spent: i64,
    /// The credits of this capture that were neither covered nor became debt.
    uncovered: i64,
    /// The usage record, if there is exactly one.
    usage_id: Option<String>,
    /// The usage records.
    usages: Vec<UsageRecordView>,
    /// The available balance after it.
    balance: i64,
    /// For a replay: the current hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<HoldView>,
}

/// A hold.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HoldView {
    hold_id: String,
    amount: i64,
    captured: i64,
    /// The credits that captures took beyond the hold.
    overrun: i64,
    remaining: i64,
    /// `open`, `captured`, `released`, `lapsed`, `settled`.
    status: String,
    /// The usage that it is for, and the captured part.
    usages: Vec<HeldUsageView>,
    /// The rate card version at which it is settled.
    quote: Option<String>,
    description: String,
    metadata: BTreeMap<String, String>,
    /// The grants that it has pinned, in burn order.
    slices: Vec<SliceView>,
    /// The credits that no grant covers; the account's overdraft covers them.
    uncovered: i64,
    created_at: String,
    expires_at: String,
    ended_at: Option<String>,
}

/// Usage of a hold.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HeldUsageView {
    quote: String,
    meter: String,
    dimensions: BTreeMap<String, String>,
    /// The quantities that it was placed for, as decimal text.
    quantities: BTreeMap<String, String>,
    /// The captured quantities.
    captured: BTreeMap<String, String>,
    /// The position in the month of each quantity with monthly tiers, as of the placement.
    months: BTreeMap<String, UsageMonthView>,
}

/// The part of one grant that a hold has pinned.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SliceView {
    grant_id: String,
    amount: i64,
    remaining: i64,
}

impl HoldBody {
    pub(crate) fn into_request(self, request: LedgerRequest) -> Result<HoldCredits, Problem> {
        Ok(HoldCredits {
            request,
            amount: Asked { amount: self.amount, usage: self.usage, usages: self.usages }.how_much()?,
            seconds: self.expires_in_seconds.unwrap_or(900),
            description: words::description(self.description, "Reserved")?,
            metadata: words::metadata(self.metadata)?,
        })
    }
}

impl CaptureBody {
    pub(crate) fn into_request(self, request: LedgerRequest, hold: HoldId) -> Result<SettleHold, Problem> {
        Ok(SettleHold {
            request,
            hold,
            overrun: words::overrun(self.overrun.as_deref())?.unwrap_or_default(),
            amount: Asked { amount: self.amount, usage: self.usage, usages: self.usages }
                .how_much_if_any()?,
            last: self.r#final,
            or_spend: self.or_spend,
            kind: words::spend_type(self.r#type.as_deref())?,
            description: words::description(self.description, "Usage")?,
            metadata: words::metadata(self.metadata)?,
        })
    }
}

impl ExtendHoldBody {
    pub(crate) fn into_request(self, request: LedgerRequest, hold: HoldId) -> Result<RaiseHold, Problem> {
        let asked = Asked { amount: self.amount, usage: self.usage, usages: self.usages };
        Ok(RaiseHold { request, hold, seconds: self.expires_in_seconds, amount: asked.how_much_if_any()? })
    }
}

impl From<HeldUsage> for HeldUsageView {
    fn from(held: HeldUsage) -> Self {
        let texts = |units: BTreeMap<String, Decimal>| {
            units.into_iter().map(|(name, units)| (name, units.normalize().to_string())).collect()
        };
        Self {
            quote: held.tariff.quote().to_string(),
            meter: held.tariff.meter,
            dimensions: held.tariff.dimensions,
            quantities: texts(held.held),
            captured: texts(held.captured),
            months: held.months.iter().map(|(name, month)| (name.clone(), month.into())).collect(),
        }
    }
}

impl From<HoldChanged> for HoldChangedView {
    fn from(changed: HoldChanged) -> Self {
        let uncovered = changed.usages.iter().map(|usage| usage.uncovered.get());
        let usages = UsageRecordView::all(&changed.usages, changed.entry);
        let usage_id = match usages.as_slice() {
            [one] => Some(one.usage_id.clone()),
            _ => None,
        };
        Self {
            overrun: changed.hold.overrun.get(),
            uncovered: uncovered.fold(0, i64::saturating_add),
            usage_id,
            usages,
            current: changed.current.map(HoldView::from),
            hold_id: changed.hold.id.to_string(),
            amount: changed.hold.amount.get(),
            captured: changed.hold.captured.get(),
            remaining: changed.hold.left.get(),
            status: changed.hold.state.to_string(),
            expires_at: changed.hold.expires_at.to_string(),
            transaction_id: changed.entry.map(|entry| entry.to_string()),
            spent: changed.spent.get(),
            balance: changed.available.get(),
        }
    }
}

impl From<Hold> for HoldView {
    fn from(hold: Hold) -> Self {
        let slices = hold.slices.iter().map(|slice| SliceView {
            grant_id: slice.grant.to_string(),
            amount: slice.amount.get(),
            remaining: slice.left.get(),
        });
        let (quote, left) = (hold.quote(), hold.left());
        Self {
            hold_id: hold.id.to_string(),
            amount: hold.amount.get(),
            captured: hold.captured.get(),
            overrun: hold.overrun.get(),
            remaining: left.get(),
            status: hold.state.to_string(),
            quote,
            usages: hold.usages.into_iter().map(HeldUsageView::from).collect(),
            slices: slices.collect(),
            uncovered: hold.uncovered.get(),
            created_at: hold.placed_at.to_string(),
            expires_at: hold.expires_at.to_string(),
            ended_at: hold.ended_at.map(|at| at.to_string()),
            metadata: hold.metadata.entries().clone(),
            description: hold.description,
        }
    }
}
