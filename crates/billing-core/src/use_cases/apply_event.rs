//! Apply one event of the inbox.

use crate::BillingError;
use crate::billing::Ports;
use crate::changes::Changes;
use crate::ledger::{Actor, Refusal};
use crate::orders::Order;
use crate::payments::{
    Capability, Channel, CheckoutFact, MoneyBack, PaidPeriod, PaymentFact, PaymentMethod, PaymentMethodFact,
    PaymentNames, SubscriptionFact,
};
use crate::ports::{CommitError, PaymentProvider, StoreError};
use crate::values::{AccountId, OrderId};
use crate::webhooks::{
    CheckoutContext, Effect, InboxEvent, MoneyBackContext, PeriodContext, Receipt, ReceiptOutcome,
    SubscriptionContext, checkout_effect, confirms_hint, money_back_effect, period_effect,
    subscription_effect,
};

use super::checkout_coupon::follow_orders;
use super::retry::{Again, retry};

/// How applying an event ended, when it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Applied {
    /// It was dealt with, now or before.
    Done,
    /// It speaks of something that we do not know yet.
    Orphan(&'static str),
}

/// Applies `event`: reads our state, decides what changes, and commits that together with the mark that the
/// event was dealt with. Doing it twice, or at the same time elsewhere, changes nothing more.
pub(crate) async fn apply_event(ports: &Ports, event: &InboxEvent) -> Result<Applied, BillingError> {
    let provider =
        ports.provider(event.channel).ok_or(crate::webhooks::WebhookRefusal::ChannelNotConfigured)?;
    let fact = match provider.read(event) {
        Ok(fact) => fact,
        Err(problem) => return Err(BillingError::Invalid { field: "event", problem }),
    };
    let fact = &fact;
    retry(|| async move {
        let effect = match fact {
            PaymentFact::Checkout(checkout) => checkout_news(ports, event, checkout).await?,
            PaymentFact::Subscription(subscription) => subscription_news(ports, event, subscription).await?,
            PaymentFact::PeriodPaid(period) => {
                let paid = period_news(ports, event, period).await?;
                match &period.subscription_now {
                    Some(now) => paid.with(subscription_news(ports, event, now).await?),
                    None => paid,
                }
            }
            PaymentFact::MoneyBack(money) => money_back_news(ports, event, money).await?,
            PaymentFact::Method(method) => method_news(ports, event, method).await?,
            PaymentFact::Named(names) => names_news(ports, event, names).await?,
            PaymentFact::Ignored(why) => Effect::Ignore(why),
        };
        let (mut changes, outcome) = match effect {
            Effect::Apply(changes) => (*changes, ReceiptOutcome::Processed),
            Effect::Ignore(why) => (Changes::default(), ReceiptOutcome::Ignored(why.to_owned())),
            Effect::Orphan(why) => return Ok(Applied::Orphan(why)),
        };
        follow_orders(ports, &mut changes).await?;
        changes.receipt = Some(Receipt { event: event.id, outcome });
        match ports.store.commit(changes, ports.clock.now()).await {
            Ok(_) | Err(CommitError::AlreadyHandled) => Ok(Applied::Done),
            // Another event of the same fact was faster: the next look finds what it did.
            Err(CommitError::Refused(Refusal::AlreadyGranted { .. })) => Err(Again::Conflict),
            Err(error) => Err(error.into()),
        }
    })
    .await
}

fn actor(event: &InboxEvent) -> Actor {
    Actor::Provider(format!("{}:{}", event.channel, event.event_id))
}

async fn checkout_news(ports: &Ports, event: &InboxEvent, fact: &CheckoutFact) -> Result<Effect, StoreError> {
    let mut order = ports.orders.order_by_session(event.channel, &fact.session).await?;
    if order.is_none()
        && let Some(hinted) = hinted_order(ports, event.channel, fact.order_hint).await?
    {
        let customer = ports.accounts.provider_customer(event.channel, hinted.account).await?;
        order = Some(hinted).filter(|hinted| confirms_hint(fact, hinted, customer.as_deref()));
    }
    let context =
        CheckoutContext { order, channel: event.channel, actor: actor(event), now: ports.clock.now() };
    Ok(checkout_effect(fact, context, &*ports.ids))
}

async fn subscription_news(
    ports: &Ports,
    event: &InboxEvent,
    fact: &SubscriptionFact,
) -> Result<Effect, StoreError> {
    let channel = event.channel;
    let plan = match &fact.price {
        Some(price) => plan_of_price(ports, channel, price).await?,
        None => None,
    };
    let context = SubscriptionContext {
        channel,
        account: account_of(ports, channel, &fact.id, &fact.customer).await?,
        known: ports.subscriptions.subscription_by_provider_id(channel, &fact.id).await?,
        plan,
        hinted_order: order_of(ports, channel, &fact.id, fact.order_hint).await?,
        renewal_grace_days: ports.renewal_grace_days,
        actor: actor(event),
        now: ports.clock.now(),
    };
    Ok(subscription_effect(fact, &context, &*ports.ids))
}

