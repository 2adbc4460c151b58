//! A story in the words of the comparison.

use std::collections::BTreeMap;

use billing_core::ledger::{Source, Stage};

use super::metering::HeldStory;
use super::story::{Aside, Place, Pot, Story, burns_before, clamped};
use crate::told::{GrantSeen, HeldTold, HoldTold, Picture, Sums};

impl Story {
    pub(super) fn picture(&self) -> Picture {
        let name = |place: usize| self.pots[place].name.clone();
        let parts = self.written.iter().map(|written| {
            written.parts.iter().map(|(place, amount)| (name(*place), *amount)).collect::<Vec<_>>()
        });
        let asides = self.asides.iter().enumerate();
        self.check_meters();
        let carried =
            self.meters.iter().map(|(name, meter)| (name.clone(), (self.carried(name), meter.uncovered)));
        Picture {
            sums: self.sums(),
            lines: self.written.iter().map(|written| written.line.clone()).collect(),
            parts: parts.collect(),
            grants: self.pots.iter().map(|pot| (pot.name.clone(), seen(pot))).collect(),
            holds: asides.map(|(place, aside)| (aside.name.clone(), self.told(place, aside))).collect(),
            debts: self.debts.clone(),
            carried: carried.filter(|(_, carried)| *carried != (0, 0)).collect(),
            months: self
                .months
                .iter()
                .filter(|(_, units)| **units != 0)
                .map(|(month, units)| (month.clone(), i64::try_from(*units).unwrap()))
                .collect(),
            uses: self.uses.iter().map(|one| one.told.clone()).collect(),
        }
    }

    pub(super) fn sums(&self) -> Sums {
        let mut free: BTreeMap<usize, i128> = BTreeMap::new();
        for pot in self.pots.iter().filter(|pot| pot.stage == Stage::Active) {
            *free.entry(bucket(pot.source)).or_default() += i128::from(pot.at(Place::Free));
        }
        let coming: i128 = self.pots.iter().map(|pot| i128::from(pot.at(Place::Coming))).sum();
        let uncovered: i128 = self.asides.iter().map(|aside| i128::from(aside.uncovered_left)).sum();
        let spendable = self.free_at(Stage::Active);
        assert_eq!(self.available(), spendable - self.owed - uncovered, "available can be told in two ways");
        assert!(self.owed == 0 || spendable == 0, "nothing is free while something is owed");
        Sums {
            posted: self.posted(),
            held: clamped(self.held()),
            debt: clamped(self.owed),
            late: clamped(self.free_at(Stage::Late)),
            upcoming: clamped(coming),
            free: [0, 1, 2].map(|bucket| clamped(free.get(&bucket).copied().unwrap_or_default())),
            available: clamped(self.available()),
            last_at: self.clock,
            next_change_at: self.next_change(),
        }
    }

    /// What is left, in burn order.
    pub(super) fn live(&self) -> Vec<GrantSeen> {
        let mut live: Vec<&Pot> = self.pots.iter().filter(|pot| pot.left() > 0).collect();
        // A stable sort: what was made first settles ties.
        live.sort_by(|one, other| burns_before(one, other));
        live.into_iter().map(seen).collect()
    }

    fn told(&self, place: usize, aside: &Aside) -> HoldTold {
        let slice = |(pot, amount): &(usize, i64)| {
            (self.pots[*pot].name.clone(), *amount, self.pots[*pot].at(Place::Pinned(place)))
        };
        HoldTold {
            amount: aside.amount,
            captured: aside.captured,
            overrun: aside.overrun,
            usages: aside.usages.iter().map(held).collect(),
            state: aside.state,
            placed_at: aside.placed_at,
            expires_at: aside.expires_at,
            ended_at: aside.ended_at,
            slices: aside.slices.iter().map(slice).collect(),
            uncovered: (aside.uncovered, aside.uncovered_left),
        }
    }
}

fn held(held: &HeldStory) -> HeldTold {
    let narrow = |number: i128| i64::try_from(number).unwrap();
    let [returned, booked, charged] = [held.returned, held.booked, held.charged].map(narrow);
    (
        (held.tariff.meter.clone(), held.tariff.dimensions.clone()),
        (held.held.clone(), held.captured.clone()),
        (u32::try_from(held.captures).unwrap(), returned, booked, charged),
        held.month.clone().map(|(month, before)| (month, narrow(before))),
    )
}

fn seen(pot: &Pot) -> GrantSeen {
    GrantSeen {
        amount: pot.amount,
        left: pot.left(),
        pinned: pot.pinned(),
        forfeited: pot.forfeited(),
        clawed: pot.claimed,
        begin: pot.begin,
        end: pot.end,
        late_until: pot.late_until,
        stage: (pot.left() > 0).then_some(pot.stage),
    }
}

/// Included in a plan, purchased, or a bonus.
fn bucket(source: Source) -> usize {
    match source.as_str() {
        "plan" => 0,
        "purchase" | "gift" => 1,
        _ => 2,
    }
}
