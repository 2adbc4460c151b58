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

/// Credits to set aside, or usage to set them aside for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HoldBody {
    /// Whose; may be left out by keys that are bound to an account.
    pub(crate) account_id: Option<String>,
    /// How many: 1 to 2^53 − 1.
    #[serde(default, deserialize_with = "crate::request::whole_if_sent")]
    amount: Option<Whole>,
    /// What is going to be used at most, instead of an amount. The hold is settled at the price of now.
    usage: Option<UsageBody>,
    /// Several at once, up to 20, instead of `usage`: a chat and the tool that it calls.
    usages: Option<Vec<UsageBody>>,
    /// For how long, 1 to 2678400 (31 days); 900 by default.
    expires_in_seconds: Option<u32>,
    description: Option<String>,
    metadata: Option<BTreeMap<String, String>>,
}

/// What to capture of a hold.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaptureBody {
    /// Whose; may be left out.
    pub(crate) account_id: Option<String>,
    /// How many; all that it was placed for and that was not captured if neither this nor `usage` is sent, which settles
    /// the hold.
    #[serde(default, deserialize_with = "crate::request::whole_if_sent")]
    amount: Option<Whole>,
    /// What was used, at the price that the hold was placed at. All captures of a hold together are priced as one call.
    usage: Option<UsageBody>,
    /// Several at once, up to 20, instead of `usage`.
    usages: Option<Vec<UsageBody>>,
    /// What to do with what neither the hold nor what is free beside it covers: `refuse` (by default) all of it, take what
    /// is there (`partial`), or take all, so that the account owes it (`debt`).
    overrun: Option<String>,
    /// The caller's word for it: `[a-z0-9_]{1,40}`; `usage` by default.
    r#type: Option<String>,
    description: Option<String>,
    metadata: Option<BTreeMap<String, String>>,
    /// Whether what the hold still sets aside is let go; false by default.
    #[serde(default)]
    r#final: bool,
    /// Whether to spend in the ordinary way if the hold has lapsed, at its price and until what it was placed for is spent;
    /// false by default.
    #[serde(default)]
    or_spend: bool,
}

/// Whose hold is let go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleaseBody {
    /// Whose; may be left out.
    pub(crate) account_id: Option<String>,
}

/// How long a hold lives, and what it is for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExtendHoldBody {
    /// Whose; may be left out.
    pub(crate) account_id: Option<String>,
    /// For how long from now, 1 to 2678400 (31 days); as before if it is not sent.
    expires_in_seconds: Option<u32>,
    /// How many credits it sets aside from now on in all, captured ones included; not fewer than before.
    #[serde(default, deserialize_with = "crate::request::whole_if_sent")]
    amount: Option<Whole>,
    /// What it is for from now on in all, instead of an amount; at the price that it was placed at.
    usage: Option<UsageBody>,
    /// Several at once, up to 20, instead of `usage`.
    usages: Option<Vec<UsageBody>>,
}

/// A hold after something was done to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HoldChangedView {
    hold_id: String,
    /// How many credits were set aside.
    amount: i64,
    /// How many of those were captured.
    captured: i64,
    /// How many captures took beyond those.
    overrun: i64,
    /// How many still are set aside.
    remaining: i64,
    /// `open`, `captured`, `released`, `lapsed`, `settled`.
    status: String,
    expires_at: String,
    /// What was captured now: the transaction, and how many credits.
    transaction_id: Option<String>,
    spent: i64,
    /// How many credits what was captured came to that nothing covered and that are not owed.
    uncovered: i64,
    /// The usage that was recorded, if it is one.
    usage_id: Option<String>,
    /// The usage that was recorded.
    usages: Vec<UsageRecordView>,
    /// What can be spent after it.
    balance: i64,
    /// In answer to a repetition: the hold as it is today.
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<HoldView>,
}

/// A hold.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HoldView {
    hold_id: String,
    amount: i64,
    captured: i64,
    /// How many captures took beyond what was set aside.
    overrun: i64,
    remaining: i64,
    /// `open`, `captured`, `released`, `lapsed`, `settled`.
    status: String,
    /// The usage that it is for, and what of that was captured.
    usages: Vec<HeldUsageView>,
    /// The rate card's version at which it is settled.
    quote: Option<String>,
    description: String,
    metadata: BTreeMap<String, String>,
    /// What it pinned of which grants, in burn order.
    slices: Vec<SliceView>,
    /// How much no grant covered; the account's overdraft vouches for it.
    uncovered: i64,
    created_at: String,
    expires_at: String,
    ended_at: Option<String>,
}

/// Usage that a hold is for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HeldUsageView {
    quote: String,
    meter: String,
    dimensions: BTreeMap<String, String>,
    /// How much of what it was placed for, as decimal text.
    quantities: BTreeMap<String, String>,
    /// How much of what was captured.
    captured: BTreeMap<String, String>,
    /// Where in its month each quantity stood when the hold was placed, if its tiers count over a month.
    months: BTreeMap<String, UsageMonthView>,
}

/// What a hold pinned of one grant.
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
