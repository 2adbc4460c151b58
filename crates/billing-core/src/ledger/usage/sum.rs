//! Sums of usage and spends.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::values::Credits;

/// The grouping of sums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UsageBy {
    /// By local day, such as `2026-04-15`.
    Day,
    /// By the caller's type of spend.
    Type,
    /// By meter.
    Meter,
    /// By the value of one of the meters' dimensions, such as `model`.
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

/// The sums of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageSum {
    /// The day, type, meter or value; none for spends without a meter or without such a value.
    pub key: Option<String>,
    /// The credits taken.
    pub spent: Credits,
    /// The credits reversed.
    pub reversed: Credits,
    /// The price of metered usage, in millionths of a credit, less reversals; carried fractions are included.
    pub price: i64,
    /// The quantities, less reversals.
    pub quantities: BTreeMap<String, Decimal>,
    /// The number of spends and usages.
    pub count: u64,
}

impl UsageSum {
    /// An empty group.
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

    /// Adds another sum. Saturates, as [`net`](Self::net).
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

    /// The credits taken less those reversed. Saturates; both ends were checked when they were posted.
    pub fn net(&self) -> Credits {
        Credits::new(self.spent.get().saturating_sub(self.reversed.get()))
    }
}
