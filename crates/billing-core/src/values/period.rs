//! Time spans.

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// From `start` (inclusive) to `end` (exclusive).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The start.
    pub start: Timestamp,
    /// The end.
    pub end: Timestamp,
}

impl Period {
    /// The tolerance between the periods that a provider states, in seconds: their starts and ends differ by some seconds
    /// from one object to another.
    pub const SLACK_SECONDS: i64 = 3600;

    /// Whether it contains `moment`.
    pub fn contains(self, moment: Timestamp) -> bool {
        self.start <= moment && moment < self.end
    }
}
