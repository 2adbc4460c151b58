//! A span of time that was paid for.

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// From `start` (counted in) to `end` (counted out).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The first moment of it.
    pub start: Timestamp,
    /// The first moment after it.
    pub end: Timestamp,
}

impl Period {
    /// Whether `moment` lies in it.
    pub fn contains(self, moment: Timestamp) -> bool {
        self.start <= moment && moment < self.end
    }
}
