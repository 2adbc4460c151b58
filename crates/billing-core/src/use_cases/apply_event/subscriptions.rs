//! What an event says of a subscription and its payments.

use super::super::current_slot::current_slot;
use super::super::provider_prices::plan_of_price;
use super::whose::{account_of, order_of};
use crate::accounts::Account;
use crate::billing::Ports;
use crate::catalog::{Interval, Plan};
use crate::gifts::MOST_MONTHS;
use crate::ledger::{Actor, Grant, business_keys};
use crate::orders::Order;
use crate::payments::{Channel, PaidPeriod, Payment, SubscriptionFact, SubscriptionItem};
use crate::ports::StoreError;
use crate::subscriptions::Subscription;
use crate::values::ParseIdError;
use crate::webhooks::{
    Effect, FactOrigin, InboxEvent, PeriodContext, SubscriptionContext, period_effect, subscription_effect,
};

/// Who tells something.
#[derive(Debug, Clone)]
pub(in crate::use_cases) struct FactSource {
    /// Which provider.
    pub(in crate::use_cases) channel: Channel,
    /// How.
    pub(in crate::use_cases) origin: FactOrigin,
    /// For the history.
    pub(in crate::use_cases) actor: Actor,
}

impl FactSource {
    /// An event of the inbox.
    pub(super) fn event(event: &InboxEvent) -> Self {
        Self { channel: event.channel, origin: FactOrigin::Event, actor: super::actor(event) }
    }

    /// The answer to what we asked about the thing that the provider calls `name`.
    pub(in crate::use_cases) fn answer(channel: Channel, name: &str) -> Self {
        Self { channel, origin: FactOrigin::Response, actor: Actor::Provider(format!("{channel}:{name}")) }
    }
}

/// What a subscription's description changes.
pub(in crate::use_cases) async fn apply_subscription_update(
    ports: &Ports,
    FactSource { channel, origin, actor }: FactSource,
    fact: &SubscriptionFact,
) -> Result<Effect, StoreError> {
    let known = ports.subscriptions.subscription_by_provider_id(channel, &fact.id).await?;
    let account = match &known {
        Some(known) => ports.accounts.account(known.account).await?,
        None => account_of(ports, channel, &fact.id, &fact.customer).await?,
    };
    let account = seated(ports, channel, account).await?;
    let plan = plan_item(ports, channel, &fact.items).await?;
    let hinted_order = order_of(ports, channel, &fact.id, fact.order_hint).await?;
    let ordered_plan = match hinted_order.as_ref().and_then(Order::plan) {
        Some(plan) => ports.catalog.plan(plan).await?,
        None => None,
    };
    let payments = ports.payments.payments_of_subscription(channel, &fact.id).await?;
    let grants = granted(ports, &payments, known.as_ref()).await?;
    let context = SubscriptionContext {
        channel,
        account,
        known,
        plan,
        hinted_order,
        ordered_plan,
        payments,
        grants,
        grace_periods: ports.grace_periods,
        origin,
        actor,
        now: ports.clock.now(),
    };
    Ok(subscription_effect(fact, &context, &*ports.ids))
}

/// The first of `items` whose price stands for a plan, and the plan.
async fn plan_item(
    ports: &Ports,
    channel: Channel,
    items: &[SubscriptionItem],
) -> Result<Option<(SubscriptionItem, Plan, Interval)>, StoreError> {
    for item in items {
        if let Some((plan, interval)) = plan_of_price(ports, channel, &item.price).await? {
            return Ok(Some((item.clone(), plan, interval)));
        }
    }
    Ok(None)
}

/// What a paid period changes, and the subscription's description where the same event has one. The description
/// comes first: it says whether the subscription counts.
pub(in crate::use_cases) async fn record_payment(
    ports: &Ports,
    source: FactSource,
    fact: &PaidPeriod,
) -> Result<Effect, StoreError> {
    let channel = source.channel;
    let described = match &fact.subscription_now {
        Some(now) => Some(apply_subscription_update(ports, source.clone(), now).await?),
        None => None,
    };
    let mut subscription =
        ports.subscriptions.subscription_by_provider_id(channel, &fact.subscription).await?;
    let mut account = match &subscription {
        Some(known) => ports.accounts.account(known.account).await?,
        None => account_of(ports, channel, &fact.subscription, &fact.customer).await?,
    };
    account = seated(ports, channel, account).await?;
    if let Some(Effect::Apply(changes)) = &described {
        let now: (Option<&Subscription>, Option<&Account>) =
            (changes.subscriptions.last(), changes.accounts.last());
        subscription = now.0.cloned().or(subscription);
        account = now.1.cloned().or(account);
    }
    let mut plans = Vec::new();
    for line in &fact.lines {
        if let Some((plan, _)) = plan_of_price(ports, channel, &line.price).await? {
            plans.push((line.price.clone(), plan));
        }
    }
    let payment = ports.payments.payment_by_refs(channel, &fact.refs).await?;
    let mut others = ports.payments.payments_of_subscription(channel, &fact.subscription).await?;
    others.retain(|other| payment.as_ref().is_none_or(|own| own.id != other.id));
    let other_grants = granted(ports, &others, subscription.as_ref()).await?;
    let context = PeriodContext {
        channel,
        account,
        subscription,
        hinted_order: order_of(ports, channel, &fact.subscription, fact.order_hint).await?,
        plans,
        payment,
        others,
        other_grants,
        grace_periods: ports.grace_periods,
        actor: source.actor,
        now: ports.clock.now(),
    };
    let paid = period_effect(fact, &context, &*ports.ids);
    Ok(match described {
        Some(described) => paid.with(described),
        None => paid,
    })
}

/// The account as its slot is now, for the subscriptions that providers tell of.
async fn seated(
    ports: &Ports,
    channel: Channel,
    account: Option<Account>,
) -> Result<Option<Account>, StoreError> {
    match account {
        Some(account) if channel != Channel::Gift => Ok(Some(current_slot(ports, account).await?)),
        account => Ok(account),
    }
}

/// What `payments` of a subscription granted, its trial, and its months where it was given; with what rolled over from
/// those.
async fn granted(
    ports: &Ports,
    payments: &[Payment],
    subscription: Option<&Subscription>,
) -> Result<Vec<Grant>, StoreError> {
    let mut names: Vec<_> = payments.iter().flat_map(|payment| payment.grant_keys.iter().cloned()).collect();
    names.extend(subscription.map(|known| business_keys::trial(known.id)));
    if let Some(gift) = subscription.filter(|known| known.is_given()).map(|known| known.provider_id.parse()) {
        let gift = gift.map_err(|problem: ParseIdError| StoreError::Corrupt(problem.to_string()))?;
        names.extend((0..MOST_MONTHS).map(|month| business_keys::gift(gift, month)));
    }
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut grants = ports.reports.grants_by_key(&names).await?;
    let heirs: Vec<_> = grants.iter().map(|grant| business_keys::rollover(grant.id)).collect();
    grants.extend(ports.reports.grants_by_key(&heirs).await?);
    Ok(grants)
}
