//! What usage comes to: the price of all usage of a meter, rounded down to whole credits once.

use std::collections::BTreeMap;

use billing_core::catalog::Tariff;
use billing_core::ledger::{HoldState, RatedUsage};
use billing_core::values::{Timestamp, Zone};
use rust_decimal::Decimal;

use super::pricing;
use super::story::{Story, Telling};
use crate::told::UseTold;

pub(super) const CREDIT: i128 = 1_000_000;

/// All usage of one meter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct MeterStory {
    /// What it cost, in millionths of a credit; of what open holds have captured, the whole credits alone.
    pub(super) price: i128,
    /// Credits that it came to and that nothing covered.
    pub(super) uncovered: i64,
}

/// One usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) told: UseTold,
    /// Which of the hold's usages it is.
    pub(super) held: Option<(usize, usize)>,
    pub(super) returned: i64,
    pub(super) returned_credits: i64,
    pub(super) returns: usize,
}

/// Usage that a hold is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HeldStory {
    pub(super) tariff: Tariff,
    pub(super) placed: bool,
    pub(super) held: BTreeMap<String, i64>,
    pub(super) captured: BTreeMap<String, i64>,
    pub(super) captures: usize,
    /// The month in which it is counted, and after how many units.
    pub(super) month: Option<(String, i128)>,
    /// What all captures were priced at, what of that is markup, and what they were charged.
    pub(super) priced: i128,
    pub(super) markup: i128,
    pub(super) charged: i128,
    /// Units that were given back while the hold was open.
    pub(super) given_back: i64,
    pub(super) returned: i128,
    pub(super) booked: i128,
}

/// Millionths in credits, rounded up.
fn ceiling(millionths: i128) -> i128 {
    millionths.div_euclid(CREDIT) + i128::from(millionths.rem_euclid(CREDIT) > 0)
}

fn narrow(number: i128) -> i64 {
    i64::try_from(number).unwrap()
}

pub(super) fn units(quantities: &BTreeMap<String, Decimal>) -> BTreeMap<String, i64> {
    quantities.iter().map(|(name, units)| (name.clone(), i64::try_from(*units).unwrap())).collect()
}

impl HeldStory {
    /// What it was charged and keeps.
    pub(super) fn price(&self) -> i128 {
        self.charged - self.returned
    }

    pub(super) fn placed(usage: &RatedUsage) -> Self {
        Self {
            tariff: usage.tariff.clone(),
            placed: true,
            held: units(&usage.quantities),
            captured: BTreeMap::new(),
            captures: 0,
            month: None,
            priced: 0,
            markup: 0,
            charged: 0,
            given_back: 0,
            returned: 0,
            booked: 0,
        }
    }

    fn before(&self) -> i128 {
        self.month.as_ref().map_or(0, |(_, before)| *before)
    }

    /// Prices all captures, or what they come to at least; says what that adds, never less than nothing.
    fn reprice(&mut self, goes_on: bool) -> (i128, i128) {
        if self.captures == 0 {
            return (0, 0);
        }
        let price = if goes_on { pricing::least } else { pricing::price };
        let (whole, markup) = price(&self.tariff, self.before(), &self.captured);
        if whole < self.priced {
            return (0, 0);
        }
        let added = (whole - self.priced, markup - self.markup);
        (self.priced, self.markup) = (whole, markup);
        added
    }

    /// Charges what the call comes to at its end, but for what was given back before.
    fn charge_rest(&mut self) -> (i128, i128) {
        let (added, markup) = self.reprice(false);
        let (mut price, mut markup_of_it) = (added, markup);
        if self.given_back > 0 && added > 0 {
            let units: i64 = self.captured.values().sum::<i64>() - self.given_back;
            let kept = [("units".to_owned(), units)].into();
            let worth = if units == 0 { 0 } else { pricing::price(&self.tariff, self.before(), &kept).0 };
            price = if units == 0 { 0 } else { added.min((worth - self.price()).max(0)) };
            markup_of_it = markup * price / added;
        }
        self.charged += price;
        (price, markup_of_it)
    }

    fn most(&self) -> i128 {
        pricing::most(&self.tariff, self.before(), &self.held)
    }

    fn is_reached(&self) -> bool {
        let all = self.rest().values().all(|units| *units == 0);
        let price = || pricing::price(&self.tariff, self.before(), &self.captured).0;
        self.captures > 0 && (all || price() >= self.most())
    }

    /// What it is for and was not captured.
    pub(super) fn rest(&self) -> BTreeMap<String, i64> {
        let left = |(name, units): (&String, &i64)| {
            (name.clone(), (units - self.captured.get(name).copied().unwrap_or_default()).max(0))
        };
        self.held.iter().map(left).collect()
    }
}

