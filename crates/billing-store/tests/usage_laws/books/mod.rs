//! The books that the test keeps of one account.

mod check;
mod enter;
mod held;
mod returns;

use std::collections::BTreeMap;

use billing_core::ledger::HoldState;
use billing_core::values::{Month, Timestamp, Zone};

use crate::answers::{Accepted, UsageLine};
use crate::meters::Meter;
use crate::requests::{Act, Ask, Request, Which};
use held::Held;

#[derive(Default)]
pub(crate) struct Books {
    /// All requests but repeated ones, and the answers of those that were accepted, by key.
    requests: Vec<Request>,
    accepted: BTreeMap<String, (Request, Accepted)>,
    /// Usage by number.
    usages: BTreeMap<i64, Usage>,
    holds: Vec<Held>,
    /// Tenths of a unit that are counted in each month.
    months: BTreeMap<Month, i64>,
    /// Entries that took credits, by number: how many, and how many came back where it was not for usage.
    spends: BTreeMap<i64, (i64, i64)>,
}

struct Usage {
    line: UsageLine,
    /// Tenths of a unit, and the month in which they are counted.
    tenths: i64,
    month: Month,
    /// What of its price came back, and in how many returns.
    returned: i64,
    returns: usize,
}

impl Usage {
    fn left(&self) -> i64 {
        self.line.price - self.returned
    }

    /// Whether any of it can be returned: usage that cost nothing can be once.
    fn is_returnable(&self) -> bool {
        self.left() > 0 || (self.line.price == 0 && self.returns == 0 && self.line.units.is_some())
    }
}

impl Books {
    pub(crate) fn request(&self, which: Which) -> Option<&Request> {
        newest(&self.requests, which)
    }

    /// What `act` asks for at `now`; nothing where there is nothing that it could be about.
    pub(crate) fn ask(&self, act: &Act, now: Timestamp) -> Option<Ask> {
        let after = |seconds: i64| now.plus_seconds(seconds);
        Some(match act {
            Act::Grant { credits, lives } => Ask::Grant { credits: *credits, expires_at: lives.map(after) },
            Act::Spend { credits, shortfall } => Ask::Spend { credits: *credits, shortfall: *shortfall },
            Act::Use { amounts, shortfall, ago } => Ask::Use {
                amounts: *amounts,
                shortfall: *shortfall,
                occurred_at: ago.map(|seconds| after(-seconds)),
            },
            Act::Place { amounts, lives } => Ask::Place { amounts: *amounts, expires_at: after(*lives) },
            Act::Raise { hold, more, lives } => {
                let hold = self.hold(*hold)?;
                let so_far = Meter::ALL.map(|meter| self.holds[hold].held(meter));
                let amounts = [0, 1].map(|meter| more[meter].map(|more| more + so_far[meter]));
                Ask::Raise { hold, amounts, expires_at: lives.map(after) }
            }
            Act::Capture { hold, amounts, shortfall, last, or_spend } => Ask::Capture {
                hold: self.hold(*hold)?,
                amounts: *amounts,
                shortfall: *shortfall,
                last: *last,
                or_spend: *or_spend,
            },
            Act::Release { hold } => Ask::Release { hold: self.hold(*hold)? },
            Act::ReturnUsage { usage, credits } => {
                let used =
                    self.usages.values().filter(|usage| usage.line.returns.is_none() && !usage.line.by_time);
                let numbers: Vec<_> = used.map(|usage| usage.line.number).collect();
                Ask::ReturnUsage { usage: *newest(&numbers, *usage)?, credits: *credits }
            }
            Act::ReturnEntry { entry, credits } => {
                let entries: Vec<_> = self.spends.keys().copied().collect();
                Ask::ReturnEntry { entry: *newest(&entries, *entry)?, credits: *credits }
            }
            Act::Repeat { .. } => return None,
        })
    }

    /// Mostly one that is open, also one that has lapsed or ended.
    fn hold(&self, which: Which) -> Option<usize> {
        let all: Vec<_> = (0..self.holds.len()).collect();
        let open = all.iter().copied().filter(|hold| self.holds[*hold].state == HoldState::Open);
        let open: Vec<_> = open.collect();
        let some = if which.is_multiple_of(3) || open.is_empty() { &all } else { &open };
        newest(some, which).copied()
    }

    /// Time ends holds.
    fn pass_time(&mut self, now: Timestamp) {
        let over = |held: &&mut Held| held.state == HoldState::Open && held.expires_at <= now;
        self.holds.iter_mut().filter(over).for_each(|held| held.state = HoldState::Lapsed);
    }

    fn counted(&self, meter: Meter, month: Month) -> i64 {
        if meter.is_monthly() { self.months.get(&month).copied().unwrap_or_default() } else { 0 }
    }

    fn count(&mut self, meter: Meter, month: Month, tenths: i64) {
        if meter.is_monthly() {
            *self.months.entry(month).or_default() += tenths;
        }
    }

    /// All usage of a hold, returns too.
    fn of_hold(&self, hold: usize) -> impl Iterator<Item = &UsageLine> {
        self.usages.values().map(|usage| &usage.line).filter(move |line| line.hold == Some(hold))
    }
}

fn newest<T>(all: &[T], which: Which) -> Option<&T> {
    let place = which.checked_rem(all.len())?;
    all.iter().rev().nth(place)
}

fn month_of(moment: Timestamp) -> Month {
    Zone::UTC.month_of(moment)
}
