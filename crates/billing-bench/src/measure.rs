//! Measurements.

use anyhow::Result;
use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::load::histogram;

/// One measurement.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    /// Spends (or reads) within the window.
    pub(crate) done: u64,
    /// Refused spends within the window.
    pub(crate) refused: u64,
    /// All executed ones, also outside of the window.
    pub(crate) ever_done: u64,
    /// The length of the window.
    pub(crate) seconds: f64,
    /// The latency in microseconds.
    pub(crate) latency: Histogram<u64>,
    /// Spends per transaction, for group commit.
    pub(crate) batch_size: Option<f64>,
    /// The bytes that the database wrote for all executed ones, if measured.
    pub(crate) written: Option<Written>,
}

/// Bytes written by Postgres.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Written {
    /// The growth of the database's files.
    pub(crate) disk: f64,
    /// The WAL written.
    pub(crate) wal: f64,
}

/// The same, for transfer between processes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct MeasuredRecord {
    done: u64,
    refused: u64,
    ever_done: u64,
    seconds: f64,
    latency: Vec<(u64, u64)>,
    batch_size: Option<f64>,
}

/// Several measurements of one contender.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Line {
    /// The name for programs.
    pub(crate) name: String,
    /// Answers per second in each round.
    pub(crate) rounds: Vec<f64>,
    /// Median, minimum and maximum.
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
    /// Milliseconds over all rounds.
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// The mean over all rounds.
    pub(crate) batch_size: Option<f64>,
    /// Bytes per spend, over all rounds.
    pub(crate) written: Option<Written>,
}

/// A case with all its contenders.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CaseReport {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) lines: Vec<Line>,
}

impl Measured {
    pub(crate) fn empty() -> Result<Self> {
        Ok(Self {
            done: 0,
            refused: 0,
            ever_done: 0,
            seconds: 0.0,
            latency: histogram()?,
            batch_size: None,
            written: None,
        })
    }

    pub(crate) fn merge(&mut self, other: &Self) -> Result<()> {
        self.done += other.done;
        self.refused += other.refused;
        self.ever_done += other.ever_done;
        self.latency.add(&other.latency)?;
        Ok(())
    }

    /// The same with each answer counted `each` times.
    pub(crate) fn times(self, each: u64) -> Self {
        let Self { done, refused, ever_done, .. } = self;
        Self { done: done * each, refused: refused * each, ever_done: ever_done * each, ..self }
    }

    /// Answers per second.
    pub(crate) fn rate(&self) -> f64 {
        numbers::float(self.done + self.refused) / self.seconds
    }

    /// Adds an answer, which `counts` if it is within the window.
    pub(crate) fn count(&mut self, done: bool, begun: Instant, end: Instant, counts: bool) -> Result<()> {
        self.ever_done += u64::from(done);
        if counts {
            self.done += u64::from(done);
            self.refused += u64::from(!done);
            let micros = u64::try_from(end.saturating_duration_since(begun).as_micros())?;
            self.latency.saturating_record(micros);
        }
        Ok(())
    }
}

impl From<&Measured> for MeasuredRecord {
    fn from(measured: &Measured) -> Self {
        let recorded = measured.latency.iter_recorded();
        Self {
            done: measured.done,
            refused: measured.refused,
            ever_done: measured.ever_done,
            seconds: measured.seconds,
            latency: recorded.map(|at| (at.value_iterated_to(), at.count_at_value())).collect(),
            batch_size: measured.batch_size,
        }
    }
}

impl TryFrom<MeasuredRecord> for Measured {
    type Error = anyhow::Error;

    fn try_from(record: MeasuredRecord) -> Result<Self> {
        let mut latency = histogram()?;
        for (micros, count) in record.latency {
            latency.saturating_record_n(micros, count);
        }
        Ok(Self {
            done: record.done,
            refused: record.refused,
            ever_done: record.ever_done,
            seconds: record.seconds,
            latency,
            batch_size: record.batch_size,
            written: None,
        })
    }
}

