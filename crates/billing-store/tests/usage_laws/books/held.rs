//! A hold for usage.

use std::collections::BTreeMap;

use billing_core::ledger::HoldState;
use billing_core::values::{Month, Timestamp};

use crate::meters::{CREDIT, Meter};

pub(super) struct Held {
    pub(super) state: HoldState,
    pub(super) expires_at: Timestamp,
    pub(super) calls: BTreeMap<Meter, Call>,
    /// Whether usage was returned while it was open.
    pub(super) returned: bool,
}

/// The usage of one meter: all its captures are one call.
pub(super) struct Call {
    /// What it is placed for, if it is.
    pub(super) held: Option<i64>,
    pub(super) captured: i64,
    pub(super) captures: usize,
    /// The month in which it is counted, and after how many tenths.
    pub(super) month: Month,
    pub(super) before: i64,
}

impl Call {
    pub(super) fn begin(month: Month, before: i64) -> Self {
        Self { held: None, captured: 0, captures: 0, month, before }
    }

    /// What all its captures cost.
    pub(super) fn price(&self, meter: Meter) -> i64 {
        if self.captures == 0 { 0 } else { meter.price(self.before, self.captured) }
    }

    /// What it is placed for and was not captured.
    pub(super) fn rest(&self) -> Option<i64> {
        let rest = (self.held? - self.captured).max(0);
        (self.captures == 0 || rest > 0).then_some(rest)
    }
}

impl Held {
    pub(super) fn held(&self, meter: Meter) -> i64 {
        self.calls.get(&meter).and_then(|call| call.held).unwrap_or_default()
    }

    /// The credits that cover what it is placed for.
    pub(super) fn amount(&self) -> i64 {
        let placed = self.calls.iter().filter_map(|(meter, call)| Some((meter, call, call.held?)));
        placed.map(|(meter, call, held)| (meter.price(call.before, held) + CREDIT - 1) / CREDIT).sum()
    }

    /// Whether it is placed for all that would be captured with `more`.
    pub(super) fn covers(&self, more: &[(Meter, i64)]) -> bool {
        let captured = |meter| {
            let more = more.iter().filter(|(other, _)| *other == meter).map(|(_, tenths)| tenths);
            self.calls.get(&meter).map_or(0, |call| call.captured) + more.sum::<i64>()
        };
        let unplaced = |meter: &Meter| {
            let named = more.iter().any(|(other, _)| other == meter);
            let call = self.calls.get(meter);
            (named || call.is_some_and(|call| call.captures > 0))
                && call.is_none_or(|call| call.held.is_none())
        };
        Meter::ALL.iter().all(|meter| captured(*meter) <= self.held(*meter) && !unplaced(meter))
    }
}
