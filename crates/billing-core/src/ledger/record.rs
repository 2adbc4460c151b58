//! An entry with everything around it.

use super::{Entry, Grant, Hold, UsageRecord};
use crate::values::Credits;

/// An entry with everything that it takes to explain it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRecord {
    /// The entry.
    pub entry: Entry,
    /// The usage that it pays for or gives back, in order.
    pub usages: Vec<UsageRecord>,
    /// What it put into (positive) or drew from (negative) which grants, in that order. The grants are as they
    /// were last written.
    pub parts: Vec<(Grant, Credits)>,
    /// What the account came to owe by it (positive) or no longer owes (negative).
    pub owed: Credits,
    /// What was repaid out of grants right after it.
    pub repaid: Credits,
    /// The hold that it settles.
    pub hold: Option<Hold>,
    /// The entry that it gives back.
    pub reverses: Option<Entry>,
    /// The entries that gave it back, oldest first; the first 100 if there are more.
    pub reversed_by: Vec<Entry>,
    /// How many credits of it were given back in all.
    pub reversed: Credits,
}

/// What an account's entries and holds came to at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PastBalance {
    /// The sum of the entries.
    pub posted: Credits,
    /// What holds set aside.
    pub held: Credits,
}