impl Line {
    /// Summarizes `rounds`, at least one.
    pub(crate) fn of(name: &str, rounds: &[Measured]) -> Result<Self> {
        let rates: Vec<f64> = rounds.iter().map(Measured::rate).collect();
        let mut sorted = rates.clone();
        sorted.sort_by(f64::total_cmp);
        let mut latency = histogram()?;
        for round in rounds {
            latency.add(&round.latency)?;
        }
        let sizes: Vec<f64> = rounds.iter().filter_map(|round| round.batch_size).collect();
        Ok(Self {
            name: name.to_owned(),
            median: median(&sorted),
            least: sorted.first().copied().unwrap_or_default(),
            most: sorted.last().copied().unwrap_or_default(),
            rounds: rates,
            p50_ms: numbers::float(latency.value_at_quantile(0.5)) / 1000.0,
            p99_ms: numbers::float(latency.value_at_quantile(0.99)) / 1000.0,
            batch_size: (!sizes.is_empty()).then(|| sizes.iter().sum::<f64>() / numbers::count(sizes.len())),
            written: Written::each(rounds),
        })
    }
}

impl Written {
    /// Bytes per spend over all `rounds`, if all were measured.
    fn each(rounds: &[Measured]) -> Option<Self> {
        let all: Vec<Self> = rounds.iter().map(|round| round.written).collect::<Option<_>>()?;
        let spends = numbers::float(rounds.iter().map(|round| round.ever_done).sum());
        let each = |bytes: fn(&Self) -> f64| all.iter().map(bytes).sum::<f64>() / spends;
        (spends > 0.0).then(|| Self { disk: each(|one| one.disk), wal: each(|one| one.wal) })
    }
}

impl CaseReport {
    pub(crate) fn line(&self, name: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.name == name)
    }
}

fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    let at = |place: usize| sorted.get(place).copied().unwrap_or_default();
    if sorted.len() % 2 == 1 { at(middle) } else { f64::midpoint(at(middle.saturating_sub(1)), at(middle)) }
}

/// Conversions for display.
pub(crate) mod numbers {
    /// A count as a float.
    #[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    pub(crate) fn float(count: u64) -> f64 {
        count as f64
    }

    /// The same for lengths.
    pub(crate) fn count(length: usize) -> f64 {
        float(u64::try_from(length).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_in_the_middle() {
        assert!((median(&[1.0, 2.0, 9.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(&[1.0, 2.0, 4.0, 9.0]) - 3.0).abs() < f64::EPSILON);
    }

    #[test]
    fn bytes_are_told_per_spend_where_every_round_was_looked_at() {
        let round = |ever_done, disk, wal| {
            let written = Some(Written { disk, wal });
            Measured { ever_done, written, ..Measured::empty().unwrap() }
        };
        let rounds = [round(10, 3000.0, 5000.0), round(30, 9000.0, 7000.0)];
        let each = Written::each(&rounds).unwrap();
        assert!((each.disk - 300.0).abs() < 1e-9 && (each.wal - 300.0).abs() < 1e-9);
        let [first, _] = rounds;
        assert!(Written::each(&[first, Measured::empty().unwrap()]).is_none());
    }

    #[test]
    fn what_one_process_tells_is_what_another_understands() {
        let mut measured = Measured { done: 3, refused: 1, seconds: 2.0, ..Measured::empty().unwrap() };
        for micros in [10, 2_000, 2_000, 1_500_000] {
            measured.latency.saturating_record(micros);
        }
        let text = serde_json::to_string(&MeasuredRecord::from(&measured)).unwrap();
        let parsed = Measured::try_from(serde_json::from_str::<MeasuredRecord>(&text).unwrap()).unwrap();
        assert_eq!((parsed.done, parsed.refused), (3, 1));
        assert_eq!(parsed.latency.len(), 4);
        assert_eq!(parsed.latency.value_at_quantile(0.5), measured.latency.value_at_quantile(0.5));
    }
}
