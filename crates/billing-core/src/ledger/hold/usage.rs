//! The usage of a hold.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::catalog::{
    MILLIONTHS, MonthKey, MonthPosition, MonthPositions, Tariff, Usage, UsagePrice, quantities,
};
use crate::ledger::usage::Rating;
use crate::ledger::{RatedUsage, Refusal};
use crate::values::{Credits, Month};

/// One usage that a hold is for, or that was captured from it. All its captures are one call: minimum, price per call
/// and rounding apply to their sum.
///
/// The fraction of a credit that a capture adds stays with the hold until it ends, and is carried for the account only
/// then. So what the hold was placed for can be captured in parts, whatever the account carries. While a later tier
/// could make the whole call cheaper, captures are charged the call's minimum price, and the rest at the end of the
/// hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldUsage {
    /// The rates at its placement.
    pub tariff: Tariff,
    /// Whether the hold was placed for it; false for other usage that was captured.
    #[serde(default)]
    pub placed: bool,
    /// The quantities that it was placed for.
    #[serde(default, with = "quantities", skip_serializing_if = "BTreeMap::is_empty")]
    pub held: BTreeMap<String, Decimal>,
    /// The quantities captured so far.
    #[serde(default, with = "quantities", skip_serializing_if = "BTreeMap::is_empty")]
    pub captured: BTreeMap<String, Decimal>,
    /// The positions of those quantities in the month that have monthly tiers, as of the placement.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub months: MonthPositions,
    /// The number of captures.
    #[serde(default)]
    pub captures: u32,
    /// The price of the call so far, in millionths of a credit.
    #[serde(default)]
    pub priced: i64,
    /// The markup in it.
    #[serde(default)]
    pub markup: i64,
    /// The charges for captures, in millionths of a credit; less than the price if the hold ended after a reversal of
    /// its usage.
    #[serde(default)]
    pub charged: i64,
    /// The captured quantities that were reversed while the hold was open.
    #[serde(default, with = "quantities", skip_serializing_if = "BTreeMap::is_empty")]
    pub given_back: BTreeMap<String, Decimal>,
    /// The part of `charged` that was returned since, in millionths of a credit.
    #[serde(default)]
    pub returned: i64,
    /// The part of its price that was taken as credits or, after the hold's end, carried; in millionths of a credit.
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
        Self {
            tariff,
            placed: false,
            held: BTreeMap::new(),
            captured: BTreeMap::new(),
            months: MonthPositions::new(),
            captures: 0,
            priced: 0,
            markup: 0,
            charged: 0,
            given_back: BTreeMap::new(),
            returned: 0,
            booked: 0,
        }
    }

    /// Adds to what the hold is placed for.
    pub(in crate::ledger) fn hold_more(&mut self, quantities: &BTreeMap<String, Decimal>) {
        add_units(&mut self.held, quantities);
    }

    /// Those of `quantities` in `month` whose position is not pinned yet.
    pub(in crate::ledger) fn unpinned(
        &self,
        quantities: &BTreeMap<String, Decimal>,
        month: Month,
    ) -> Vec<MonthKey> {
        let keys = self.tariff.month_keys(quantities.keys(), month);
        keys.filter(|key| !self.months.contains_key(&key.quantity)).collect()
    }

    /// Pins the position at `key` after `before` units of its month.
    pub(in crate::ledger) fn pin(&mut self, key: MonthKey, before: Decimal) {
        let position = MonthPosition { month: key.month, rate: key.rate, before };
        self.months.insert(key.quantity, position);
    }

    /// The units at `key` that it was placed for and has not captured.
    pub(in crate::ledger) fn left_at(&self, key: &MonthKey) -> Decimal {
        let counts = |position: &MonthPosition| position.key(&self.tariff.meter, &key.quantity) == *key;
        if self.months.get(&key.quantity).is_some_and(counts) {
            self.left(&key.quantity)
        } else {
            Decimal::ZERO
        }
    }

    /// The most that the usage it was placed for can cost, in millionths of a credit.
    pub(in crate::ledger) fn held_price(&self) -> Result<i64, Refusal> {
        if self.placed { RatedUsage::most(&self.tariff, &self.held, &self.months) } else { Ok(0) }
    }

    /// The charges for captures that were neither taken nor carried nor returned, in millionths of a credit.
    pub(in crate::ledger) fn unbooked(&self) -> i64 {
        self.charged.saturating_sub(self.returned).saturating_sub(self.booked)
    }

    /// Adds one more capture, whose rates it knows, and returns the increase in the charge. If the call may continue,
    /// the charge is its minimum price.
    pub(in crate::ledger) fn capture(
        &mut self,
        usage: &RatedUsage,
        goes_on: bool,
    ) -> Result<Rating, Refusal> {
        let mut months = MonthPositions::new();
        for quantity in usage.quantities.keys() {
            if let Some(position) = self.months.get(quantity) {
                let captured = self.captured.get(quantity).copied().unwrap_or_default();
                let before = position.before.checked_add(captured).unwrap_or(position.before).normalize();
                months.insert(quantity.clone(), MonthPosition { before, ..position.clone() });
            }
        }
        add_units(&mut self.captured, &usage.quantities);
        self.captures = self.captures.saturating_add(1);
        let price = self.reprice(goes_on)?;
        self.charged = self.charged.saturating_add(price.price);
        Ok(Rating { price, months })
    }

    /// Prices all captures, and returns the increase. A price never decreases: for a call that continues after its
    /// hold has ended, a cheaper tier applies to later usage only.
    fn reprice(&mut self, goes_on: bool) -> Result<UsagePrice, Refusal> {
        if self.captures == 0 {
            return Ok(UsagePrice::default());
        }
        let price = if goes_on { RatedUsage::least } else { RatedUsage::price };
        let whole = price(&self.tariff, &self.captured, &self.months)?;
        let added = whole.price.saturating_sub(self.priced);
        if added < 0 {
            return Ok(UsagePrice::default());
        }
        let markup = whole.markup.saturating_sub(self.markup);
        (self.priced, self.markup) = (whole.price, whole.markup);
        Ok(UsagePrice { price: added, markup })
    }

    /// The part of `added`, the increase at the end of the call, that is charged: at most the price of the unreversed
    /// usage as one call.
    fn not_given_back(&self, added: UsagePrice) -> Result<UsagePrice, Refusal> {
        if self.given_back.is_empty() || added.price == 0 {
            return Ok(added);
        }
        let mut kept = self.captured.clone();
        for (quantity, units) in &mut kept {
            let back = self.given_back.get(quantity).copied().unwrap_or_default();
            *units = units.checked_sub(back).unwrap_or_default().max(Decimal::ZERO);
        }
        if kept.values().all(Decimal::is_zero) {
            return Ok(UsagePrice::default());
        }
        let kept = RatedUsage::price(&self.tariff, &kept, &self.months)?;
        let missing = kept.price.saturating_sub(self.charged.saturating_sub(self.returned));
        let price = added.price.min(missing.max(0));
        let markup = i128::from(added.markup).saturating_mul(i128::from(price));
        let markup = markup.checked_div(i128::from(added.price)).unwrap_or_default();
        Ok(UsagePrice { price, markup: i64::try_from(markup).unwrap_or_default() })
    }

    /// The whole credits that were charged and not taken yet.
    pub(in crate::ledger) fn due(&mut self) -> Credits {
        let credit = i64::from(MILLIONTHS);
        let due = self.unbooked().div_euclid(credit).max(0);
        self.booked = self.booked.saturating_add(due.saturating_mul(credit));
        Credits::new(due)
    }

    /// Returns `price` millionths and `units` of the captured usage, and returns the whole credits that become free.
    pub(in crate::ledger) fn give_back(&mut self, price: i64, units: &BTreeMap<String, Decimal>) -> Credits {
        let credit = i64::from(MILLIONTHS);
        add_units(&mut self.given_back, units);
        self.returned = self.returned.saturating_add(price);
        let over = self.unbooked().saturating_neg().max(0);
        let due = over.div_euclid(credit).saturating_add(i64::from(over.rem_euclid(credit) > 0));
        self.booked = self.booked.saturating_sub(due.saturating_mul(credit));
        Credits::new(due)
    }

    /// Ends the call: charges its total price, and returns the increase, and the amount that was neither taken nor
    /// carried, which now counts as such.
    pub(in crate::ledger) fn book(&mut self) -> Result<(UsagePrice, i64), Refusal> {
        let added = self.reprice(false)?;
        let added = self.not_given_back(added)?;
        self.charged = self.charged.saturating_add(added.price);
        let rest = self.unbooked();
        self.booked = self.booked.saturating_add(rest);
        Ok((added, rest))
    }

    /// The quantities that it was placed for and that were not captured.
    pub(in crate::ledger) fn rest(&self) -> RatedUsage {
        let quantities = self.held.keys().map(|quantity| (quantity.clone(), self.left(quantity)));
        RatedUsage { tariff: self.tariff.clone(), quantities: quantities.collect() }
    }

    fn left(&self, quantity: &str) -> Decimal {
        let units = |all: &BTreeMap<String, Decimal>| all.get(quantity).copied().unwrap_or_default();
        units(&self.held).checked_sub(units(&self.captured)).unwrap_or_default().max(Decimal::ZERO)
    }

    /// Whether everything that it was placed for was captured.
    pub(in crate::ledger) fn has_no_rest(&self) -> bool {
        self.captures > 0 && self.held.keys().all(|quantity| self.left(quantity).is_zero())
    }

    /// Whether the captured quantities reach those that it was placed for.
    pub(in crate::ledger) fn is_reached(&self) -> Result<bool, Refusal> {
        if self.captures == 0 || self.has_no_rest() {
            return Ok(self.captures > 0);
        }
        let captured = RatedUsage::price(&self.tariff, &self.captured, &self.months)?;
        Ok(captured.price >= self.held_price()?)
    }
}

/// Each of `more` is at most [`Usage::MAX_UNITS`]: it takes more than 10^13 of them to exceed a decimal's range.
fn add_units(sums: &mut BTreeMap<String, Decimal>, more: &BTreeMap<String, Decimal>) {
    for (quantity, units) in more {
        let sum = sums.entry(quantity.clone()).or_default();
        *sum = sum.checked_add(*units).unwrap_or(Usage::MAX_UNITS);
    }
}
