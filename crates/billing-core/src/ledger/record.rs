//! An entry with its related rows.

use super::{Entry, Grant, Hold, UsageRecord};
use crate::values::Credits;

/// An entry with everything that is needed to explain it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRecord {
    /// The entry.
    pub entry: Entry,
    /// The usage that it pays for or reverses, in order.
    pub usages: Vec<UsageRecord>,
    /// Its allocations in order: credits put into (positive) or drawn from (negative) grants. The grants are as last
    /// written.
    pub parts: Vec<(Grant, Credits)>,
    /// Its own debt (positive) or repayment (negative).
    pub owed: Credits,
    /// The debt repaid by grants right after it.
    pub repaid: Credits,
    /// The hold that it captures.
    pub hold: Option<Hold>,
    /// The entry that it reverses.
    pub reverses: Option<Entry>,
    /// The entries that reversed it, oldest first; at most the first 100.
    pub reversed_by: Vec<Entry>,
    /// The credits of it that were reversed in total.
    pub reversed: Credits,
}

/// The balance of an account at a past time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PastBalance {
    /// The sum of the entries.
    pub posted: Credits,
    /// The credits reserved by holds.
    pub held: Credits,
}
