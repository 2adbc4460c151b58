//! The floors of the architecture: which crate stands where.
//!
//! A crate may depend only on crates of lower floors, never on one of its own floor. The rule is checked by
//! `tidy::arrows`; a new crate is entered here first.

/// Where a crate of this workspace stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Floor {
    /// On a numbered floor; arrows point down only.
    Number(u8),
    /// Beside the floors, and blind to every crate on them.
    Aside,
    /// Beside the floors, and free to use everything.
    AsideSeesAll,
}

/// The binary; the only crate that knows everyone.
pub(crate) const TOP: u8 = 5;
/// Adapters: each knows the core and its own outside world, never each other.
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
