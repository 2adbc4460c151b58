//! The laws.

use billing_core::ledger::HoldState;
use billing_core::ledger::audit::History;
use billing_core::values::{HoldId, Timestamp};

use super::Books;
use crate::answers::{Accepted, EntryLine, UsageLine, sums};
use crate::meters::{CREDIT, Meter, units};
use crate::requests::Ask;

impl Books {
    /// Checks the books against what a store keeps, in which everything is written that time has done by `now`.
    pub(crate) fn check(
        &mut self,
        usages: &[UsageLine],
        history: &History,
        holds: &[HoldId],
        now: Timestamp,
    ) {
        self.pass_time(now);
        for line in usages {
            match self.usages.get(&line.number) {
                Some(known) => assert_eq!(known.line, *line, "what was answered is kept"),
                None => self.enter_lapse(line),
            }
        }
        assert_eq!(self.usages.len(), usages.len(), "usage was answered that is not kept");
        for (number, id) in holds.iter().enumerate() {
            let kept = history.kept.holds.iter().find(|hold| hold.id == *id).unwrap();
            let own = self.of_hold(number).filter(|line| line.returns.is_none());
            let taken: i64 = own.map(|line| line.credits).sum();
            assert_eq!(kept.state, self.holds[number].state);
            assert_eq!(
                kept.captured.get() + kept.overrun.get(),
                taken,
                "a hold takes what its captures cost"
            );
            self.captures_cost_what_one_call_costs(number);
        }
        for meter in Meter::ALL {
            self.usage_is_rounded_once(meter, history);
        }
        self.credits_are_taken_once(history);
        self.months_are_counted(history);
    }

    /// Only when time ends a hold, usage is written that nobody asked for.
    fn enter_lapse(&mut self, line: &UsageLine) {
        let hold = &self.holds[line.hold.unwrap()];
        assert!([HoldState::Lapsed, HoldState::Settled].contains(&hold.state));
        assert_eq!((line.by_time, line.units, line.price, line.returns), (true, None, 0, None));
        assert_eq!(line.occurred_at, hold.expires_at);
        self.end(line);
    }

    fn captures_cost_what_one_call_costs(&self, hold: usize) {
        for (meter, call) in &self.holds[hold].calls {
            let own = self.of_hold(hold).filter(|line| line.meter == *meter && line.returns.is_none());
            assert_eq!(own.map(|line| line.price).sum::<i64>(), call.price(*meter));
        }
        if self.holds[hold].state == HoldState::Open {
            for meter in Meter::ALL {
                let fraction = self.fraction(hold, meter);
                assert!((0..CREDIT).contains(&fraction), "hold {hold} keeps {fraction} of {}", meter.name());
            }
        }
    }

    /// What an open hold has captured and not taken; below one credit.
    fn fraction(&self, hold: usize, meter: Meter) -> i64 {
        let own = self.of_hold(hold).filter(|line| line.meter == meter);
        own.map(|line| line.price - line.due() * CREDIT).sum()
    }

    /// The price of all usage less what was returned is what was taken, what nothing covered, what is carried, and what
    /// open holds have captured below one credit.
    fn usage_is_rounded_once(&self, meter: Meter, history: &History) {
        let all = || self.usages.values().map(|usage| &usage.line).filter(|line| line.meter == meter);
        let price: i64 = all().map(|line| line.price).sum();
        let due: i64 = all().map(UsageLine::due).sum();
        let open = (0..self.holds.len()).filter(|hold| self.holds[*hold].state == HoldState::Open);
        let held: i64 = open.map(|hold| self.fraction(hold, meter)).sum();
        let carried = all().next_back().map_or(0, |line| line.carried);
        let carry = history.kept.carries.get(meter.name()).copied().unwrap_or_default();
        assert_eq!(i64::from(carry.millionths), carried);
        assert!((0..CREDIT).contains(&carried));
        assert_eq!(price, due * CREDIT + carried + held, "{} is rounded once", meter.name());
        let uncovered: i64 = all().map(|line| line.uncovered).sum();
        assert!(due >= 0 && price >= 0 && uncovered >= 0);
        assert_eq!(carry.uncovered.get(), uncovered);
    }

    /// What spends took and reversals gave back is what usage and plain spends came to.
    fn credits_are_taken_once(&self, history: &History) {
        let entries: Vec<_> = history.lines.entries.iter().map(EntryLine::of).collect();
        let moved = entries.iter().filter(|entry| entry.is_spend_or_reversal()).map(|entry| entry.amount);
        let usage: i64 = self.usages.values().map(|usage| usage.line.credits).sum();
        let plain = self.accepted.values().filter(|(_, accepted)| accepted.usages.is_empty());
        let plain = plain.flat_map(|(_, accepted)| &accepted.entries);
        let plain: i64 = plain.filter(|entry| entry.is_spend_or_reversal()).map(|entry| entry.amount).sum();
        assert_eq!(moved.sum::<i64>(), plain - usage);
        let [posted, ..] = sums(&history.kept.balance);
        assert_eq!(posted, entries.iter().map(|entry| entry.amount).sum::<i64>());
        let granted = self.accepted.values().filter_map(|(request, _)| match request.ask {
            Ask::Grant { credits, .. } => Some(credits),
            _ => None,
        });
        let grants = entries.iter().filter(|entry| entry.kind == "grant").map(|entry| entry.amount);
        assert_eq!(grants.sum::<i64>(), granted.sum::<i64>());
    }

    fn months_are_counted(&self, history: &History) {
        for (month, tenths) in &self.months {
            let kept = history.kept.months.iter().find(|(key, _)| key.month == *month);
            assert_eq!(kept.map(|(_, units)| units.normalize()).unwrap_or_default(), units(*tenths));
        }
    }

    /// A hold that is open keeps less than a credit of each meter; one that ended took a credit more at most, with what
    /// the account carried.
    pub(super) fn hold_is_sound(&self, hold: usize, accepted: &Accepted) {
        let line = accepted.holds.iter().find(|line| line.hold == hold).unwrap();
        let left = if line.state == HoldState::Open { line.amount - line.captured } else { 0 };
        assert_eq!(line.left, left);
        let least = match line.state {
            HoldState::Open => 0,
            HoldState::Captured | HoldState::Released => -CREDIT,
            // What was spent in place of a hold that lapsed is carried for the account.
            HoldState::Lapsed | HoldState::Settled => return,
        };
        for meter in Meter::ALL {
            let fraction = self.fraction(hold, meter);
            assert!((least..CREDIT).contains(&fraction), "hold {hold} keeps {fraction} of {}", meter.name());
        }
        let own = self.of_hold(hold).filter(|line| line.returns.is_none());
        assert_eq!(line.captured + line.overrun, own.map(|line| line.credits).sum::<i64>());
    }

    pub(crate) fn nothing_is_open(&self) {
        assert!(self.holds.iter().all(|hold| hold.state != HoldState::Open));
    }
}