impl Story {
    /// The most credits that a hold's usages come to from where their months stand: for each meter, the sum of their
    /// prices, rounded up.
    pub(super) fn most(&mut self, place: usize) -> i64 {
        let mut meters: BTreeMap<String, i128> = BTreeMap::new();
        for which in 0..self.asides[place].usages.len() {
            if self.asides[place].usages[which].placed {
                self.pin(place, which);
                let held = &self.asides[place].usages[which];
                *meters.entry(held.tariff.meter.clone()).or_default() += held.most();
            }
        }
        meters.values().map(|price| i64::try_from(ceiling(*price)).unwrap()).sum()
    }

    /// Adds to what all usage of a meter cost, and says how many whole credits that makes more.
    pub(super) fn book(&mut self, meter: &str, millionths: i128) -> i64 {
        let all = &mut self.meters.entry(meter.to_owned()).or_default().price;
        let before = all.div_euclid(CREDIT);
        *all += millionths;
        i64::try_from(all.div_euclid(CREDIT) - before).unwrap()
    }

    pub(super) fn carried(&self, meter: &str) -> u32 {
        let price = self.meters.get(meter).map_or(0, |meter| meter.price);
        u32::try_from(price.rem_euclid(CREDIT)).unwrap()
    }

    /// A usage that is not written down yet.
    pub(super) fn a_use(
        &self,
        tariff: &Tariff,
        units: BTreeMap<String, i64>,
        (price, credits): (i128, i64),
        now: Timestamp,
    ) -> Use {
        let told = UseTold {
            entry: None,
            meter: tariff.meter.clone(),
            dimensions: tariff.dimensions.clone(),
            units,
            price: i64::try_from(price).unwrap(),
            markup: 0,
            month: None,
            credits,
            uncovered: 0,
            carried: self.carried(&tariff.meter),
            kind: "usage".to_owned(),
            by_time: true,
            key: None,
            hold: None,
            returns: None,
            occurred_at: self.clock,
            recorded_at: now,
        };
        Use { told, held: None, returned: 0, returned_credits: 0, returns: 0 }
    }

    /// Leaves `missing` credits uncovered, of the last usage first.
    pub(super) fn leave_uncovered(&mut self, uses: &mut [Use], missing: i64) {
        let mut missing = missing;
        for one in uses.iter_mut().rev() {
            let part = missing.min(one.told.credits.max(0));
            missing -= part;
            one.told.credits -= part;
            one.told.uncovered += part;
            self.meters.entry(one.told.meter.clone()).or_default().uncovered += part;
        }
    }

    /// Writes usage down ahead of the line that moves its credits, and says which numbers it got.
    pub(super) fn note(&mut self, uses: Vec<Use>, moves: bool) -> Option<(i64, i64)> {
        let entry = moves.then(|| self.next_seq());
        let first = i64::try_from(self.uses.len()).unwrap() + 1;
        self.uses.extend(uses.into_iter().map(|mut one| {
            one.told.entry = entry;
            one
        }));
        let last = i64::try_from(self.uses.len()).unwrap();
        (first <= last).then_some((first, last))
    }

    /// Whether what a hold was placed for has been captured.
    pub(super) fn is_reached(&self, place: usize) -> bool {
        let aside = &self.asides[place];
        let mut placed = aside.usages.iter().filter(|held| held.placed).peekable();
        (aside.amount > 0 && aside.captured == aside.amount)
            || (placed.peek().is_some() && placed.all(HeldStory::is_reached))
    }

    /// Captures usage from a hold: as much more as the price of the whole grows by.
    pub(super) fn capture_use(&mut self, place: usize, usage: &RatedUsage, now: Timestamp) -> Use {
        let open = self.asides[place].state == HoldState::Open;
        let usages = &mut self.asides[place].usages;
        let same = |held: &HeldStory| {
            (&held.tariff.meter, &held.tariff.dimensions) == (&usage.tariff.meter, &usage.tariff.dimensions)
        };
        let which = usages.iter().position(same).unwrap_or_else(|| {
            usages.push(HeldStory { placed: false, held: BTreeMap::new(), ..HeldStory::placed(usage) });
            usages.len() - 1
        });
        self.pin(place, which);
        let held = &mut self.asides[place].usages[which];
        let captured = held.captured.values().sum::<i64>();
        let month = held.month.clone().map(|(month, before)| (month, narrow(before) + captured));
        for (name, units) in units(&usage.quantities) {
            *held.captured.entry(name).or_default() += units;
        }
        held.captures += 1;
        let (added, markup) = held.reprice(open);
        held.charged += added;
        let (due, told_price) = if open {
            let due = (held.price() - held.booked).div_euclid(CREDIT).max(0);
            held.booked += due * CREDIT;
            // The whole credits of it are taken now; the rest stays with the hold.
            (self.book(&usage.tariff.meter, due * CREDIT), added)
        } else {
            let rest = held.price() - held.booked;
            held.booked = held.price();
            (self.book(&usage.tariff.meter, rest), rest)
        };
        let mut one = self.a_use(&usage.tariff, units(&usage.quantities), (told_price, due), now);
        one.held = Some((place, which));
        one.told.hold = Some(self.asides[place].name.clone());
        (one.told.markup, one.told.month) = (narrow(markup), month);
        self.count(&one, 1);
        one
    }

