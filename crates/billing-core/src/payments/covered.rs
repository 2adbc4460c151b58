//! What a payment covers of a subscription.

use serde::{Deserialize, Serialize};

use crate::catalog::{CreditsInterval, PlanTerms};
use crate::subscriptions::GracePeriods;
use crate::values::{Credits, Period, PlanId, Timestamp};

/// A paid period of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covered {
    /// The provider's id of the subscription.
    pub subscription: String,
    /// The period.
    pub period: Period,
    /// The plan.
    pub plan: PlanId,
    /// What each line for a whole period entitles to; nothing where it paid for a change alone.
    pub brings: Vec<PeriodTerms>,
    /// A change in the middle of a period that was paid before; also beside a whole period, where it is paid for with the
    /// renewal, or begins a fresh period.
    pub change: Option<MidPeriodChange>,
    /// The settings by which the ends of its credits were set last; an end that is another one is an operator's.
    pub grace: Option<GracePeriods>,
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

/// A change in mid period, as its prorations show it. What it did to credits follows from them and from the period in which
/// it was made ([`PaidPeriods::covering`](super::PaidPeriods::covering)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MidPeriodChange {
    /// The plan that was changed to.
    pub plan: PlanId,
    /// From when on, and the end of the period in which it was made.
    pub rest: Period,
    /// How often the plan that was changed to hands credits out.
    pub credits_interval: CreditsInterval,
    /// Whether what the rest is worth more is granted, by the policy of the plan that was changed to.
    pub prorates: bool,
    /// What was paid for and given back; nothing where the provider does not show it, or where one plan's credits come
    /// monthly and another's at once.
    pub parts: Vec<ProratedPart>,
}

/// What one proration pays for, or gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProratedPart {
    /// What all of the plan that it is of brings, each time the plan hands credits out.
    pub credits: Credits,
    /// From when to when.
    pub period: Period,
    /// Whether it gives money back for time that is not used.
    pub gives_back: bool,
}

impl MidPeriodChange {
    /// Whether money came back for time that had been paid for.
    pub fn gives_back(&self) -> bool {
        self.parts.iter().any(|part| part.gives_back)
    }

    /// How many credits more, or less, the rest of `month` is worth: what is paid for rounded down, what is given back up.
    /// What is worth less always counts, or changing back would bring the same difference again; what is worth more only by
    /// the plan's policy.
    pub fn net(&self, month: Period) -> i64 {
        let net = self.parts.iter().fold(0_i64, |sum, part| sum.saturating_add(part.within(month)));
        if self.prorates { net } else { net.min(0) }
    }
}

impl ProratedPart {
    /// The part of a month's credits that it pays for, or gives back.
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
