//! Taking over a provider's description of a subscription.

use super::Subscription;
use crate::catalog::Interval;
use crate::payments::{Channel, SubscriptionFact};
use crate::values::{AccountId, IdSource, PlanId, SubscriptionId};

impl Subscription {
    /// The subscription that `fact` describes for the first time.
    pub fn first_seen(
        fact: &SubscriptionFact,
        channel: Channel,
        account: AccountId,
        plan: PlanId,
        interval: Interval,
        ids: &dyn IdSource,
    ) -> Self {
        Self {
            id: SubscriptionId::new(ids),
            account,
            channel,
            provider_id: fact.id.clone(),
            provider_customer: fact.customer.clone(),
            plan,
            interval,
            status: fact.status,
            period: fact.period,
            cancel_at_period_end: fact.cancel_at_period_end,
            cancel_at: fact.cancel_at,
            canceled_at: fact.canceled_at,
            ended_at: fact.ended_at,
            trial_end: fact.trial_end,
            started_at: fact.started_at,
            stated_at: fact.stated_at,
            version: 0,
        }
    }

    /// This, as a provider would describe it.
    pub fn as_fact(&self) -> SubscriptionFact {
        SubscriptionFact {
            id: self.provider_id.clone(),
            customer: self.provider_customer.clone(),
            status: self.status,
            price: None,
            period: self.period,
            cancel_at_period_end: self.cancel_at_period_end,
            cancel_at: self.cancel_at,
            canceled_at: self.canceled_at,
            ended_at: self.ended_at,
            trial_end: self.trial_end,
            started_at: self.started_at,
            stated_at: self.stated_at,
            order_hint: None,
        }
    }

    /// Takes over what the provider answered to a call of ours. Says whether anything changed.
    ///
    /// Events are told apart by the provider's clock, which an answer does not show. So whatever event comes next is
    /// taken over all the same.
    pub fn answered(&mut self, fact: &SubscriptionFact) -> bool {
        let (plan, interval, stated_at) = (self.plan, self.interval, self.stated_at);
        let now = SubscriptionFact { stated_at: stated_at.max(fact.stated_at), ..fact.clone() };
        let news = self.take_over(&now, plan, interval);
        self.stated_at = stated_at;
        news
    }

    /// Takes over what `fact` says. Says whether anything changed.
    ///
    /// Providers deliver in any order: a description that is older than the one kept is not taken over, and
    /// nothing revives a subscription that has ended. Of two descriptions of one second, the one further
    /// along a subscription's life wins.
    pub fn take_over(&mut self, fact: &SubscriptionFact, plan: PlanId, interval: Interval) -> bool {
        let stale = (fact.stated_at, fact.status.rank()) < (self.stated_at, self.status.rank());
        if stale || (self.status.is_final() && !fact.status.is_final()) {
            return false;
        }
        let before = self.clone();
        self.provider_customer.clone_from(&fact.customer);
        self.plan = plan;
        self.interval = interval;
        self.status = fact.status;
        self.period = fact.period.or(self.period);
        self.cancel_at_period_end = fact.cancel_at_period_end;
        self.cancel_at = fact.cancel_at;
        self.canceled_at = fact.canceled_at;
        self.ended_at = fact.ended_at;
        self.trial_end = fact.trial_end;
        self.stated_at = fact.stated_at;
        *self != before
    }
}
