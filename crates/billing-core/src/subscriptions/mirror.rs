//! Applying a provider's state of a subscription.

use super::{Subscription, SubscriptionRole};
use crate::catalog::{Interval, PlanTerms};
use crate::payments::{Channel, SubscriptionFact, SubscriptionItem};
use crate::values::{AccountId, IdSource, PlanId, SubscriptionId};

/// The plan of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscribed {
    /// The plan.
    pub plan: PlanId,
    /// The billing interval.
    pub interval: Interval,
    /// The provider's price and the quantity.
    pub item: Option<SubscriptionItem>,
    /// The plan's terms of credits.
    pub terms: PlanTerms,
}

impl Subscription {
    /// The subscription of the first report.
    pub fn first_seen(
        fact: &SubscriptionFact,
        channel: Channel,
        account: AccountId,
        to: Subscribed,
        ids: &dyn IdSource,
    ) -> Self {
        Self {
            id: SubscriptionId::new(ids),
            account,
            channel,
            provider_id: fact.id.clone(),
            provider_customer: fact.customer.clone(),
            plan: to.plan,
            interval: to.interval,
            item: to.item,
            terms: to.terms,
            role: SubscriptionRole::Active,
            status: fact.status,
            period: fact.period,
            cancel_at_period_end: fact.cancel_at_period_end,
            cancel_at: fact.cancel_at,
            canceled_at: fact.canceled_at,
            ended_at: fact.ended_at,
            cancel_reason: fact.cancel_reason.clone(),
            trial_end: fact.trial_end,
            started_at: fact.started_at,
            provider_updated_at: fact.provider_updated_at,
            version: 0,
        }
    }

    /// The subscription as a provider's fact.
    pub fn as_fact(&self) -> SubscriptionFact {
        SubscriptionFact {
            id: self.provider_id.clone(),
            customer: self.provider_customer.clone(),
            status: self.status,
            items: self.item.iter().cloned().collect(),
            period: self.period,
            cancel_at_period_end: self.cancel_at_period_end,
            cancel_at: self.cancel_at,
            canceled_at: self.canceled_at,
            ended_at: self.ended_at,
            cancel_reason: self.cancel_reason.clone(),
            trial_end: self.trial_end,
            started_at: self.started_at,
            provider_updated_at: self.provider_updated_at,
            order_hint: None,
        }
    }

    /// Its plan.
    pub fn subscribed(&self) -> Subscribed {
        Subscribed { plan: self.plan, interval: self.interval, item: self.item.clone(), terms: self.terms }
    }

    /// Applies the response to our own request: the current state. Returns whether anything changed.
    ///
    /// Events are ordered by the provider's clock, which a response does not show. So the next event is applied in any
    /// case.
    pub fn answered(&mut self, fact: &SubscriptionFact, to: Subscribed) -> bool {
        let fact = SubscriptionFact { provider_updated_at: self.provider_updated_at, ..fact.clone() };
        self.describe(&fact, to)
    }

    /// Applies `fact`. Returns whether anything changed.
    ///
    /// Providers deliver in any order: a state older than the stored one is ignored, and an ended subscription is
    /// never revived. Of two states of the same second, the one further along the life cycle wins. The terms stay as
    /// agreed while the plan stays the same.
    pub fn take_over(&mut self, fact: &SubscriptionFact, to: Subscribed) -> bool {
        let stale =
            (fact.provider_updated_at, fact.status.rank()) < (self.provider_updated_at, self.status.rank());
        !stale && self.describe(fact, to)
    }

    fn describe(&mut self, fact: &SubscriptionFact, to: Subscribed) -> bool {
        if self.status.is_final() && !fact.status.is_final() {
            return false;
        }
        let before = self.clone();
        self.provider_customer.clone_from(&fact.customer);
        if self.plan != to.plan {
            (self.plan, self.terms) = (to.plan, to.terms);
        }
        self.interval = to.interval;
        self.item = to.item.or(self.item.take());
        self.status = fact.status;
        self.period = fact.period.or(self.period);
        self.cancel_at_period_end = fact.cancel_at_period_end;
        self.cancel_at = fact.cancel_at;
        self.canceled_at = fact.canceled_at;
        self.ended_at = fact.ended_at;
        // A reason that the provider does not repeat is kept until the cancellation is undone.
        let is_canceled = fact.cancel_at_period_end || fact.cancel_at.is_some() || fact.status.is_final();
        let known = self.cancel_reason.take().filter(|_| is_canceled);
        self.cancel_reason = fact.cancel_reason.clone().filter(|_| is_canceled).or(known);
        self.trial_end = fact.trial_end;
        self.provider_updated_at = fact.provider_updated_at;
        *self != before
    }
}
