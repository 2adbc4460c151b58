//! Captures of holds.

use super::UsageRecord;
use crate::ledger::Entry;

/// One capture of a hold: an entry, or usage that took no whole credit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// The entry that took its credits; none if there were none.
    pub entry: Option<Entry>,
    /// Its usage records.
    pub usages: Vec<UsageRecord>,
}
