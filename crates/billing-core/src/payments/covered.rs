//! What a payment covers of a subscription.

use serde::{Deserialize, Serialize};

use crate::catalog::{CreditsInterval, PlanTerms};
use crate::subscriptions::GracePeriods;
use crate::values::{Credits, Period, PlanId, Timestamp};

/// What a payment covers of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covered {
    /// The provider's id of the subscription.
    pub subscription: String,
    /// The period.
    pub period: Period,
    /// The plan.
    pub plan: PlanId,
    /// The terms of each line for a whole period; empty if it paid for a change alone.
    pub brings: Vec<PeriodTerms>,
    /// A mid-period change; also beside a whole period, if it is paid with the renewal or starts a new period.
    pub change: Option<MidPeriodChange>,
    /// The grace periods by which the ends of its credits were last set. Any other end was set by an operator.
    pub grace: Option<GracePeriods>,
}

impl Covered {
    /// The latest end of its periods.
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

/// A mid-period change, as its prorations show it. Its effect on credits follows from them and from the period in which
/// it was made ([`PaidPeriods::covering`](super::PaidPeriods::covering)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MidPeriodChange {
    /// The new plan.
    pub plan: PlanId,
    /// From the change to the end of the period in which it was made.
    pub rest: Period,
    /// The new plan's credits interval.
    pub credits_interval: CreditsInterval,
    /// Whether the additional value of the rest is granted, by the new plan's policy.
    pub prorates: bool,
    /// The parts that were paid for and given back; empty if the provider does not show them, or if one plan's credits
    /// are monthly and the other's upfront.
    pub parts: Vec<ProratedPart>,
}

/// A proration: a part that was paid for, or given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProratedPart {
    /// The credits of each whole grant of its plan, for its quantity.
    pub credits: Credits,
    /// The time that it covers.
    pub period: Period,
    /// Whether it credits unused time.
    pub gives_back: bool,
}

impl MidPeriodChange {
    /// Whether it credits time that had been paid for.
    pub fn gives_back(&self) -> bool {
        self.parts.iter().any(|part| part.gives_back)
    }

    /// How many credits more, or less, the rest of `month` is worth: parts that were paid for are rounded down, those
    /// given back up. A lower value always counts, or changing back would grant the same difference again; a higher one
    /// counts only by the plan's policy.
    pub fn net(&self, month: Period) -> i64 {
        let net = self.parts.iter().fold(0_i64, |sum, part| sum.saturating_add(part.within(month)));
        if self.prorates { net } else { net.min(0) }
    }
}

impl ProratedPart {
    /// The part of the credits of `month` that it pays for; negative if it gives them back.
    fn within(&self, month: Period) -> i64 {
        let start = self.period.start.max(month.start).micros();
        let end = self.period.end.min(month.end).micros();
        let (rest, whole) = (
            i128::from(end.saturating_sub(start).max(0)),
            i128::from(month.end.micros().saturating_sub(month.start.micros()).max(1)),
        );
        let exact = i128::from(self.credits.get()).saturating_mul(rest);
        let part = if self.gives_back {
            exact.saturating_add(whole).saturating_sub(1).checked_div(whole).map(i128::saturating_neg)
        } else {
            exact.checked_div(whole)
        };
        part.and_then(|part| i64::try_from(part).ok()).unwrap_or(0)
    }
}
