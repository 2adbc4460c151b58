//! Usage: numbers without gaps, the hash chain, and for each meter prices that add up to the credits taken and
//! carried.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{AuditProgress, Auditor};
use crate::catalog::{MILLIONTHS, MonthKey};
use crate::ledger::{ChainHash, Entry, HoldState, UsageRecord};

/// The sums of the usage so far.
#[derive(Default)]
pub(super) struct Progress {
    read: i64,
    head: Option<ChainHash>,
    /// The first and the last number of the usage that each entry pays for, and its credits.
    paid: BTreeMap<i64, (i64, i64, i128)>,
    meters: BTreeMap<String, Meter>,
    /// Its units in each month.
    pub(super) months: BTreeMap<MonthKey, Decimal>,
    /// The remaining price of each usage, by number; only for a whole history.
    left: Vec<i64>,
}

#[derive(Default)]
struct Meter {
    price: i128,
    credits: i128,
    uncovered: i128,
    carried: u32,
}

impl Progress {
    pub(super) fn since(mark: &AuditProgress) -> Self {
        Self { head: Some(mark.usage_head), ..Self::default() }
    }
}

impl Auditor<'_> {
    pub(super) fn usages(&mut self, usages: &[UsageRecord]) {
        for usage in usages {
            self.usage_in_chain(usage);
            self.given_back(usage);
            self.count_units(usage);
            let progress = &mut self.progress.usages;
            let credits = i128::from(usage.credits.get());
            if let Some(entry) = usage.entry {
                let paid = progress.paid.entry(entry).or_insert((usage.number, usage.number, 0));
                *paid = (paid.0, usage.number, paid.2.saturating_add(credits));
            }
            let meter = progress.meters.entry(usage.meter.clone()).or_default();
            meter.price = meter.price.saturating_add(i128::from(usage.price));
            meter.credits = meter.credits.saturating_add(credits);
            meter.uncovered = meter.uncovered.saturating_add(i128::from(usage.uncovered.get()));
            meter.carried = usage.carried;
        }
    }

    fn usage_in_chain(&mut self, usage: &UsageRecord) {
        self.progress.usages.read = self.progress.usages.read.saturating_add(1);
        let number = self.last_usage();
        self.expect(usage.number == number, || {
            format!("usage {} stands where {number} belongs", usage.number)
        });
        let before = self.progress.usages.head.unwrap_or(ChainHash::GENESIS);
        let expected = before.then_usage(usage, &usage.text(&self.kept.balance.text_key));
        self.expect(usage.hash == expected, || {
            format!("usage {number} carries the hash {}, its history makes {expected}", usage.hash)
        });
        let erased = usage.erased.is_some() && !(usage.description.is_empty() && usage.metadata.is_empty());
        self.expect(!erased, || format!("the text of usage {number} was erased, and there is one"));
        self.check_covered_usage(number, usage.hash);
        self.progress.usages.head = Some(usage.hash);
        self.expect(usage.entry.is_some() || usage.credits.is_zero(), || {
            format!("usage {number} took {} credits without an entry", usage.credits)
        });
    }

    /// No more is reversed of a usage than it cost.
    fn given_back(&mut self, usage: &UsageRecord) {
        if self.since.is_some() {
            return;
        }
        let left = &mut self.progress.usages.left;
        left.push(usage.price);
        let Some(number) = usage.returns else { return };
        let place = usize::try_from(number.saturating_sub(1)).ok();
        let original = place.and_then(|place| left.get_mut(place)).map(|left| {
            *left = left.saturating_add(usage.price);
            *left
        });
        let sound = number < usage.number && original.is_some_and(|left| left >= 0);
        self.expect(sound, || format!("usage {} gives back more than usage {number} cost", usage.number));
    }

    /// An entry pays for the usage that names it, and moves at least its credits: a hold may be captured by an amount
    /// in addition.
    pub(super) fn paid_usage(&mut self, entry: &Entry) {
        let paid = self.progress.usages.paid.remove(&entry.seq);
        let named = paid.map(|(first, last, _)| (first, last));
        self.expect(entry.usages == named, || {
            format!("entry {} names the usage {:?}, {named:?} name it", entry.seq, entry.usages)
        });
        let credits = paid.map_or(0, |(_, _, credits)| credits);
        let moved = i128::from(entry.amount.get()).saturating_neg();
        // Credits that return as a new grant have an entry of their own: one credit of each usage at most.
        let count =
            paid.map_or(0, |(first, last, _)| i128::from(last.saturating_sub(first)).saturating_add(1));
        self.expect(credits.abs() <= moved.abs().saturating_add(count), || {
            format!("entry {} moves {}, its usage {credits}", entry.seq, entry.amount)
        });
    }

    pub(super) fn check_usages(&mut self) {
        let (kept, read) = (self.kept.balance.usages, self.last_usage());
        self.expect(kept == read, || format!("the balance row says {kept} usages, there are {read}"));
        let head = self.progress.usages.head.unwrap_or(ChainHash::GENESIS);
        let kept = self.kept.balance.usage_head;
        self.expect(kept == head, || format!("the balance row ends in {kept}, the chain of usage in {head}"));
        let strays = self.progress.usages.paid.len();
        self.expect(strays == 0, || format!("usage names {strays} entries that are not there"));
        self.check_months();
        let meters = std::mem::take(&mut self.progress.usages.meters);
        for (name, meter) in &meters {
            let carry = self.kept.carries.get(name).copied().unwrap_or_default();
            let carried = meter.carried;
            self.expect(carry.millionths == carried, || {
                format!(
                    "{} millionths are carried of {name}, its last usage says {carried}",
                    carry.millionths
                )
            });
            if self.since.is_none() {
                self.check_meter(name, meter);
            }
        }
        let carries = self.kept.carries.iter();
        let strays = carries.filter(|(name, carry)| carry.millionths > 0 && !meters.contains_key(*name));
        let strays = strays.count();
        self.expect(strays == 0 || self.since.is_some(), || {
            format!("{strays} meters carry what nobody used")
        });
    }

    /// The cost of all usage of a meter was taken, is carried, or is kept by open holds.
    fn check_meter(&mut self, name: &str, meter: &Meter) {
        let carry = self.kept.carries.get(name).copied().unwrap_or_default();
        let open = self.kept.holds.iter().filter(|hold| hold.state == HoldState::Open);
        let held = open.flat_map(|hold| &hold.usages).filter(|held| held.tariff.meter == name);
        let held: i128 = held.map(|held| i128::from(held.unbooked())).sum();
        let whole = meter.credits.saturating_add(meter.uncovered);
        let accounted = whole.saturating_mul(i128::from(MILLIONTHS));
        let accounted = accounted.saturating_add(i128::from(carry.millionths)).saturating_add(held);
        self.expect(accounted == meter.price, || {
            format!("usage of {name} cost {} millionths, of which {accounted} are accounted for", meter.price)
        });
        let uncovered = i128::from(carry.uncovered.get());
        self.expect(uncovered == meter.uncovered, || {
            format!("{uncovered} credits of {name} count as uncovered, its usage says {}", meter.uncovered)
        });
    }

    /// The number of the last usage that was read.
    pub(super) fn last_usage(&self) -> i64 {
        self.since.map_or(0, |mark| mark.usages).saturating_add(self.progress.usages.read)
    }
}
