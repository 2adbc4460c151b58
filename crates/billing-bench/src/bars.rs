//! The targets: ratios within one run, never absolute numbers.

use serde::Serialize;

use crate::measure::{CaseReport, Line};

/// A line of a case.
#[derive(Clone, Copy)]
struct Of(&'static str, &'static str);

/// A ratio and its target.
struct Ratio {
    what: &'static str,
    of: Of,
    to: Of,
    at_least: f64,
}

/// The result of a target.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Verdict {
    pub(crate) what: String,
    /// The target in words.
    pub(crate) bar: String,
    pub(crate) measured: f64,
    pub(crate) met: bool,
}

const RATIOS: &[Ratio] = &[
    Ratio::new("many accounts: ours to naive", Of("many", "ours"), Of("many", "naive"), 2.5),
    Ratio::new("many accounts: ours to one statement", Of("many", "ours"), Of("many", "one statement"), 1.3),
    Ratio::new(
        "many accounts: ours to same rows",
        Of("many", "ours"),
        Of("many", "gathered, same rows"),
        0.75,
    ),
    Ratio::new(
        "many accounts: ours to bare rows",
        Of("many", "ours"),
        Of("many", "gathered, bare rows"),
        0.8,
    ),
    Ratio::new("one account: ours to naive", Of("hot", "ours"), Of("hot", "naive"), 20.0),
    Ratio::new("one account: ours to one statement", Of("hot", "ours"), Of("hot", "one statement"), 10.0),
    Ratio::new("one account: ours to same rows", Of("hot", "ours"), Of("hot", "gathered, same rows"), 0.75),
    Ratio::new("one account: ours to bare rows", Of("hot", "ours"), Of("hot", "gathered, bare rows"), 0.6),
    Ratio::new("one account to many accounts", Of("hot", "ours"), Of("many", "ours"), 1.0),
    Ratio::new(
        "512 callers: ours to one statement at 64",
        Of("wide", "ours"),
        Of("wide", "one statement"),
        4.0,
    ),
    Ratio::new("512 callers: ours to same rows", Of("wide", "ours"), Of("wide", "gathered, same rows"), 0.75),
    Ratio::new("512 callers: ours to bare rows", Of("wide", "ours"), Of("wide", "gathered, bare rows"), 0.75),
    Ratio::new(
        "after a checkpoint: ours to bare rows",
        Of("checkpoint", "ours"),
        Of("checkpoint", "gathered, bare rows"),
        0.64,
    ),
    Ratio::new("metered spends to plain", Of("metered", "metered"), Of("metered", "plain"), 0.3),
    Ratio::new("5 % refused to none", Of("refusals", "5 % refused"), Of("refusals", "none refused"), 0.95),
    Ratio::new("long history to none", Of("history", "long history"), Of("history", "no history"), 0.9),
    Ratio::new("100 grants to one", Of("grants", "100 grants"), Of("grants", "1 grant"), 0.8),
    Ratio::new("spends: HTTP to port", Of("http", "over HTTP"), Of("http", "through the port"), 0.75),
    Ratio::new(
        "spends: HTTP by the 1,000 to port",
        Of("http", "over HTTP, by the 1,000"),
        Of("http", "through the port"),
        2.5,
    ),
    Ratio::new("balances: ours to bare SELECT", Of("reads", "balance"), Of("reads", "bare SELECT"), 0.8),
    Ratio::new("SQLite: gathered to one by one", Of("sqlite", "gathered"), Of("sqlite", "one by one"), 3.0),
    Ratio::new("SQLite: ours to by hand", Of("sqlite", "gathered"), Of("sqlite", "by hand"), 0.75),
    Ratio::new(
        "three processes to one",
        Of("processes", "three processes"),
        Of("processes", "one process"),
        0.8,
    ),
];

/// The minimum lead of bare rows over naive ones on a healthy machine: a comparison with a slow contender proves
/// nothing.
const PEERS: [(&str, f64); 2] = [("many", 5.0), ("hot", 60.0)];

/// Reasons to doubt the figures.
pub(crate) fn doubts(cases: &[CaseReport]) -> Vec<String> {
    let slow = PEERS.iter().filter_map(|(case, times)| {
        let bare = find(cases, Of(case, "gathered, bare rows"))?.median;
        let naive = find(cases, Of(case, "naive"))?.median;
        (bare < times * naive).then(|| {
            format!(
                "`{case}`: the bare rows were {:.1} times as fast as the naive peer, where {times:.0} times are usual: what is \
                 compared with them says little",
                bare / naive
            )
        })
    });
    slow.collect()
}

/// The maximum p99 in milliseconds, at half of the peak.
const LATENCY: (Of, f64) = (Of("latency", "half of peak"), 15.0);

/// The maximum bytes on disk per plain spend.
const DISK: (Of, f64) = (Of("many", "ours"), 300.0);

impl Ratio {
    const fn new(what: &'static str, of: Of, to: Of, at_least: f64) -> Self {
        Self { what, of, to, at_least }
    }
}

/// Judges the measurements; targets of cases that were not run are skipped.
pub(crate) fn judge(cases: &[CaseReport]) -> Vec<Verdict> {
    let mut verdicts: Vec<_> = RATIOS
        .iter()
        .filter_map(|ratio| {
            let measured = find(cases, ratio.of)?.median / find(cases, ratio.to)?.median;
            Some(Verdict {
                what: ratio.what.to_owned(),
                bar: format!("at least {}", ratio.at_least),
                measured,
                met: measured >= ratio.at_least,
            })
        })
        .collect();
    let (line, most) = LATENCY;
    verdicts.extend(find(cases, line).map(|line| Verdict {
        what: "p99 at half of peak, in ms".to_owned(),
        bar: format!("below {most}"),
        measured: line.p99_ms,
        met: line.p99_ms < most,
    }));
    let (line, most) = DISK;
    verdicts.extend(find(cases, line).and_then(|line| line.written).map(|written| Verdict {
        what: "bytes on disk per spend".to_owned(),
        bar: format!("below {most}"),
        measured: written.disk,
        met: written.disk < most,
    }));
    verdicts
}

fn find(cases: &[CaseReport], Of(case, line): Of) -> Option<&Line> {
    cases.iter().find(|report| report.name == case)?.line(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, median: f64, p99_ms: f64) -> Line {
        Line {
            name: name.to_owned(),
            rounds: vec![median],
            median,
            least: median,
            most: median,
            p50_ms: 1.0,
            p99_ms,
            batch_size: None,
            written: None,
        }
    }

    #[test]
    fn a_slow_peer_is_told_of() {
        let case = |bare| {
            let lines = vec![line("naive", 1000.0, 1.0), line("gathered, bare rows", bare, 1.0)];
            CaseReport { name: "hot".to_owned(), title: String::new(), lines }
        };
        assert!(doubts(&[case(60_000.0)]).is_empty());
        assert_eq!(doubts(&[case(59_000.0)]).len(), 1);
    }

    #[test]
    fn only_what_was_measured_is_judged() {
        let lines = vec![line("ours", 25.0, 1.0), line("naive", 10.0, 1.0), line("one statement", 20.0, 1.0)];
        let many = CaseReport { name: "many".to_owned(), title: String::new(), lines };
        let half = vec![line("half of peak", 10.0, 25.0)];
        let latency = CaseReport { name: "latency".to_owned(), title: String::new(), lines: half };
        let met: Vec<_> = judge(&[many, latency]).iter().map(|verdict| verdict.met).collect();
        assert_eq!(met, [true, false, false]);
    }
}
