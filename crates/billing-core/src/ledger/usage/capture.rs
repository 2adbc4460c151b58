//! What was captured from a hold.

use super::UsageRecord;
use crate::ledger::Entry;

/// One capture of a hold: by an entry, or of usage that came to no whole credit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// The entry that took its credits; none where it came to none.
    pub entry: Option<Entry>,
    /// The usage that was recorded.
    pub usages: Vec<UsageRecord>,
}
