//! Statistics of the writers.

use std::sync::atomic::{AtomicU64, Ordering};

/// The statistics of the writers since their start. All but `waiting` only grow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stats {
    /// Queued postings, over all writers.
    pub waiting: u64,
    /// Batches that were formed.
    pub batches: u64,
    /// Postings in those batches.
    pub postings: u64,
    /// Retries of a batch after a pause.
    pub retries: u64,
    /// Batches that were posted again because their outcome was unknown.
    pub second_looks: u64,
    /// Batches that were split in two to find the call that made them fail.
    pub bisects: u64,
    /// Batches that continued without accounts whose rows are locked.
    pub lock_timeouts: u64,
    /// Panics of the store.
    pub panics: u64,
    /// Calls that were refused because too many postings were queued.
    pub overloads: u64,
    /// Jobs that were dropped because their caller was cancelled before their turn.
    pub abandoned: u64,
    /// Postings per batch.
    pub batch_size: Histogram,
    /// Microseconds from a job's arrival to its answer.
    pub answer_micros: Histogram,
}

/// A distribution of values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Histogram {
    /// Inclusive upper bounds, each with the number of values up to it and above the bound before.
    pub buckets: Vec<(u64, u64)>,
    /// The number of values above the last bound.
    pub above: u64,
    /// The sum of all values.
    pub sum: u64,
}

impl Histogram {
    /// The number of values.
    pub fn count(&self) -> u64 {
        self.buckets.iter().fold(self.above, |count, (_, seen)| count.saturating_add(*seen))
    }
}

const SIZES: &[u64] = &[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
const MICROS: &[u64] = &[
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    5_000_000, 10_000_000,
];

/// The counters behind [`Stats`].
pub(crate) struct Counters {
    pub(crate) batches: Counter,
    pub(crate) retries: Counter,
    pub(crate) second_looks: Counter,
    pub(crate) bisects: Counter,
    pub(crate) lock_timeouts: Counter,
    pub(crate) panics: Counter,
    pub(crate) overloads: Counter,
    pub(crate) abandoned: Counter,
    pub(crate) batch_size: Observed,
    pub(crate) answer_micros: Observed,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            batches: Counter::default(),
            retries: Counter::default(),
            second_looks: Counter::default(),
            bisects: Counter::default(),
            lock_timeouts: Counter::default(),
            panics: Counter::default(),
            overloads: Counter::default(),
            abandoned: Counter::default(),
            batch_size: Observed::new(SIZES),
            answer_micros: Observed::new(MICROS),
        }
    }
}

impl Counters {
    pub(crate) fn snapshot(&self, waiting: usize) -> Stats {
        let batch_size = self.batch_size.snapshot();
        Stats {
            waiting: number(waiting),
            batches: self.batches.get(),
            postings: batch_size.sum,
            retries: self.retries.get(),
            second_looks: self.second_looks.get(),
            bisects: self.bisects.get(),
            lock_timeouts: self.lock_timeouts.get(),
            panics: self.panics.get(),
            overloads: self.overloads.get(),
            abandoned: self.abandoned.get(),
            batch_size,
            answer_micros: self.answer_micros.snapshot(),
        }
    }
}

#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

pub(crate) struct Observed {
    buckets: Vec<(u64, Counter)>,
    above: Counter,
    sum: Counter,
}

impl Observed {
    fn new(bounds: &[u64]) -> Self {
        let buckets = bounds.iter().map(|bound| (*bound, Counter::default())).collect();
        Self { buckets, above: Counter::default(), sum: Counter::default() }
    }

    pub(crate) fn see(&self, value: u64) {
        let bucket = self.buckets.iter().find(|(bound, _)| value <= *bound);
        bucket.map_or(&self.above, |(_, seen)| seen).add(1);
        self.sum.add(value);
    }

    fn snapshot(&self) -> Histogram {
        Histogram {
            buckets: self.buckets.iter().map(|(bound, seen)| (*bound, seen.get())).collect(),
            above: self.above.get(),
            sum: self.sum.get(),
        }
    }
}

/// A count in the type of the statistics.
pub(crate) fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_counted_in_the_first_bucket_that_it_does_not_exceed() {
        let observed = Observed::new(&[1, 10]);
        for value in [0, 1, 2, 10, 11] {
            observed.see(value);
        }
        let seen = observed.snapshot();
        assert_eq!((seen.buckets.as_slice(), seen.above), ([(1, 2), (10, 2)].as_slice(), 1));
        assert_eq!((seen.count(), seen.sum), (5, 24));
    }
}
