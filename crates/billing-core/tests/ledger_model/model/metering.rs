//! What usage comes to: the price of all usage of a meter, rounded down to whole credits once.

use std::collections::BTreeMap;

use billing_core::catalog::{Rounding, Tariff};
use billing_core::ledger::{HoldState, RatedUsage};
use billing_core::values::Timestamp;
use rust_decimal::Decimal;

use super::story::{Story, Telling};
use crate::told::UseTold;

const CREDIT: i128 = 1_000_000;

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
    pub(super) returned: i128,
    pub(super) booked: i128,
}

/// What one usage costs in millionths. The tariffs of these tests charge whole millionths for each unit.
pub(super) fn price(tariff: &Tariff, units: &BTreeMap<String, i64>) -> i128 {
    let millionths =
        |credits: Decimal| i128::try_from((credits * Decimal::from(CREDIT)).normalize()).unwrap();
    let used: i128 = units
        .iter()
        .map(|(quantity, units)| i128::from(*units) * millionths(tariff.rates[quantity].credits.get()))
        .sum();
    let sum = (used + millionths(tariff.per_call.get())).max(millionths(tariff.minimum.get()));
    match tariff.rounding {
        Rounding::Carry => sum,
        Rounding::Up => ceiling(sum) * CREDIT,
        Rounding::Nearest => (sum + CREDIT / 2) / CREDIT * CREDIT,
    }
}

/// Millionths in credits, rounded up.
fn ceiling(millionths: i128) -> i128 {
    millionths.div_euclid(CREDIT) + i128::from(millionths.rem_euclid(CREDIT) > 0)
}

pub(super) fn units(quantities: &BTreeMap<String, Decimal>) -> BTreeMap<String, i64> {
    quantities.iter().map(|(name, units)| (name.clone(), i64::try_from(*units).unwrap())).collect()
}

impl HeldStory {
    pub(super) fn price(&self) -> i128 {
        if self.captures == 0 { 0 } else { price(&self.tariff, &self.captured) - self.returned }
    }

    pub(super) fn placed(usage: &RatedUsage) -> Self {
        Self {
            tariff: usage.tariff.clone(),
            placed: true,
            held: units(&usage.quantities),
            captured: BTreeMap::new(),
            captures: 0,
            returned: 0,
            booked: 0,
        }
    }

    fn is_reached(&self) -> bool {
        self.captures > 0 && self.price() + self.returned >= price(&self.tariff, &self.held)
    }

    /// What it is for and was not captured.
    pub(super) fn rest(&self) -> BTreeMap<String, i64> {
        let left = |(name, units): (&String, &i64)| {
            (name.clone(), (units - self.captured.get(name).copied().unwrap_or_default()).max(0))
        };
        self.held.iter().map(left).collect()
    }
}

/// The most credits that a hold's usages come to: for each meter, the sum of their prices, rounded up.
pub(super) fn most(usages: &[HeldStory]) -> i64 {
    let mut meters: BTreeMap<&str, i128> = BTreeMap::new();
    for held in usages.iter().filter(|held| held.placed) {
        *meters.entry(&held.tariff.meter).or_default() += price(&held.tariff, &held.held);
    }
    meters.values().map(|price| i64::try_from(ceiling(*price)).unwrap()).sum()
}

impl Story {
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
        let held = &mut usages[which];
        let before = held.price();
        for (name, units) in units(&usage.quantities) {
            *held.captured.entry(name).or_default() += units;
        }
        held.captures += 1;
        let added = held.price() - before;
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
        one
    }

    /// Ends what a hold has captured below one credit: it counts with all other usage of the meter from now on.
    pub(super) fn book_rests(&mut self, place: usize, uses: &mut Vec<Use>, now: Timestamp) {
        for which in 0..self.asides[place].usages.len() {
            let held = &mut self.asides[place].usages[which];
            let rest = held.price() - held.booked;
            held.booked = held.price();
            if rest == 0 {
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
            } else {
                let mut one = self.a_use(&tariff, BTreeMap::new(), (0, due), now);
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
