//! billing-core stays pure in its sources: time, ids, randomness and state are arguments, and only ports and use cases
//! may be async. The same applies to its tests.

mod imports;

use self::imports::imported;
use super::Violation;
use super::sources::Source;

const CORE: &str = "crates/billing-core/src/";

/// Where `async` is allowed, below [`CORE`].
const ASYNC_PLACES: &[&str] = &["ports/", "ports.rs", "use_cases/", "use_cases.rs", "billing/", "billing.rs"];

const TIME: &str = "time is an argument: take `now`, which comes in through the Clock port";
const IDS: &str = "ids are arguments: they come in through the IdSource port";
const RANDOM: &str = "randomness is an argument";
const OUTSIDE: &str = "the core does no I/O: put it behind a port";
const WAITING: &str =
    "only ports, use_cases and the facade `Billing` may wait: keep the decision synchronous and pure";

const BANNED: &[(&str, &str)] = &[
    ("now_utc", TIME),
    ("SystemTime::now", TIME),
    ("Instant::now", TIME),
    ("Timestamp::now(", TIME),
    ("Zoned::now(", TIME),
    ("Uuid::new_v4", IDS),
    ("Uuid::now_v7", IDS),
    ("thread_rng", RANDOM),
    ("rand::", RANDOM),
    ("std::fs", OUTSIDE),
    ("std::net", OUTSIDE),
    ("std::env", OUTSIDE),
    ("std::process", OUTSIDE),
    ("std::thread::sleep", "nothing in the core waits for time to pass: compare with `now`"),
    ("tokio::", OUTSIDE),
];

const ASYNC: &[&str] = &["async fn", "async move", "async {", "async |", ".await"];

/// Checks the sources of the core.
pub(crate) fn check(sources: &[Source]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for source in sources {
        let Some(path) = source.path.strip_prefix(CORE) else { continue };
        for (text, remedy) in BANNED {
            let mut lines = source.lines_with(text);
            lines.extend(imported(source, text.trim_end_matches(['(', ':'])));
            lines.sort_unstable();
            lines.dedup();
            for line in lines {
                violations.push(Violation::new(source.at(line), format!("`{text}` in the core"), *remedy));
            }
        }
        if ASYNC_PLACES.iter().any(|place| path.starts_with(place)) {
            continue;
        }
        for text in ASYNC {
            for line in source.lines_with(text) {
                violations.push(Violation::new(source.at(line), format!("`{text}` in the core"), WAITING));
            }
        }
    }
    violations
}
