//! Holds.

use std::collections::BTreeMap;

use billing_core::ledger::Hold;
use billing_core::requests::{HoldChanged, HoldCredits, LedgerRequest, SettleHold};
use billing_core::values::HoldId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::UsageBody;
use crate::problem::Problem;
use crate::request::{Whole, words};

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
    /// How many; everything that is left if neither this nor `usage` is sent.
    #[serde(default, deserialize_with = "crate::request::whole_if_sent")]
    amount: Option<Whole>,
    /// What was used, at the price that the hold was placed at.
    usage: Option<UsageBody>,
    /// The caller's word for it: `[a-z0-9_]{1,40}`; `usage` by default.
    r#type: Option<String>,
    description: Option<String>,
    metadata: Option<BTreeMap<String, String>>,
    /// Whether what the hold still sets aside is let go; false by default.
    #[serde(default)]
    r#final: bool,
    /// Whether to spend in the ordinary way if the hold has lapsed; false by default.
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

/// How long a hold lives.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExtendHoldBody {
    /// Whose; may be left out.
    pub(crate) account_id: Option<String>,
    /// For how long from now, 1 to 2678400 (31 days).
    pub(crate) expires_in_seconds: u32,
}

/// A hold after something was done to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HoldChangedView {
    hold_id: String,
    /// How many credits were set aside.
    amount: i64,
    /// How many of those were captured.
    captured: i64,
    /// How many still are set aside.
    remaining: i64,
    /// `open`, `captured`, `released`, `lapsed`.
    status: String,
    expires_at: String,
    /// What was captured now: the entry, and how many credits.
    transaction_id: Option<String>,
    spent: i64,
    /// What can be spent after it.
    balance: i64,
}

/// A hold.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HoldView {
    hold_id: String,
    amount: i64,
    captured: i64,
    remaining: i64,
    status: String,
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
            amount: words::how_much(self.amount, self.usage)?,
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
            amount: words::how_much_if_any(self.amount, self.usage)?,
            last: self.r#final,
            or_spend: self.or_spend,
            kind: words::spend_type(self.r#type.as_deref())?,
            description: words::description(self.description, "Usage")?,
            metadata: words::metadata(self.metadata)?,
        })
    }
}

impl From<&HoldChanged> for HoldChangedView {
    fn from(changed: &HoldChanged) -> Self {
        Self {
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
        Self {
            hold_id: hold.id.to_string(),
            amount: hold.amount.get(),
            captured: hold.captured.get(),
            remaining: hold.left().get(),
            status: hold.state.to_string(),
            quote: hold.quote.clone(),
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
