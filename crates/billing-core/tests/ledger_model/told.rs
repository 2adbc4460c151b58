//! The words in which the ledger and the model are compared: no ids, and nothing that only one of them knows.

use std::collections::BTreeMap;

use billing_core::ledger::{HoldState, Refusal, Stage};
use billing_core::values::Timestamp;

/// One line of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) kind: String,
    pub(crate) amount: i64,
    pub(crate) after: i64,
    pub(crate) available: i64,
    pub(crate) effective_at: Timestamp,
    pub(crate) recorded_at: Timestamp,
    pub(crate) by_time: bool,
    /// The posting that wrote it; none where time wrote it, or had a grant begin.
    pub(crate) key: Option<String>,
    pub(crate) grant: Option<String>,
    pub(crate) hold: Option<String>,
    pub(crate) reverses: Option<i64>,
    pub(crate) occurred_at: Option<Timestamp>,
    /// The numbers of the first and the last usage that it pays for.
    pub(crate) usages: Option<(i64, i64)>,
}

/// One usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UseTold {
    pub(crate) entry: Option<i64>,
    pub(crate) meter: String,
    pub(crate) dimensions: BTreeMap<String, String>,
    pub(crate) units: BTreeMap<String, i64>,
    pub(crate) price: i64,
    pub(crate) markup: i64,
    /// The month in which its units are counted, and how many were used in it before.
    pub(crate) month: Option<(String, i64)>,
    pub(crate) credits: i64,
    pub(crate) uncovered: i64,
    pub(crate) carried: u32,
    pub(crate) kind: String,
    pub(crate) by_time: bool,
    pub(crate) key: Option<String>,
    pub(crate) hold: Option<String>,
    pub(crate) returns: Option<i64>,
    pub(crate) occurred_at: Timestamp,
    pub(crate) recorded_at: Timestamp,
}

/// Usage of a hold: the meter and its values, what it was placed for, what was captured and how often, what of that was
/// given back, what was taken or carried, and what all of it was charged; where it begins in its month.
pub(crate) type HeldTold = (
    (String, BTreeMap<String, String>),
    (BTreeMap<String, i64>, BTreeMap<String, i64>),
    (u32, i64, i64, i64),
    Option<(String, i64)>,
);

/// What a posting that was carried out answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) lines: Vec<Line>,
    /// The grants that it made, in order.
    pub(crate) grants: Vec<String>,
    /// The numbers of the usage that it recorded.
    pub(crate) usages: Vec<i64>,
    /// The holds that it touched: how many credits were set aside, captured, taken beyond, and left; the state; the end.
    pub(crate) holds: BTreeMap<String, ([i64; 4], HoldState, Timestamp)>,
    pub(crate) available: i64,
    pub(crate) replayed: bool,
}

/// What became of a posting.
pub(crate) type Told = Result<Answer, Refusal>;

/// One account, all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) sums: Sums,
    pub(crate) lines: Vec<Line>,
    /// What each line drew from or put into which grant, in the order in which it was drawn.
    pub(crate) parts: Vec<Vec<(String, i64)>>,
    pub(crate) grants: BTreeMap<String, GrantSeen>,
    pub(crate) holds: BTreeMap<String, HoldTold>,
    /// What came to be owed (positive) or was repaid, by number of the line and grant.
    pub(crate) debts: BTreeMap<(i64, Option<String>), i64>,
    /// Millionths and what nothing covered, by meter; those of which there is nothing are left out.
    pub(crate) carried: BTreeMap<String, (u32, i64)>,
    /// Units by meter and month; those of which there are none are left out.
    pub(crate) months: BTreeMap<(String, String), i64>,
    pub(crate) uses: Vec<UseTold>,
}

/// An account's kept sums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) posted: i64,
    pub(crate) held: i64,
    pub(crate) debt: i64,
    pub(crate) late: i64,
    pub(crate) upcoming: i64,
    /// What is free: included in a plan, purchased, and else.
    pub(crate) free: [i64; 3],
    pub(crate) available: i64,
    pub(crate) last_at: Timestamp,
    pub(crate) next_change_at: Option<Timestamp>,
}

/// One grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GrantSeen {
    pub(crate) amount: i64,
    pub(crate) left: i64,
    pub(crate) pinned: i64,
    pub(crate) forfeited: i64,
    pub(crate) clawed: i64,
    pub(crate) begin: Timestamp,
    pub(crate) end: Option<Timestamp>,
    pub(crate) late_until: Option<Timestamp>,
    /// Where it is in its life, if anything is left of it.
    pub(crate) stage: Option<Stage>,
}

/// One hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HoldTold {
    pub(crate) amount: i64,
    pub(crate) captured: i64,
    pub(crate) overrun: i64,
    pub(crate) usages: Vec<HeldTold>,
    pub(crate) state: HoldState,
    pub(crate) placed_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) ended_at: Option<Timestamp>,
    /// The grants that it pinned, in burn order: how much was, how much still is.
    pub(crate) slices: Vec<(String, i64, i64)>,
    /// What no grant covered: how much was, how much still is.
    pub(crate) uncovered: (i64, i64),
}