async fn period_news(ports: &Ports, event: &InboxEvent, fact: &PaidPeriod) -> Result<Effect, StoreError> {
    let channel = event.channel;
    let subscription = ports.subscriptions.subscription_by_provider_id(channel, &fact.subscription).await?;
    let account = match &subscription {
        Some(known) => Some(known.account),
        None => account_of(ports, channel, &fact.subscription, &fact.customer).await?,
    };
    let mut plans = Vec::new();
    for line in &fact.lines {
        if let Some((plan, _)) = plan_of_price(ports, channel, &line.price).await? {
            plans.push((line.price.clone(), plan));
        }
    }
    let payment = ports.payments.payment_by_names(channel, &fact.names).await?;
    let mut others = ports.payments.payments_of_subscription(channel, &fact.subscription).await?;
    others.retain(|other| payment.as_ref().is_none_or(|own| own.id != other.id));
    let context = PeriodContext {
        channel,
        account,
        subscription,
        hinted_order: order_of(ports, channel, &fact.subscription, fact.order_hint).await?,
        plans,
        payment,
        others,
        renewal_grace_days: ports.renewal_grace_days,
        actor: actor(event),
        now: ports.clock.now(),
    };
    Ok(period_effect(fact, &context, &*ports.ids))
}

async fn money_back_news(ports: &Ports, event: &InboxEvent, fact: &MoneyBack) -> Result<Effect, StoreError> {
    let payment = ports.payments.payment_by_names(event.channel, &fact.payment).await?;
    let (grants, order) = match &payment {
        None => (Vec::new(), None),
        Some(payment) => {
            let order = match payment.order {
                None => None,
                Some(order) => ports.orders.order(order).await?,
            };
            (ports.reports.grants_by_fact(&payment.facts).await?, order)
        }
    };
    let provider = ports.provider(event.channel).map(PaymentProvider::capabilities);
    let context = MoneyBackContext {
        payment,
        grants,
        order,
        disputes_are_refunded: provider.is_some_and(|table| table.can(Capability::DisputesAreRefunded)),
        spent: ports.spent_and_refunded,
        refund_days: ports.refund_days,
        actor: actor(event),
        now: ports.clock.now(),
    };
    Ok(money_back_effect(&fact.news, &context))
}

async fn method_news(
    ports: &Ports,
    event: &InboxEvent,
    fact: &PaymentMethodFact,
) -> Result<Effect, StoreError> {
    let channel = event.channel;
    let Some(account) = ports.accounts.account_of_customer(channel, &fact.customer).await? else {
        return Ok(Effect::Orphan("no account has this customer"));
    };
    let method = match ports.payments.payment_method(channel, &fact.id).await? {
        None => Some(PaymentMethod::first_seen(fact, channel, account)),
        Some(mut known) => known.take_over(fact, account).then_some(known),
    };
    let payment_methods = method.into_iter().collect();
    Ok(Effect::Apply(Box::new(Changes { payment_methods, ..Changes::default() })))
}

async fn names_news(ports: &Ports, event: &InboxEvent, names: &PaymentNames) -> Result<Effect, StoreError> {
    let Some(mut payment) = ports.payments.payment_by_names(event.channel, names).await? else {
        return Ok(Effect::Orphan("no payment of ours is called so"));
    };
    let payments = if payment.names.learn(names) { vec![payment] } else { Vec::new() };
    Ok(Effect::Apply(Box::new(Changes { payments, ..Changes::default() })))
}

/// Whose subscription it is, by our own rows: the order that began it, else the customer.
async fn account_of(
    ports: &Ports,
    channel: Channel,
    subscription: &str,
    customer: &str,
) -> Result<Option<AccountId>, StoreError> {
    match ports.orders.order_by_subscription(channel, subscription).await? {
        Some(order) => Ok(Some(order.account)),
        None => ports.accounts.account_of_customer(channel, customer).await,
    }
}

/// The order that began the subscription, else the one that a hint names.
async fn order_of(
    ports: &Ports,
    channel: Channel,
    subscription: &str,
    hint: Option<OrderId>,
) -> Result<Option<Order>, StoreError> {
    match ports.orders.order_by_subscription(channel, subscription).await? {
        Some(order) => Ok(Some(order)),
        None => hinted_order(ports, channel, hint).await,
    }
}

async fn hinted_order(
    ports: &Ports,
    channel: Channel,
    hint: Option<OrderId>,
) -> Result<Option<Order>, StoreError> {
    let Some(id) = hint else { return Ok(None) };
    Ok(ports.orders.order(id).await?.filter(|order| order.channel == channel))
}

/// The plan and interval that a provider's price stands for.
async fn plan_of_price(
    ports: &Ports,
    channel: Channel,
    price: &str,
) -> Result<Option<(crate::catalog::Plan, crate::catalog::Interval)>, StoreError> {
    match channel {
        Channel::Stripe => ports.catalog.plan_by_stripe_price(price).await,
        // The sandbox has no catalogue of its own: its prices name our plan and interval.
        Channel::Sandbox => {
            let Some((plan, interval)) = price.split_once(':') else { return Ok(None) };
            let (Ok(id), Ok(interval)) = (plan.parse(), interval.parse()) else { return Ok(None) };
            Ok(ports.catalog.plan(id).await?.map(|plan| (plan, interval)))
        }
        Channel::Creem => {
            let mut plans = ports.catalog.plans().await?.into_iter();
            Ok(plans
                .find_map(|plan| Some((plan.interval_of_creem_product(price)?, plan)))
                .map(|(interval, plan)| (plan, interval)))
        }
    }
}
