//! What was used and spent, summed up.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::values::Credits;

/// What usage is summed up by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UsageBy {
    /// The local day on which it happened, such as `2026-04-15`.
    Day,
    /// The spender's word for it.
    Type,
    /// The meter under which it was priced.
    Meter,
    /// The value of one of the meters' dimensions, such as `model`.
    Dimension(String),
}

impl std::fmt::Display for UsageBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Day => f.write_str("day"),
            Self::Type => f.write_str("type"),
            Self::Meter => f.write_str("meter"),
            Self::Dimension(name) => f.write_str(name),
        }
    }
}

/// What was used and spent of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageSum {
    /// The day, type, meter or value; none where no meter priced it, or it named no such value.
    pub key: Option<String>,
    /// How many credits were taken.
    pub spent: Credits,
    /// How many were given back.
    pub reversed: Credits,
    /// What usage cost that a rate card priced, in millionths of a credit, less what was given back: fractions that
    /// are only carried included.
    pub price: i64,
    /// How much of what was used, less what was given back.
    pub quantities: BTreeMap<String, Decimal>,
    /// How many spends and usages there were.
    pub count: u64,
}

impl UsageSum {
    /// Nothing of this kind.
    pub fn nothing(key: Option<String>) -> Self {
        Self {
            key,
            spent: Credits::ZERO,
            reversed: Credits::ZERO,
            price: 0,
            quantities: BTreeMap::new(),
            count: 0,
        }
    }

    /// Takes in another sum. Saturates, as [`net`](Self::net).
    pub fn add(&mut self, other: &Self) {
        self.spent = Credits::new(self.spent.get().saturating_add(other.spent.get()));
        self.reversed = Credits::new(self.reversed.get().saturating_add(other.reversed.get()));
        self.price = self.price.saturating_add(other.price);
        for (quantity, units) in &other.quantities {
            let sum = self.quantities.entry(quantity.clone()).or_default();
            *sum = sum.checked_add(*units).unwrap_or(Decimal::MAX);
        }
        self.count = self.count.saturating_add(other.count);
    }

    /// What was spent less what was given back. Saturates; both ends were checked when they were posted.
    pub fn net(&self) -> Credits {
        Credits::new(self.spent.get().saturating_sub(self.reversed.get()))
    }
}
