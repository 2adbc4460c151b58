//! What a statement may cost.

use billing_store::SqlStore;
use billing_store::testing::{Cost, Recorder};

/// How many rows a page of 20 may take to find, with what hangs on them.
const ROWS: u64 = 500;
/// How many rows a page of all accounts' entries looks at whose filter no index answers.
const WALKED: u64 = 2000;
/// How many rows may be sorted.
const SORTED: u64 = 200;
/// How many pages of 8 KiB may be touched: a row and its place in an index take a handful.
const PAGES: u64 = 1500;
/// How many steps SQLite's machine may make.
const STEPS: u64 = 40_000;
/// What is so small in every installation that reading all of it is right.
const SMALL: [&str; 6] = ["plans", "packs", "rate_cards", "rate_card_versions", "checkin_config", "settings"];

/// Looks at what is sent, and gathers what costs too much.
pub(crate) struct Budget {
    store: SqlStore,
    recorder: Recorder,
    statements: usize,
    exceeded: Vec<String>,
}

impl Budget {
    pub(crate) fn new(store: SqlStore, recorder: Recorder) -> Self {
        Self { store, recorder, statements: 0, exceeded: Vec::new() }
    }

    /// Looks at what was sent since the last call, by `case`.
    pub(crate) async fn look(&mut self, case: &str) {
        for cost in self.recorder.costs(&self.store).await {
            self.statements += 1;
            let faults = faults(&cost, if case.starts_with("all_entries") { WALKED } else { ROWS });
            if !faults.is_empty() {
                let faults = faults.join(", ");
                self.exceeded.push(format!("{case}: {faults}\n{}\n{}", cost.sql, cost.plan));
            }
        }
    }

    pub(crate) fn settle(self) {
        assert!(self.statements > 80, "only {} statements were seen", self.statements);
        let exceeded = self.exceeded.len();
        assert!(exceeded == 0, "{exceeded} statements cost too much:\n\n{}", self.exceeded.join("\n\n"));
    }
}

fn faults(cost: &Cost, rows: u64) -> Vec<String> {
    let scanned = cost.scanned.iter().filter(|table| !SMALL.contains(&table.as_str()));
    let mut faults: Vec<String> = scanned.map(|table| format!("reads all of {table}")).collect();
    for (what, is, may) in [
        ("rows read", cost.rows, rows),
        ("rows sorted", cost.sorted, SORTED),
        ("pages touched", cost.pages, PAGES),
        ("steps", cost.steps, STEPS),
    ] {
        if is > may {
            faults.push(format!("{is} {what}"));
        }
    }
    if cost.compiled {
        faults.push("was compiled".to_owned());
    }
    faults
}
