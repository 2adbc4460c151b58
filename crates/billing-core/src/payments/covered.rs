//! What a payment paid for of a subscription.

use serde::{Deserialize, Serialize};

use crate::values::{Period, PlanId};

/// A period of a subscription that was paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// The provider's id of the subscription.
    pub subscription: String,
    /// From when to when.
    pub period: Period,
    /// Which plan's.
    pub plan: PlanId,
    /// What a change in mid period did to the credits of a period that was paid before; none where this is such a period
    /// itself.
    pub change: Option<MidPeriodChange>,
}

/// What a change in mid period did to credits.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MidPeriodChange {
    /// How many credits more, or less, the rest of each month was worth; of a period whose credits come at once, of all
    /// of it. Months are counted from the period's start, from 0.
    pub nets: Vec<MonthlyNet>,
}

/// How much more, or less, the rest of a month was worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthlyNet {
    /// Which month.
    pub month: u32,
    /// In credits.
    pub net: i64,
}
