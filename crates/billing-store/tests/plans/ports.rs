//! Which reads the ports have, by their sources.

use std::path::Path;

/// The ports that a store has.
const PORTS: [&str; 9] = [
    "balances.rs",
    "gifts.rs",
    "inbox.rs",
    "jobs.rs",
    "ledger.rs",
    "ledger_reports.rs",
    "reads.rs",
    "sales_reports.rs",
    "store.rs",
];

/// What writes, and finds what it writes by its keys.
const WRITES: [&str; 13] = [
    "acquire_lease",
    "clear_attempts",
    "commit",
    "freeze",
    "health",
    "keep_audit_walk",
    "keep_progress",
    "keep_checkpoint",
    "post",
    "record_attempt",
    "receive",
    "release_lease",
    "reschedule",
];

/// What answers a whole table by its contract: what an operator made by hand, and what is counted or checked as a
/// whole.
const WHOLE: [&str; 4] = ["api_keys", "count_accounts", "coupons", "history"];

/// The reads of the ports that `cases.rs` does not call.
pub(crate) fn reads_without_a_case() -> Vec<String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases = std::fs::read_to_string(here.join("tests/plans/cases.rs")).unwrap();
    let mut reads = Vec::new();
    for port in PORTS {
        let source = std::fs::read_to_string(here.join("../billing-core/src/ports").join(port)).unwrap();
        let names =
            source.lines().filter_map(|line| line.trim().strip_prefix("async fn ")?.split_once(['(', '<']));
        reads.extend(names.map(|(name, _)| name.to_owned()));
    }
    assert!(reads.len() > 70, "only {} functions were found", reads.len());
    let called = |read: &str| [' ', '.'].iter().any(|before| cases.contains(&format!("{before}{read}(")));
    reads.retain(|read| !WRITES.contains(&read.as_str()) && !WHOLE.contains(&read.as_str()) && !called(read));
    reads
}
