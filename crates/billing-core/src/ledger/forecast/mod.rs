//! Forecast of the time at which an account's credits run out, at the current rate of spending.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::{AccountState, BurnOrder, Grant, Rollover, Stage};
use crate::values::{Credits, Timestamp};

/// The rate of spending: credits per time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The credits; less than 1 counts as zero.
    pub spent: Credits,
    /// The time in microseconds; at least 1.
    pub micros: i64,
}

/// The forecast of an account's credits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// The first time at which nothing is left to spend; none if that never happens.
    pub runs_out_at: Option<Timestamp>,
    /// The credits that expire unused by then; or ever, if that never happens.
    pub expires_unused: Credits,
}

/// Forecasts the free credits of `state`, which is as of `now`, without further grants and with spends evenly at
/// `pace`.
///
/// Grants are spent in burn order, start and end at their times, and roll over; upcoming grants count from their
/// start. Held credits are excluded, as they are as good as spent. The overdraft is excluded, too: an account that
/// uses it has run out.
pub fn forecast(state: &AccountState, pace: Pace, now: Timestamp) -> Forecast {
    let mut future = Future::of(state, pace, now);
    if state.balance.available() <= Credits::ZERO {
        return Forecast { runs_out_at: Some(now), expires_unused: Credits::ZERO };
    }
    let runs_out_at = future.run();
    Forecast { runs_out_at, expires_unused: Credits::new(future.unused) }
}

/// The rest of a grant, and when it counts.
#[derive(Clone, Copy)]
struct Lot {
    left: i64,
    begin: Timestamp,
    end: Option<Timestamp>,
    rollover: Option<Rollover>,
}

struct Future {
    /// In burn order.
    lots: BTreeMap<BurnOrder, Lot>,
    pace: Pace,
    began: Timestamp,
    now: Timestamp,
    /// The credits spent so far.
    spent: i64,
    unused: i64,
}

impl Future {
    fn of(state: &AccountState, pace: Pace, now: Timestamp) -> Self {
        let lot = |grant: &Grant| Lot {
            left: grant.free().get(),
            begin: grant.effective_at,
            end: grant.expires_at,
            rollover: grant.rollover,
        };
        let counts = |grant: &&Grant| matches!(grant.stage, Stage::Active | Stage::Upcoming);
        let lots = state.live_grants().filter(counts).map(|grant| (BurnOrder::of(grant), lot(grant)));
        Self { lots: lots.collect(), pace, began: now, now, spent: 0, unused: 0 }
    }

    /// Advances from one start or end of a grant to the next.
    fn run(&mut self) -> Option<Timestamp> {
        loop {
            let next = self.next_change();
            let there = self.there();
            let gone = self.spent_by(there).filter(|gone| next.is_none_or(|next| *gone <= next));
            if gone.is_some() {
                return gone;
            }
            let next = next?;
            let due = self.due_by(next).min(there);
            self.burn(due);
            self.now = next;
            self.end_grants();
            if self.there() == 0 {
                return Some(next);
            }
        }
    }

    fn counts(&self, lot: &Lot) -> bool {
        lot.begin <= self.now && lot.left > 0
    }

    /// The credits that can be spent now.
    fn there(&self) -> i64 {
        let lots = self.lots.values().filter(|lot| self.counts(lot));
        lots.fold(0_i64, |sum, lot| sum.saturating_add(lot.left))
    }

    fn next_change(&self) -> Option<Timestamp> {
        let moments =
            self.lots.values().filter(|lot| lot.left > 0).flat_map(|lot| [Some(lot.begin), lot.end]);
        moments.flatten().filter(|at| *at > self.now).min()
    }

    /// When `credits` more will have been spent; never at rate zero, or past the end of the calendar.
    fn spent_by(&self, credits: i64) -> Option<Timestamp> {
        let pace = i128::from(self.pace.spent.get());
        if pace < 1 {
            return None;
        }
        let sum = i128::from(self.spent).saturating_add(i128::from(credits));
        let micros = sum.saturating_mul(i128::from(self.pace.micros.max(1)));
        // Rounded up: the last credit is not spent before that time.
        let micros = micros.div_euclid(pace).saturating_add(i128::from(micros.rem_euclid(pace) > 0));
        let at = i128::from(self.began.micros()).saturating_add(micros);
        let at = i64::try_from(at).ok()?;
        (Timestamp::from_micros(at).micros() == at).then(|| Timestamp::from_micros(at))
    }

    /// The credits to spend from now until `moment`.
    fn due_by(&self, moment: Timestamp) -> i64 {
        let micros = i128::from(moment.micros()).saturating_sub(i128::from(self.began.micros()));
        let pace = i128::from(self.pace.spent.get().max(0));
        let sum = micros.saturating_mul(pace).div_euclid(i128::from(self.pace.micros.max(1)));
        i64::try_from(sum).unwrap_or(i64::MAX).saturating_sub(self.spent)
    }

    fn burn(&mut self, credits: i64) {
        let (now, mut missing) = (self.now, credits);
        for lot in self.lots.values_mut().filter(|lot| lot.begin <= now) {
            let part = missing.min(lot.left);
            lot.left = lot.left.saturating_sub(part);
            missing = missing.saturating_sub(part);
        }
        self.spent = self.spent.saturating_add(credits);
    }

    /// Ends the grants that end now; a rollover replaces them.
    fn end_grants(&mut self) {
        let now = self.now;
        for lot in self.lots.values_mut().filter(|lot| lot.end.is_some_and(|end| end <= now)) {
            let kept = lot.rollover.map_or(0, |rollover| lot.left.min(rollover.cap.get()));
            self.unused = self.unused.saturating_add(lot.left.saturating_sub(kept));
            lot.left = kept;
            lot.end = lot.rollover.map(|rollover| rollover.until);
            lot.rollover = None;
        }
    }
}
