//! The floors of the architecture.
//!
//! A crate may depend only on crates of lower floors, never on one of its own floor. `tidy::arrows` checks the rule; a
//! new crate is entered here first.

/// The floor of a crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Floor {
    /// A numbered floor; dependencies point down only.
    Number(u8),
    /// Beside the floors, without dependencies on them.
    Aside,
    /// Beside the floors, with dependencies on any of them.
    AsideSeesAll,
}

/// The binary; the only crate that depends on all others.
pub(crate) const TOP: u8 = 5;
/// Adapters: each depends on the core and its own outside world, never on another one.
pub(crate) const ADAPTERS: u8 = 4;

const FLOORS: &[(&str, Floor)] = &[
    ("billing-server", Floor::Number(TOP)),
    ("billing-http", Floor::Number(ADAPTERS)),
    ("billing-store", Floor::Number(ADAPTERS)),
    ("billing-stripe", Floor::Number(ADAPTERS)),
    ("billing-creem", Floor::Number(ADAPTERS)),
    ("billing-sandbox", Floor::Number(ADAPTERS)),
    ("billing-batch", Floor::Number(3)),
    ("billing-testkit", Floor::Number(3)),
    ("billing-core", Floor::Number(2)),
    ("billing-bench", Floor::AsideSeesAll),
    ("xtask", Floor::Aside),
];

/// The floor of a crate, if the table knows it.
pub(crate) fn floor_of(name: &str) -> Option<Floor> {
    FLOORS.iter().find(|(known, _)| *known == name).map(|(_, floor)| *floor)
}
