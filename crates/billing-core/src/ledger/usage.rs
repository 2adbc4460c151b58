//! What was spent, summed up.

use crate::values::{Credits, words};

words! {
    /// What spends are summed up by.
    UsageBy, "grouping", {
        /// The day in UTC, such as `2026-04-15`.
        Day = "day",
        /// The spender's word for it.
        Type = "type",
        /// The meter under which usage was priced.
        Meter = "meter",
    }
}

/// What was spent of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageSum {
    /// The day, type or meter; none where no meter priced it.
    pub key: Option<String>,
    /// How many credits were spent.
    pub spent: Credits,
    /// How many were given back.
    pub reversed: Credits,
    /// How many spends there were.
    pub count: u64,
}

impl UsageSum {
    /// Nothing of this kind.
    pub fn nothing(key: Option<String>) -> Self {
        Self { key, spent: Credits::ZERO, reversed: Credits::ZERO, count: 0 }
    }

    /// Takes in another sum. Saturates, as [`net`](Self::net).
    pub(crate) fn add(&mut self, other: &Self) {
        self.spent = Credits::new(self.spent.get().saturating_add(other.spent.get()));
        self.reversed = Credits::new(self.reversed.get().saturating_add(other.reversed.get()));
        self.count = self.count.saturating_add(other.count);
    }

    /// What was spent less what was given back. Saturates; both ends were checked when they were posted.
    pub fn net(&self) -> Credits {
        Credits::new(self.spent.get().saturating_sub(self.reversed.get()))
    }
}
