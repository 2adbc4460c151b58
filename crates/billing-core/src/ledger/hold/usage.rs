//! The usage that a hold is for.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::catalog::{MILLIONTHS, Tariff, Usage, quantities};
use crate::ledger::{RatedUsage, Refusal};
use crate::values::Credits;

/// One usage that a hold is for, or that was captured from it. All its captures together are one call: minimum,
/// price per call and rounding apply to their sum.
///
/// What a capture adds below one credit stays with the hold until it ends, and is carried for the account only then.
/// So what the hold was placed for can be captured in parts, whatever the account carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldUsage {
    /// The rates at which it was placed.
    pub tariff: Tariff,
    /// Whether the hold was placed for it; not where usage was captured that it was not placed for.
    #[serde(default)]
    pub placed: bool,
    /// What it was placed for.
    #[serde(default, with = "quantities", skip_serializing_if = "BTreeMap::is_empty")]
    pub held: BTreeMap<String, Decimal>,
    /// What was captured so far.
    #[serde(default, with = "quantities", skip_serializing_if = "BTreeMap::is_empty")]
    pub captured: BTreeMap<String, Decimal>,
    /// How many captures there were.
    #[serde(default)]
    pub captures: u32,
    /// What of that was given back since, in millionths of a credit.
    #[serde(default)]
    pub returned: i64,
    /// What of its price was taken as credits or, once the hold has ended, carried; in millionths of a credit.
    #[serde(default)]
    pub booked: i64,
}

impl HeldUsage {
    /// Usage that a hold is placed for.
    pub(in crate::ledger) fn placed(usage: RatedUsage) -> Self {
        Self { placed: true, held: usage.quantities, ..Self::unplaced(usage.tariff) }
    }

    /// Usage that is captured from a hold that was not placed for it.
    pub(in crate::ledger) fn unplaced(tariff: Tariff) -> Self {
        let (held, captured) = (BTreeMap::new(), BTreeMap::new());
        Self { tariff, placed: false, held, captured, captures: 0, returned: 0, booked: 0 }
    }

    /// Adds to what the hold is placed for.
    pub(in crate::ledger) fn hold_more(&mut self, quantities: &BTreeMap<String, Decimal>) {
        add_units(&mut self.held, quantities);
    }

    /// What it was placed for costs, in millionths of a credit.
    pub(in crate::ledger) fn held_price(&self) -> Result<i64, Refusal> {
        if self.placed { RatedUsage::price(&self.tariff, &self.held) } else { Ok(0) }
    }

    /// What was captured costs, less what was given back; in millionths of a credit.
    pub(in crate::ledger) fn captured_price(&self) -> Result<i64, Refusal> {
        if self.captures == 0 {
            return Ok(0);
        }
        Ok(RatedUsage::price(&self.tariff, &self.captured)?.saturating_sub(self.returned))
    }

    /// Takes one more capture in, and says by how much the price of the whole grew, in millionths of a credit.
    pub(in crate::ledger) fn capture(&mut self, usage: &RatedUsage) -> Result<i64, Refusal> {
        let before = self.captured_price()?;
        self.tariff.fill_in(&usage.tariff);
        add_units(&mut self.captured, &usage.quantities);
        self.captures = self.captures.saturating_add(1);
        Ok(self.captured_price()?.saturating_sub(before))
    }

    /// The whole credits that its price has come to and that were not taken yet.
    pub(in crate::ledger) fn due(&mut self) -> Result<Credits, Refusal> {
        let credit = i64::from(MILLIONTHS);
        let due = self.captured_price()?.saturating_sub(self.booked).div_euclid(credit).max(0);
        self.booked = self.booked.saturating_add(due.saturating_mul(credit));
        Ok(Credits::new(due))
    }

    /// Gives `price` millionths of what was captured back, and says how many whole credits that makes free.
    pub(in crate::ledger) fn give_back(&mut self, price: i64) -> Result<Credits, Refusal> {
        let credit = i64::from(MILLIONTHS);
        self.returned = self.returned.saturating_add(price);
        let over = self.booked.saturating_sub(self.captured_price()?).max(0);
        let due = over.div_euclid(credit).saturating_add(i64::from(over.rem_euclid(credit) > 0));
        self.booked = self.booked.saturating_sub(due.saturating_mul(credit));
        Ok(Credits::new(due))
    }

    /// What it has come to that was neither taken nor carried; it is from now on.
    pub(in crate::ledger) fn book(&mut self) -> Result<i64, Refusal> {
        let price = self.captured_price()?;
        let rest = price.saturating_sub(self.booked);
        self.booked = price;
        Ok(rest)
    }

    /// What it was placed for and was not captured.
    pub(in crate::ledger) fn rest(&self) -> RatedUsage {
        let left = |(quantity, units): (&String, &Decimal)| {
            let captured = self.captured.get(quantity).copied().unwrap_or_default();
            let left = units.checked_sub(captured).unwrap_or_default().max(Decimal::ZERO);
            (quantity.clone(), left)
        };
        RatedUsage { tariff: self.tariff.clone(), quantities: self.held.iter().map(left).collect() }
    }

    /// Whether all that it was placed for was captured.
    pub(in crate::ledger) fn has_no_rest(&self) -> bool {
        self.captures > 0 && self.rest().quantities.values().all(Decimal::is_zero)
    }

    /// Whether as much was captured as it was placed for.
    pub(in crate::ledger) fn is_reached(&self) -> Result<bool, Refusal> {
        Ok(self.captures > 0 && self.captured_price()?.saturating_add(self.returned) >= self.held_price()?)
    }
}

/// Each of `more` has at most [`Usage::MAX_UNITS`]: it takes more than 10^13 of them to leave a decimal's range.
fn add_units(sums: &mut BTreeMap<String, Decimal>, more: &BTreeMap<String, Decimal>) {
    for (quantity, units) in more {
        let sum = sums.entry(quantity.clone()).or_default();
        *sum = sum.checked_add(*units).unwrap_or(Usage::MAX_UNITS);
    }
}
