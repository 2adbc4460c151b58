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
    /// Whether it contains `moment`.
    pub fn contains(self, moment: Timestamp) -> bool {
        self.start <= moment && moment < self.end
    }
}
