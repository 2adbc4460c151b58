//! One account's subscription to one plan.

use super::{GracePeriods, SubscriptionRef, SubscriptionRole, SubscriptionStatus};
use crate::catalog::{Interval, PlanTerms};
use crate::payments::{Channel, SubscriptionItem};
use crate::values::{AccountId, Period, PlanId, SubscriptionId, Timestamp};

/// One account's subscription to one plan, as last reported by the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Our id.
    pub id: SubscriptionId,
    /// The owner.
    pub account: AccountId,
    /// The provider that charges it.
    pub channel: Channel,
    /// The provider's id; unique per provider.
    pub provider_id: String,
    /// The provider's customer.
    pub provider_customer: String,
    /// The plan.
    pub plan: PlanId,
    /// The billing interval.
    pub interval: Interval,
    /// The provider's price and the quantity; none for a gift.
    pub item: Option<SubscriptionItem>,
    /// The plan's terms of credits, as agreed.
    pub terms: PlanTerms,
    /// The role within its account.
    pub role: SubscriptionRole,
    /// The status.
    pub status: SubscriptionStatus,
    /// The current period.
    pub period: Option<Period>,
    /// Whether it is canceled at the end of the current period.
    pub cancel_at_period_end: bool,
    /// The scheduled end, if any.
    pub cancel_at: Option<Timestamp>,
    /// When the cancellation was requested.
    pub canceled_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Why it was canceled, as the provider or the customer says; none if it is not canceled.
    pub cancel_reason: Option<String>,
    /// The end of its trial.
    pub trial_end: Option<Timestamp>,
    /// Its start.
    pub started_at: Timestamp,
    /// The provider's time of the stored state; older states are ignored.
    pub provider_updated_at: Timestamp,
    /// The row's version; 0 if not stored yet.
    pub version: i64,
}

impl Subscription {
    /// How long an ended subscription is still shown.
    const SHOWN_AFTER_END_DAYS: i64 = 30;

    /// Its reference at the provider.
    pub fn name(&self) -> SubscriptionRef {
        SubscriptionRef::new(self.channel, self.provider_id.clone())
    }

    /// The quantity: the plan's credits are multiplied by it.
    pub fn quantity(&self) -> u32 {
        self.item.as_ref().map_or(1, |item| item.quantity)
    }

    /// Whether it is the account's active subscription and live: a second one is refused.
    pub const fn is_live(&self) -> bool {
        self.role.is_active() && self.status.is_live()
    }

    /// When it lapses by time alone, if its provider reports nothing more: at its scheduled end, or when the grace period
    /// for past-due renewals is over and neither a renewal nor a failed one was reported. None if it is paused or has ended.
    pub fn lapses_at(&self, grace: GracePeriods) -> Option<Timestamp> {
        use SubscriptionStatus::{Active, PastDue, Trialing};
        if !matches!(self.status, Active | PastDue | Trialing) {
            return None;
        }
        let days = if self.cancel_at_period_end { 0 } else { grace.past_due_days };
        let unrenewed = self.period.map(|period| period.end.plus_days(days));
        self.cancel_at.into_iter().chain(unrenewed).min()
    }

    /// When it ended, as far as that is known.
    pub fn ended(&self, grace: GracePeriods) -> Option<Timestamp> {
        let told = self.status.is_final().then(|| self.ended_at.unwrap_or(self.provider_updated_at));
        told.or_else(|| self.lapses_at(grace))
    }

    /// Whether its first payment or trial never came.
    pub fn never_began(&self) -> bool {
        matches!(self.status, SubscriptionStatus::Incomplete | SubscriptionStatus::IncompleteExpired)
    }

    /// Whether it is the one to show for its account at `now`, when none is live: one that never began is not shown, and
    /// one that ended is for 30 days.
    pub fn is_shown(&self, grace: GracePeriods, now: Timestamp) -> bool {
        let is_over = self.ended(grace).is_some_and(|end| end.plus_days(Self::SHOWN_AFTER_END_DAYS) <= now);
        self.role.is_active() && !self.never_began() && !is_over
    }
}
