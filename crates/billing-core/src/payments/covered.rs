//! What a payment covers of a subscription.

use serde::{Deserialize, Serialize};

use crate::catalog::{CreditsInterval, PlanTerms};
use crate::values::{Period, PlanId, Timestamp};

/// A paid period of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covered {
    /// The provider's id of the subscription.
    pub subscription: String,
    /// The period.
    pub period: Period,
    /// The plan.
    pub plan: PlanId,
    /// The terms of each of its lines; empty if it only paid for a change.
    pub brings: Vec<PeriodTerms>,
    /// The effect of a mid-period change on the credits of a period that was paid before; none for a period itself.
    pub change: Option<MidPeriodChange>,
}

impl Covered {
    /// The end of the last of its periods.
    pub fn end(&self) -> Timestamp {
        self.brings.iter().map(|brings| brings.period.end).fold(self.period.end, Timestamp::max)
    }
}

/// The terms of a paid line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodTerms {
    /// The plan.
    pub plan: PlanId,
    /// The period.
    pub period: Period,
    /// The terms of the paid quantity of the plan, as agreed.
    pub terms: PlanTerms,
}

/// The effect of a mid-period change on credits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MidPeriodChange {
    /// The credits interval of the new plan.
    pub credits_interval: CreditsInterval,
    /// The difference in credits for the rest of each month, counted from 0 at the period's start; for a period with
    /// upfront credits, for the rest of the period.
    pub nets: Vec<MonthlyNet>,
}

/// The difference in credits for the rest of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthlyNet {
    /// The month.
    pub month: u32,
    /// The credits.
    pub net: i64,
}
