//! The usage that a hold is for.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::catalog::{
    MILLIONTHS, MonthKey, MonthPosition, MonthPositions, Tariff, Usage, UsagePrice, quantities,
};
use crate::ledger::usage::Rating;
use crate::ledger::{RatedUsage, Refusal};
use crate::values::{Credits, Month};

/// One usage that a hold is for, or that was captured from it. All its captures together are one call: minimum,
/// price per call and rounding apply to their sum.
///
/// What a capture adds below one credit stays with the hold until it ends, and is carried for the account only then.
/// So what the hold was placed for can be captured in parts, whatever the account carries. While a tier that is not
/// reached yet could make all of the call cheaper, captures are charged the least that it can come to, and the rest when
/// the hold ends.
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
    /// Where in its month each of those quantities begins whose tiers count over a month: where it stood when the
    /// hold was placed, whatever was used beside it since.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub months: MonthPositions,
    /// How many captures there were.
    #[serde(default)]
    pub captures: u32,
    /// What the call was priced at so far, in millionths of a credit.
    #[serde(default)]
    pub priced: i64,
    /// What of that is markup.
    #[serde(default)]
    pub markup: i64,
    /// What the captures were charged, in millionths of a credit: less than that where a hold ended after usage had been
    /// given back.
    #[serde(default)]
    pub charged: i64,
    /// How much of what was captured was given back while the hold was open.
    #[serde(default, with = "quantities", skip_serializing_if = "BTreeMap::is_empty")]
    pub given_back: BTreeMap<String, Decimal>,
    /// What of `charged` was given back since, in millionths of a credit.
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

    /// Where it begins to count those of `quantities` in `month` that it does not count yet.
    pub(in crate::ledger) fn unpinned(
        &self,
        quantities: &BTreeMap<String, Decimal>,
        month: Month,
    ) -> Vec<MonthKey> {
        let keys = self.tariff.month_keys(quantities.keys(), month);
        keys.filter(|key| !self.months.contains_key(&key.quantity)).collect()
    }

    /// Begins to count at `key` after `before` units of its month.
    pub(in crate::ledger) fn pin(&mut self, key: MonthKey, before: Decimal) {
        let position = MonthPosition { month: key.month, rate: key.rate, before };
        self.months.insert(key.quantity, position);
    }

    /// How many units that are counted at `key` it was placed for and has not captured.
    pub(in crate::ledger) fn left_at(&self, key: &MonthKey) -> Decimal {
        let counts = |position: &MonthPosition| position.key(&self.tariff.meter, &key.quantity) == *key;
        if self.months.get(&key.quantity).is_some_and(counts) {
            self.left(&key.quantity)
        } else {
            Decimal::ZERO
        }
    }

    /// The most that what it was placed for can come to, in millionths of a credit.
    pub(in crate::ledger) fn held_price(&self) -> Result<i64, Refusal> {
        if self.placed { RatedUsage::most(&self.tariff, &self.held, &self.months) } else { Ok(0) }
    }

    /// What captures were charged and that was neither taken nor carried nor given back, in millionths of a credit.
    pub(in crate::ledger) fn unbooked(&self) -> i64 {
        self.charged.saturating_sub(self.returned).saturating_sub(self.booked)
    }

    /// Takes one more capture in, whose rates it knows, and says what it adds to what the call is charged. Where the call
    /// may go on, that is the least that it can come to.
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

    /// Prices all captures, and says what that adds. A price never falls: of a call that went on after its hold had ended,
    /// a cheaper tier counts for what comes then.
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

    /// What of `added`, the price that its end adds to the call, is charged: no more than what was not given back costs
    /// as one call.
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

    /// The whole credits that it was charged and that were not taken yet.
    pub(in crate::ledger) fn due(&mut self) -> Credits {
        let credit = i64::from(MILLIONTHS);
        let due = self.unbooked().div_euclid(credit).max(0);
        self.booked = self.booked.saturating_add(due.saturating_mul(credit));
        Credits::new(due)
    }

    /// Gives `price` millionths and `units` of what was captured back, and says how many whole credits that makes free.
    pub(in crate::ledger) fn give_back(&mut self, price: i64, units: &BTreeMap<String, Decimal>) -> Credits {
        let credit = i64::from(MILLIONTHS);
        add_units(&mut self.given_back, units);
        self.returned = self.returned.saturating_add(price);
        let over = self.unbooked().saturating_neg().max(0);
        let due = over.div_euclid(credit).saturating_add(i64::from(over.rem_euclid(credit) > 0));
        self.booked = self.booked.saturating_sub(due.saturating_mul(credit));
        Credits::new(due)
    }

    /// Ends the call: charges what it comes to in all, and says what that adds, and all that was neither taken nor
    /// carried; it is from now on.
    pub(in crate::ledger) fn book(&mut self) -> Result<(UsagePrice, i64), Refusal> {
        let added = self.reprice(false)?;
        let added = self.not_given_back(added)?;
        self.charged = self.charged.saturating_add(added.price);
        let rest = self.unbooked();
        self.booked = self.booked.saturating_add(rest);
        Ok((added, rest))
    }

    /// What it was placed for and was not captured.
    pub(in crate::ledger) fn rest(&self) -> RatedUsage {
        let quantities = self.held.keys().map(|quantity| (quantity.clone(), self.left(quantity)));
        RatedUsage { tariff: self.tariff.clone(), quantities: quantities.collect() }
    }

    fn left(&self, quantity: &str) -> Decimal {
        let units = |all: &BTreeMap<String, Decimal>| all.get(quantity).copied().unwrap_or_default();
        units(&self.held).checked_sub(units(&self.captured)).unwrap_or_default().max(Decimal::ZERO)
    }

    /// Whether all that it was placed for was captured.
    pub(in crate::ledger) fn has_no_rest(&self) -> bool {
        self.captures > 0 && self.held.keys().all(|quantity| self.left(quantity).is_zero())
    }

    /// Whether as much was captured as it was placed for.
    pub(in crate::ledger) fn is_reached(&self) -> Result<bool, Refusal> {
        if self.captures == 0 || self.has_no_rest() {
            return Ok(self.captures > 0);
        }
        let captured = RatedUsage::price(&self.tariff, &self.captured, &self.months)?;
        Ok(captured.price >= self.held_price()?)
    }
}

/// Each of `more` has at most [`Usage::MAX_UNITS`]: it takes more than 10^13 of them to leave a decimal's range.
fn add_units(sums: &mut BTreeMap<String, Decimal>, more: &BTreeMap<String, Decimal>) {
    for (quantity, units) in more {
        let sum = sums.entry(quantity.clone()).or_default();
        *sum = sum.checked_add(*units).unwrap_or(Usage::MAX_UNITS);
    }
}
