//! Taking over a provider's description of a subscription.

use super::{Subscription, SubscriptionRole};
use crate::catalog::{Interval, PlanTerms};
use crate::payments::{Channel, SubscriptionFact, SubscriptionItem};
use crate::values::{AccountId, IdSource, PlanId, SubscriptionId};

/// What somebody is subscribed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscribed {
    /// To which plan.
    pub plan: PlanId,
    /// How often it is paid.
    pub interval: Interval,
    /// The provider's price of it, and how many.
    pub item: Option<SubscriptionItem>,
    /// What the plan says of credits.
    pub terms: PlanTerms,
}

impl Subscription {
    /// The subscription that `fact` describes for the first time.
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
            trial_end: fact.trial_end,
            started_at: fact.started_at,
            provider_updated_at: fact.provider_updated_at,
            version: 0,
        }
    }

    /// This, as a provider would describe it.
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
            trial_end: self.trial_end,
            started_at: self.started_at,
            provider_updated_at: self.provider_updated_at,
            order_hint: None,
        }
    }

    /// What it is to.
    pub fn subscribed(&self) -> Subscribed {
        Subscribed { plan: self.plan, interval: self.interval, item: self.item.clone(), terms: self.terms }
    }

    /// Takes over what the provider answered to a call of ours: it is how things are now. Says whether anything changed.
    ///
    /// Events are told apart by the provider's clock, which an answer does not show. So whatever event comes next is
    /// taken over all the same.
    pub fn answered(&mut self, fact: &SubscriptionFact, to: Subscribed) -> bool {
        let fact = SubscriptionFact { provider_updated_at: self.provider_updated_at, ..fact.clone() };
        self.describe(&fact, to)
    }

    /// Takes over what `fact` says. Says whether anything changed.
    ///
    /// Providers deliver in any order: a description that is older than the one kept is not taken over, and
    /// nothing revives a subscription that has ended. Of two descriptions of one second, the one further
    /// along a subscription's life wins. Whoever stays with a plan keeps its terms, as they were agreed to.
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
        self.trial_end = fact.trial_end;
        self.provider_updated_at = fact.provider_updated_at;
        *self != before
    }
}
