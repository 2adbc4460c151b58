//! One account's subscription to one plan.

use super::{SubscriptionRef, SubscriptionRole, SubscriptionStatus};
use crate::catalog::{Interval, PlanTerms};
use crate::payments::{Channel, SubscriptionItem};
use crate::values::{AccountId, Period, PlanId, SubscriptionId, Timestamp};

/// One account's subscription to one plan, as the provider last described it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Our id.
    pub id: SubscriptionId,
    /// Whose.
    pub account: AccountId,
    /// The provider that collects the money.
    pub channel: Channel,
    /// The provider's id of it; unique per provider.
    pub provider_id: String,
    /// The provider's customer.
    pub provider_customer: String,
    /// To which plan.
    pub plan: PlanId,
    /// How often it is paid.
    pub interval: Interval,
    /// The provider's price of the plan that is paid, and how many; none where nobody collects.
    pub item: Option<SubscriptionItem>,
    /// What the plan said of credits when it was agreed to.
    pub terms: PlanTerms,
    /// How it stands beside the account's others.
    pub role: SubscriptionRole,
    /// Where it stands.
    pub status: SubscriptionStatus,
    /// The current period.
    pub period: Option<Period>,
    /// Whether it ends with the current period.
    pub cancel_at_period_end: bool,
    /// When it will end, where that is set.
    pub cancel_at: Option<Timestamp>,
    /// When its end was asked for.
    pub canceled_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When its trial ends or ended.
    pub trial_end: Option<Timestamp>,
    /// When it began.
    pub started_at: Timestamp,
    /// When the provider said what is kept here; older descriptions are not taken over.
    pub provider_updated_at: Timestamp,
    /// How often it was written; 0 before the first time.
    pub version: i64,
}

impl Subscription {
    /// For how long an ended subscription is still shown.
    const SHOWN_AFTER_END_DAYS: i64 = 30;

    /// How its provider calls it.
    pub fn name(&self) -> SubscriptionRef {
        SubscriptionRef::new(self.channel, self.provider_id.clone())
    }

    /// How many of the plan are paid: each brings the plan's credits.
    pub fn quantity(&self) -> u32 {
        self.item.as_ref().map_or(1, |item| item.quantity)
    }

    /// Whether it is the account's own and live: a second one beside it is refused.
    pub const fn is_live(&self) -> bool {
        self.role.is_active() && self.status.is_live()
    }

    /// Whether its first payment or trial never came.
    pub fn never_began(&self) -> bool {
        matches!(self.status, SubscriptionStatus::Incomplete | SubscriptionStatus::IncompleteExpired)
    }

    /// Whether it is the one to show for its account at `now`, when none is live: one that never began is
    /// not shown, and one that ended is for 30 days.
    pub fn is_shown(&self, now: Timestamp) -> bool {
        match self.status {
            _ if !self.role.is_active() => false,
            SubscriptionStatus::Incomplete | SubscriptionStatus::IncompleteExpired => false,
            SubscriptionStatus::Canceled => {
                now < self.ended_at.unwrap_or(self.provider_updated_at).plus_days(Self::SHOWN_AFTER_END_DAYS)
            }
            _ => true,
        }
    }
}
