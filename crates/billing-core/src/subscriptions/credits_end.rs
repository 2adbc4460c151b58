//! When the credits of a subscription's last paid period end.

use super::{Subscription, SubscriptionStatus};
use crate::values::{Period, Timestamp};

/// How many days a period's credits live on after it, because a renewal's money arrives after the period began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GracePeriods {
    /// Where nothing is wrong.
    pub renewal_days: i64,
    /// Where the renewal's payment failed and is tried again.
    pub past_due_days: i64,
}

/// When the credits of a subscription's last paid period end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditsEnd {
    /// With the period, or so many days after it.
    AfterPeriod {
        /// How many days.
        days: i64,
    },
    /// At this moment, if the period goes on beyond it: the subscription ended, or is unpaid.
    Cut(Timestamp),
}

impl CreditsEnd {
    /// When the credits of a period that ends at `period_end` end by it.
    pub fn of(self, period_end: Timestamp) -> Timestamp {
        match self {
            Self::AfterPeriod { days } => period_end.plus_days(days),
            Self::Cut(at) => period_end.min(at),
        }
    }
}

impl Subscription {
    /// Whether it is unpaid, and money for `period` pays just that: news of the money may come before and after news of
    /// either.
    pub fn is_made_good_by(&self, period: Period) -> bool {
        const SLACK_SECONDS: i64 = 3600;
        let unpaid_from = |now: Period| if now.end <= self.provider_updated_at { now.end } else { now.start };
        let began = period.start.plus_seconds(SLACK_SECONDS);
        self.status == SubscriptionStatus::Unpaid && self.period.is_some_and(|now| began >= unpaid_from(now))
    }

    /// Whether it had ended before a payment was `collected`: after the provider gave up collecting, the buyer paid all the
    /// same. Such a payment buys its period, which ends without grace. What was collected before and is told later is
    /// none.
    pub fn had_ended_before(&self, collected: Option<Timestamp>) -> bool {
        self.status.is_final() && self.ended_at.zip(collected).is_some_and(|(ended, at)| ended < at)
    }

    /// When the credits of a period that ends at `period_end` end, if no further one is paid. One that is not `known` yet
    /// is taken for one with which nothing is wrong. An end that is set for later than the period leaves it as it is: until
    /// then there are renewals.
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
