//! When the credits of a subscription's last paid period end.

use serde::{Deserialize, Serialize};

use super::{Subscription, SubscriptionStatus};
use crate::values::{Period, Timestamp};

/// How many days a period's credits live on after it, because a renewal's money arrives after the period began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GracePeriods {
    /// In good standing.
    pub renewal_days: i64,
    /// While the renewal is past due and its payment is retried.
    pub past_due_days: i64,
}

/// When the credits of a subscription's last paid period end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditsEnd {
    /// At the end of the period, or this many days later.
    AfterPeriod {
        /// The days.
        days: i64,
    },
    /// At this time, if the period ends later: the subscription ended, or is unpaid.
    Cut(Timestamp),
}

impl CreditsEnd {
    /// The resulting end of the credits of a period that ends at `period_end`.
    pub fn of(self, period_end: Timestamp) -> Timestamp {
        match self {
            Self::AfterPeriod { days } => period_end.plus_days(days),
            Self::Cut(at) => period_end.min(at),
        }
    }
}

impl Subscription {
    /// Whether the subscription is unpaid and a payment for `period` settles it. The payment may be reported before or
    /// after the new state.
    pub fn is_made_good_by(&self, period: Period) -> bool {
        let unpaid_from = |now: Period| if now.end <= self.provider_updated_at { now.end } else { now.start };
        let began = period.start.plus_seconds(Period::SLACK_SECONDS);
        self.status == SubscriptionStatus::Unpaid && self.period.is_some_and(|now| began >= unpaid_from(now))
    }

    /// Whether it had ended before a payment was `collected`: a late payment, after the provider stopped collecting.
    /// It buys the remainder of its period, without a grace period. A payment that was collected earlier and reported
    /// later is not late.
    pub fn had_ended_before(&self, collected: Option<Timestamp>) -> bool {
        self.status.is_final() && self.ended_at.zip(collected).is_some_and(|(ended, at)| ended < at)
    }

    /// The end of the credits of a period that ends at `period_end`, if no further period is paid. An unknown
    /// subscription counts as in good standing. A scheduled end after the period changes nothing: there will be
    /// renewals until then.
    pub fn credits_end(
        known: Option<&Self>,
        grace_periods: GracePeriods,
        period_end: Timestamp,
    ) -> CreditsEnd {
        let within = |days| CreditsEnd::AfterPeriod { days };
        let Some(known) = known else { return within(grace_periods.renewal_days) };
        match known.status {
            status if status.is_final() => {
                CreditsEnd::Cut(known.ended_at.unwrap_or(known.provider_updated_at))
            }
            SubscriptionStatus::Unpaid => CreditsEnd::Cut(known.provider_updated_at),
            _ if known.cancel_at_period_end => within(0),
            _ if known.cancel_at.is_some_and(|at| at <= period_end) => {
                known.cancel_at.map_or(within(0), CreditsEnd::Cut)
            }
            SubscriptionStatus::PastDue => within(grace_periods.past_due_days),
            _ => within(grace_periods.renewal_days),
        }
    }
}
