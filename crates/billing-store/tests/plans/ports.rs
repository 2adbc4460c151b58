//! Which reads the ports have, by their sources.

use std::path::Path;

/// The ports that a store has.
const PORTS: [&str; 10] = [
    "admin_reads.rs",
    "balances.rs",
    "billing_reads.rs",
    "catalog_reads.rs",
    "credentials.rs",
    "inbox.rs",
    "jobs.rs",
    "ledger.rs",
    "ledger_reports.rs",
    "store.rs",
];

/// What writes, and finds what it writes by its keys.
const WRITES: [&str; 14] = [
    "acquire_lease",
    "clear_attempts",
    "commit",
    "erase",
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

/// The reads of the ports that `cases.rs` does not call, and the rows that it does not name.
pub(crate) fn reads_without_a_case() -> Vec<String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases = std::fs::read_to_string(here.join("tests/plans/cases.rs")).unwrap();
    let mut reads = Vec::new();
    for port in PORTS {
        let source = std::fs::read_to_string(here.join("../billing-core/src/ports").join(port)).unwrap();
        let names =
            source.lines().filter_map(|line| line.trim().strip_prefix("async fn ")?.split_once(['(', '<']));
        reads.extend(names.map(|(name, _)| name.to_owned()));
        reads.extend(rows(&source));
    }
    assert!(reads.len() > 100, "only {} functions and rows were found", reads.len());
    let called = |read: &str| {
        let ends = |text: &str| text.starts_with(['(', ')']) || text.starts_with(" {");
        cases
            .match_indices(read)
            .any(|(place, _)| cases[..place].ends_with([' ', '.', '(']) && ends(&cases[place + read.len()..]))
    };
    reads.retain(|read| !WRITES.contains(&read.as_str()) && !WHOLE.contains(&read.as_str()) && !called(read));
    reads
}

/// The cases of the enums that say which rows are meant; those borrow, and no others do.
fn rows(source: &str) -> Vec<String> {
    let mut rows = Vec::new();
    for text in source.split("pub enum ").skip(1) {
        let Some((name, rest)) = text.split_once("<'a> {\n") else { continue };
        if name.contains('\n') {
            continue;
        }
        let (cases, _) = rest.split_once("\n}").unwrap();
        let cases = cases.lines().filter_map(|line| line.strip_prefix("    "));
        let cases = cases.filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()));
        rows.extend(cases.map(|line| {
            let end = line.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(line.len());
            format!("{name}::{}", &line[..end])
        }));
    }
    rows
}
