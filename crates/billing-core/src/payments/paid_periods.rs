//! The whole periods that a subscription's payments paid for.

use std::cmp::Reverse;

use super::{Payment, PeriodTerms};
use crate::values::{Period, PlanId, Timestamp};

/// A longer period is billed yearly.
const LONGEST_MONTH_DAYS: i64 = 45;

/// A line of a payment that pays for a whole period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WholePeriod<'a> {
    /// The payment.
    pub payment: &'a Payment,
    /// The terms of the line.
    pub line: &'a PeriodTerms,
}

/// The whole periods that one subscription's payments paid for. A subscription may have several items, each with
/// periods of its own: a yearly plan beside a monthly one.
#[derive(Debug, Clone)]
pub struct PaidPeriods<'a> {
    periods: Vec<WholePeriod<'a>>,
    /// The rests of changed periods, by changes whose payment was not reversed in full.
    changed: Vec<Period>,
}

impl<'a> PaidPeriods<'a> {
    /// The periods of `payments`, all for one subscription.
    pub fn of(payments: impl IntoIterator<Item = &'a Payment>) -> Self {
        let (mut periods, mut changed) = (Vec::new(), Vec::new());
        for payment in payments {
            let Some(covered) = &payment.covers else { continue };
            periods.extend(covered.brings.iter().map(|line| WholePeriod { payment, line }));
            let change = covered.change.as_ref().filter(|_| !payment.is_reversed());
            changed.extend(change.map(|change| change.rest));
        }
        Self { periods, changed }
    }

    /// The period in which a change was made, found by its `rest`: the period that ends with it, of several the
    /// nearest; else the one that began last. Payments that were not reversed in full come before others.
    pub fn covering(&self, rest: Period) -> Option<WholePeriod<'a>> {
        let within = self.periods.iter().filter(|one| one.line.period.contains(rest.start));
        let found = within.max_by_key(|one| {
            let period = one.line.period;
            let apart = period.end.seconds_since(rest.end).saturating_abs();
            let nearness = (apart <= Period::SLACK_SECONDS).then_some(Reverse(apart));
            (nearness, !one.payment.is_reversed(), period.start)
        });
        found.copied()
    }

    /// Whether a change was made in it whose payment was not reversed in full. Such a period stands even if its own
    /// payment was reversed.
    fn is_changed_in(&self, one: &WholePeriod<'_>) -> bool {
        let covering = |rest: &Period| self.covering(*rest);
        self.changed.iter().filter_map(covering).any(|found| found == *one)
    }

    /// Where a later period begins that supersedes this one, within it or at its end. The renewal of another item does
    /// not supersede it. Neither does a period whose payment was reversed in full, unless its invoice gave back the
    /// rest of this one, or a change in it was paid and not reversed.
    pub fn superseded_at(&self, one: WholePeriod<'_>) -> Option<Timestamp> {
        let counts = |other: &&WholePeriod<'_>| {
            let start = other.line.period.start.plus_seconds(Period::SLACK_SECONDS);
            let gave_back = || {
                let change = other.payment.covers.as_ref().and_then(|covered| covered.change.as_ref());
                change.is_some_and(|change| change.gives_back() && start < change.rest.end)
            };
            other.payment.id != one.payment.id
                && other.line.period.start > one.line.period.start
                && !is_same_period(one.line, other.line)
                && (!other.payment.is_reversed() || gave_back() || self.is_changed_in(other))
                && !self.is_beside(one.line, other.line)
        };
        self.periods.iter().filter(counts).map(|other| other.line.period.start).min()
    }

    /// The period that runs at `now`; with several items, that of the plan `set_to`.
    pub fn current(&self, set_to: PlanId, now: Timestamp) -> Option<WholePeriod<'a>> {
        let runs = |one: &&WholePeriod<'_>| {
            one.line.period.contains(now) && self.superseded_at(**one).is_none_or(|next| now < next)
        };
        let running = || self.periods.iter().filter(runs);
        let latest = running().max_by_key(|one| one.line.period.start)?;
        let mut own = running().filter(|one| one.line.plan == set_to);
        Some(*own.find(|one| self.is_beside(latest.line, one.line)).unwrap_or(latest))
    }

    /// The paid period with the start and end of `period`, within the tolerance; of several the nearest.
    pub fn like(&self, period: Period) -> Option<Period> {
        let paid = self.periods.iter().map(|one| one.line.period);
        let near = paid.filter(|paid| is_near(paid.start, period.start) && is_near(paid.end, period.end));
        near.min_by_key(|paid| paid.start.seconds_since(period.start).saturating_abs())
    }

    /// Whether `later` pays for another item than `line`: one payment paid for both, or `later` begins where a period
    /// ends that was paid together with `line`.
    fn is_beside(&self, line: &PeriodTerms, later: &PeriodTerms) -> bool {
        let together = |other: &PeriodTerms| !is_same_item(line, other) && self.is_together(line, other);
        let begins_after =
            |one: &WholePeriod<'_>| is_near(one.line.period.end, later.period.start) && together(one.line);
        together(later) || (!is_same_item(line, later) && self.periods.iter().any(begins_after))
    }

    /// Whether one payment paid for both items.
    fn is_together(&self, one: &PeriodTerms, other: &PeriodTerms) -> bool {
        let paid = |payment: &Payment, line: &PeriodTerms| {
            let mut lines = payment.covers.iter().flat_map(|covered| &covered.brings);
            lines.any(|paid| is_same_item(paid, line))
        };
        self.periods.iter().any(|whole| paid(whole.payment, one) && paid(whole.payment, other))
    }
}

/// Whether two lines have the same plan and are billed equally often.
fn is_same_item(one: &PeriodTerms, other: &PeriodTerms) -> bool {
    let by_year = |line: &PeriodTerms| line.period.start.plus_days(LONGEST_MONTH_DAYS) < line.period.end;
    one.plan == other.plan && by_year(one) == by_year(other)
}

/// Whether two payments paid for the same period, reported with times some seconds apart.
fn is_same_period(one: &PeriodTerms, other: &PeriodTerms) -> bool {
    let (period, again) = (one.period, other.period);
    one.plan == other.plan && is_near(period.start, again.start) && is_near(period.end, again.end)
}

fn is_near(one: Timestamp, other: Timestamp) -> bool {
    one.seconds_since(other).saturating_abs() <= Period::SLACK_SECONDS
}
