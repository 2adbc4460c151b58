//! billing-core stays pure in its dependencies: a short list of direct ones, and none below them that can reach the
//! network, the disk or a scheduler.

use super::Violation;
use crate::floors::floor_of;
use crate::metadata::{Kind, Metadata};

const CORE: &str = "billing-core";

/// The allowed dependencies of the core, and their purpose.
const ALLOWED: &[(&str, &str)] = &[
    ("async-trait", "ports are used as trait objects"),
    ("base62", "ids and keys as people see them"),
    ("crc32fast", "the checksum inside an API key"),
    ("futures-util", "several futures at once, without a runtime"),
    ("hex", "digests as text"),
    ("iso_currency", "ISO 4217 codes and their exponents"),
    ("jiff", "local days from IANA zones, with a bundled database"),
    ("rust_decimal", "rates and percentages, never a float"),
    ("serde", "values cross every border"),
    ("serde_json", "the payload of an event is JSON"),
    ("sha2", "fingerprints of requests, digests of keys"),
    ("thiserror", "errors"),
    ("time", "points in time"),
    ("url", "checked addresses of customers' endpoints and pages"),
    ("uuid", "ids; made outside, the core only carries them"),
];

/// Crates that must not be reachable. `rand` is missing on purpose: uuid depends on it for generating ids, and the
/// sources are searched for its use.
const UNREACHABLE: &[&str] = &[
    "tokio",
    "async-std",
    "smol",
    "mio",
    "socket2",
    "reqwest",
    "hyper",
    "sea-orm",
    "sqlx",
    "sqlx-core",
    "rusqlite",
    "actix-web",
    "actix-rt",
    "tempfile",
    "walkdir",
    "notify",
    "chrono",
];

/// Checks the core's direct dependencies and everything below them.
pub(crate) fn check(metadata: &Metadata) -> Vec<Violation> {
    let Some(core) = metadata.members.iter().find(|member| member.name == CORE) else { return Vec::new() };
    // Dependencies between our own crates are checked by the floors.
    let shipped = core
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind != Kind::Dev && floor_of(&dependency.name).is_none());
    let unknown = shipped.filter(|dependency| ALLOWED.iter().all(|(name, _)| *name != dependency.name));
    let mut violations: Vec<Violation> = unknown
        .map(|dependency| {
            Violation::new(
                CORE,
                format!("depends on {}", dependency.name),
                "the core takes time, ids, randomness and state as arguments; if this crate is pure, add it with its \
                 reason to ALLOWED in xtask/src/tidy/core_dependencies.rs",
            )
        })
        .collect();
    for banned in UNREACHABLE {
        if let Some(way) = metadata.path(CORE, banned) {
            violations.push(Violation::new(
                CORE,
                format!("reaches {banned} ({})", way.join(" -> ")),
                "the core does no I/O: leave out the dependency or the feature that brings it",
            ));
        }
    }
    violations
}