    /// What `usage` that happens at `at` costs, what of that is markup, and where it stands in its month.
    pub(super) fn rated(&self, usage: &RatedUsage, at: Timestamp) -> (i128, i128, Option<(String, i64)>) {
        let month = self.position(&usage.tariff, at);
        let before = month.as_ref().map_or(0, |(_, before)| *before);
        let (price, markup) = pricing::price(&usage.tariff, before, &units(&usage.quantities));
        (price, markup, month.map(|(month, before)| (month, narrow(before))))
    }

    /// Counts the units of a usage in its month, or takes them off again.
    pub(super) fn count(&mut self, one: &Use, sign: i128) {
        if let Some((month, _)) = &one.told.month {
            let units: i64 = one.told.units.values().sum();
            *self.months.entry((one.told.meter.clone(), month.clone())).or_default() +=
                sign * i128::from(units);
        }
    }

    /// The month of `at`, and how many units were used in it, if the tariff's tiers count over one.
    fn position(&self, tariff: &Tariff, at: Timestamp) -> Option<(String, i128)> {
        let monthly = tariff.rates["units"].price.is_monthly();
        let month = monthly.then(|| Zone::UTC.month_of(at).to_string())?;
        let used = self.months.get(&(tariff.meter.clone(), month.clone()));
        Some((month, used.copied().unwrap_or_default()))
    }

    /// A hold's usage begins to count where its month stands, and stays there. Each of these tariffs is of a meter of its
    /// own, so nothing else of the hold counts with it.
    fn pin(&mut self, place: usize, which: usize) {
        let held = &self.asides[place].usages[which];
        if held.month.is_none() {
            self.asides[place].usages[which].month = self.position(&held.tariff, self.clock);
        }
    }

    /// Ends what a hold has captured below one credit: it counts with all other usage of the meter from now on.
    pub(super) fn book_rests(&mut self, place: usize, uses: &mut Vec<Use>, now: Timestamp) {
        for which in 0..self.asides[place].usages.len() {
            let held = &mut self.asides[place].usages[which];
            let (added, markup) = held.charge_rest();
            let rest = held.price() - held.booked;
            held.booked = held.price();
            if (rest, added, markup) == (0, 0, 0) {
                continue;
            }
            let tariff = held.tariff.clone();
            let due = self.book(&tariff.meter, rest);
            let carried = self.carried(&tariff.meter);
            let same = |one: &&mut Use| {
                (&one.told.meter, &one.told.dimensions) == (&tariff.meter, &tariff.dimensions)
            };
            if let Some(one) = uses.iter_mut().rev().find(same) {
                one.told.credits += due;
                one.told.price += narrow(added);
                one.told.markup += narrow(markup);
            } else {
                let mut one = self.a_use(&tariff, BTreeMap::new(), (added, due), now);
                one.told.markup = narrow(markup);
                one.told.hold = Some(self.asides[place].name.clone());
                one.held = Some((place, which));
                uses.push(one);
            }
            for one in uses.iter_mut().filter(|one| one.told.meter == tariff.meter) {
                one.told.carried = carried;
            }
        }
    }

    /// Rounded once: what was taken for a meter, and what nothing covered, is the price of all its usage in whole
    /// credits.
    pub(super) fn check_meters(&self) {
        for (name, meter) in &self.meters {
            let own = self.uses.iter().filter(|one| one.told.meter == *name);
            let told: i128 = own.map(|one| i128::from(one.told.credits + one.told.uncovered)).sum();
            assert_eq!(told, meter.price.div_euclid(CREDIT), "{name}");
        }
        for one in &self.uses {
            assert!(one.returned <= one.told.price.max(0), "no more comes back than it cost: {one:?}");
        }
    }
}

impl Telling<'_> {
    /// The usage, as one that this posting reports.
    pub(super) fn sign_use(&self, mut one: Use, kind: &str) -> Use {
        kind.clone_into(&mut one.told.kind);
        one.told.by_time = false;
        one.told.key = Some(self.posting.key.as_str().to_owned());
        one
    }
}
