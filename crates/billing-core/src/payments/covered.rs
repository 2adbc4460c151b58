//! What a payment paid for of a subscription.

use serde::{Deserialize, Serialize};

use crate::catalog::{CreditsInterval, PlanTerms};
use crate::values::{Period, PlanId, Timestamp};

/// A period of a subscription that was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covered {
    /// The provider's id of the subscription.
    pub subscription: String,
    /// From when to when.
    pub period: Period,
    /// Which plan's.
    pub plan: PlanId,
    /// What each of its lines entitles to; nothing where it paid for a change alone.
    pub brings: Vec<PeriodTerms>,
    /// What a change in mid period did to the credits of a period that was paid before; none where this is such a period
    /// itself.
    pub change: Option<MidPeriodChange>,
}

impl Covered {
    /// Where the last of its periods ends.
    pub fn end(&self) -> Timestamp {
        self.brings.iter().map(|brings| brings.period.end).fold(self.period.end, Timestamp::max)
    }
}

/// What a paid line entitles to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodTerms {
    /// Which plan's.
    pub plan: PlanId,
    /// From when to when.
    pub period: Period,
    /// What all of the plan that was paid for brings, as agreed.
    pub terms: PlanTerms,
}

/// What a change in mid period did to credits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MidPeriodChange {
    /// How often the plan that was changed to hands credits out.
    pub credits_interval: CreditsInterval,
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
