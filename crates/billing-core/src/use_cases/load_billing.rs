//! Read one account's billing.
//!
//! The account's row is read first. Whatever is committed to its billing later raises that row's version, so that a
//! decision on rows of two moments is never written.

use std::collections::BTreeSet;

use super::provider_prices::plan_of_price;
use crate::account_billing::{
    AccountBilling, BillingView, FactRefs, PricedPlan, ShownSubscription, advance, grant_keys,
};
use crate::accounts::Account;
use crate::billing::Ports;
use crate::changes::ProviderCustomer;
use crate::ledger::business_keys;
use crate::orders::{Order, OrderKind};
use crate::payments::{Channel, Payment};
use crate::ports::StoreError;
use crate::subscriptions::Subscription;
use crate::values::{AccountId, OrderId, Timestamp};

/// For how long after its end a period is still read.
const RECENT_DAYS: i64 = 62;

/// The billing that a fact of `channel` is about, as of `now`, with what the fact names. None where our rows do not say
/// whose it is.
pub(super) async fn load_named(
    ports: &Ports,
    channel: Channel,
    refs: &FactRefs<'_>,
    now: Timestamp,
) -> Result<Option<(AccountBilling, AccountBilling)>, StoreError> {
    let Some(owner) = owner(ports, channel, refs).await? else { return Ok(None) };
    let Some(mut billing) = begin(ports, owner).await? else { return Ok(None) };
    if let Some(refs) = refs.payment {
        billing.payments.extend(ports.payments.payment_by_refs(channel, refs).await?);
    }
    load_customer(ports, &mut billing, channel, refs).await?;
    load_subscription_payments(ports, &mut billing, channel, refs, now).await?;
    load_orders(ports, &mut billing, channel, refs).await?;
    load_grants(ports, &mut billing, channel, refs, now).await?;
    load_prices(ports, &mut billing, channel, refs).await?;
    if let Some(id) = refs.payment_method {
        billing.payment_methods.extend(ports.payments.payment_method(channel, id).await?);
    }
    Ok(Some(advanced(ports, billing, now)))
}

/// An account's billing as of `now`, with its subscriptions alone; before and after what time did.
pub(super) async fn load_account(
    ports: &Ports,
    account: AccountId,
    now: Timestamp,
) -> Result<(AccountBilling, AccountBilling), StoreError> {
    let lost = || StoreError::Corrupt(format!("the account {account} is not there"));
    let mut billing = begin(ports, account).await?.ok_or_else(lost)?;
    load_grants(ports, &mut billing, Channel::GIFT, &FactRefs::default(), now).await?;
    Ok(advanced(ports, billing, now))
}

/// The same with one of its orders.
pub(super) async fn load_order(
    ports: &Ports,
    id: OrderId,
    now: Timestamp,
) -> Result<Option<(AccountBilling, AccountBilling)>, StoreError> {
    let Some(order) = ports.orders.order(id).await? else { return Ok(None) };
    let refs = FactRefs { order_hint: Some(id), ..FactRefs::default() };
    let Some(mut billing) = begin(ports, order.account).await? else { return Ok(None) };
    load_orders(ports, &mut billing, order.channel, &refs).await?;
    load_grants(ports, &mut billing, order.channel, &refs, now).await?;
    Ok(Some(advanced(ports, billing, now)))
}

/// An account's billing as it is shown.
pub(super) async fn load_view(
    ports: &Ports,
    account: &Account,
    now: Timestamp,
) -> Result<BillingView, StoreError> {
    let mut billing = AccountBilling::of(account.clone());
    billing.subscriptions = ports.subscriptions.subscriptions(account.id).await?;
    advance(&mut billing, ports.policy, now);
    if let Some(shown) = billing.shown_subscription(now).cloned() {
        load_plans_of(ports, &mut billing, &shown).await?;
        let (channel, id) = (shown.channel, &shown.provider_id);
        billing.orders.extend(ports.orders.order_by_subscription(channel, id).await?);
    }
    billing.payment_methods.extend(ports.payments.payment_method_of(account.id).await?);
    Ok(BillingView::of(&billing, ports.policy, now))
}

/// One subscription as it is shown.
pub(super) async fn show(ports: &Ports, subscription: Subscription) -> Result<ShownSubscription, StoreError> {
    let now = ports.clock.now();
    let lost = || StoreError::Corrupt(format!("the account {} is not there", subscription.account));
    let account = ports.accounts.account(subscription.account).await?.ok_or_else(lost)?;
    let mut billing = AccountBilling::of(account);
    load_plans_of(ports, &mut billing, &subscription).await?;
    Ok(ShownSubscription::of(&billing, subscription.as_of(now), ports.policy, now))
}

async fn begin(ports: &Ports, account: AccountId) -> Result<Option<AccountBilling>, StoreError> {
    let Some(account) = ports.accounts.account(account).await? else { return Ok(None) };
    let subscriptions = ports.subscriptions.subscriptions(account.id).await?;
    Ok(Some(AccountBilling { subscriptions, ..AccountBilling::of(account) }))
}

/// The billing as it was read, and as it is by now.
fn advanced(ports: &Ports, before: AccountBilling, now: Timestamp) -> (AccountBilling, AccountBilling) {
    let mut after = before.clone();
    advance(&mut after, ports.policy, now);
    (before, after)
}

/// Whose billing it is, by our own rows: that of the checkout's order, of the subscription, of the order that began it, of
/// the customer, or of the payment.
async fn owner(
    ports: &Ports,
    channel: Channel,
    refs: &FactRefs<'_>,
) -> Result<Option<AccountId>, StoreError> {
    if let Some(session) = refs.session
        && let Some(order) = ports.orders.order_by_session(channel, session).await?
    {
        return Ok(Some(order.account));
    }
    if let Some(id) = refs.subscription {
        if let Some(known) = ports.subscriptions.subscription_by_provider_id(channel, id).await? {
            return Ok(Some(known.account));
        }
        if let Some(order) = ports.orders.order_by_subscription(channel, id).await? {
            return Ok(Some(order.account));
        }
    }
    if let Some(customer) = refs.customer
        && let Some(account) = ports.accounts.account_of_customer(channel, customer).await?
    {
        return Ok(Some(account));
    }
    match refs.payment {
        Some(refs) => Ok(ports.payments.payment_by_refs(channel, refs).await?.map(|known| known.account)),
        None => Ok(None),
    }
}

/// Only a checkout that a hint alone leads to an order is confirmed by its customer.
async fn load_customer(
    ports: &Ports,
    billing: &mut AccountBilling,
    channel: Channel,
    refs: &FactRefs<'_>,
) -> Result<(), StoreError> {
    let hinted = refs.session.and(refs.order_hint);
    if let Some(customer) = refs.customer.filter(|_| hinted.is_some())
        && ports.accounts.account_of_customer(channel, customer).await? == Some(billing.account.id)
    {
        let (account, customer) = (billing.account.id, customer.to_owned());
        billing.customers.push(ProviderCustomer { channel, account, customer, replaces: None });
    }
    Ok(())
}

/// What was paid for the subscription that the fact, or the payment that it names, is about.
async fn load_subscription_payments(
    ports: &Ports,
    billing: &mut AccountBilling,
    channel: Channel,
    refs: &FactRefs<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let covered = billing.payments.iter().find_map(|payment| payment.covers.as_ref());
    let covered = covered.map(|covered| covered.subscription.clone());
    let Some(id) = refs.subscription.map(str::to_owned).or(covered) else { return Ok(()) };
    let known: BTreeSet<_> = billing.payments.iter().map(|payment| payment.id).collect();
    let since = since(billing, channel, &id, refs, now);
    let paid = ports.payments.payments_of_subscription(channel, &id, Some(since)).await?;
    billing.payments.extend(paid.into_iter().filter(|payment| !known.contains(&payment.id)));
    billing.payments.sort_by_key(|payment| payment.id);
    Ok(())
}

/// From where on periods can still change: two months before the subscription's, the fact's or the present one, since
/// credits outlive their period by some grace.
fn since(
    billing: &AccountBilling,
    channel: Channel,
    id: &str,
    refs: &FactRefs<'_>,
    now: Timestamp,
) -> Timestamp {
    let known = billing.subscription(channel, id).and_then(|known| known.period);
    let known = known.map(|period| period.start);
    let paid = billing.payments.iter().filter_map(|payment| payment.covers.as_ref());
    let paid = paid.map(|covered| covered.period.start).min();
    let earliest = [known, paid, refs.from].into_iter().flatten().fold(now, Timestamp::min);
    earliest.plus_days(-RECENT_DAYS)
}

async fn load_orders(
    ports: &Ports,
    billing: &mut AccountBilling,
    channel: Channel,
    refs: &FactRefs<'_>,
) -> Result<(), StoreError> {
    let mut found: Vec<Order> = Vec::new();
    if let Some(session) = refs.session {
        found.extend(ports.orders.order_by_session(channel, session).await?);
    }
    if let Some(id) = refs.subscription {
        found.extend(ports.orders.order_by_subscription(channel, id).await?);
    }
    let paid = billing.payments.iter().filter_map(|payment| payment.order);
    let named: BTreeSet<_> = paid.chain(refs.order_hint).collect();
    for id in named {
        if found.iter().all(|order| order.id != id) {
            found.extend(ports.orders.order(id).await?);
        }
    }
    found.retain(|order| order.account == billing.account.id);
    found.dedup_by_key(|order| order.id);
    for order in &found {
        load_what_follows(ports, billing, order).await?;
    }
    billing.orders = found;
    Ok(())
}

/// The coupon's use and the gift of an order.
async fn load_what_follows(
    ports: &Ports,
    billing: &mut AccountBilling,
    order: &Order,
) -> Result<(), StoreError> {
    if let Some(discount) = &order.discount {
        let lost = || StoreError::Corrupt(format!("the redemption {} is not there", discount.redemption));
        billing.redemptions.push(ports.coupons.redemption(discount.redemption).await?.ok_or_else(lost)?);
    }
    if order.kind() == OrderKind::Gift {
        let lost = || StoreError::Corrupt(format!("the gift of the order {} is not there", order.id));
        billing.gifts.push(ports.gifts.gift_of_order(order.id).await?.ok_or_else(lost)?);
    }
    if let Some(plan) = order.plan() {
        load_plan(ports, billing, plan).await?;
    }
    Ok(())
}

/// What the payments that were read granted, the trial of the subscription that the fact is about, and the months of a
/// gift that time ends; with what rolled over from those.
async fn load_grants(
    ports: &Ports,
    billing: &mut AccountBilling,
    channel: Channel,
    refs: &FactRefs<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut keys: Vec<_> =
        billing.payments.iter().flat_map(|payment| payment.grant_keys.iter().cloned()).collect();
    let is_named = |known: &&Subscription| {
        known.channel == channel && Some(known.provider_id.as_str()) == refs.subscription
    };
    let ends = |known: &&Subscription| (*known).clone().as_of(now) != **known;
    let concerned = billing.subscriptions.iter().filter(|known| is_named(known) || ends(known));
    keys.extend(concerned.flat_map(grant_keys));
    if !keys.is_empty() {
        billing.grants = ports.reports.grants_by_key(&keys).await?;
        let heirs: Vec<_> = billing.grants.iter().map(|grant| business_keys::rollover(grant.id)).collect();
        if !heirs.is_empty() {
            billing.grants.extend(ports.reports.grants_by_key(&heirs).await?);
        }
    }
    Ok(())
}

async fn load_prices(
    ports: &Ports,
    billing: &mut AccountBilling,
    channel: Channel,
    refs: &FactRefs<'_>,
) -> Result<(), StoreError> {
    for price in &refs.prices {
        if billing.prices.iter().any(|known| known.price == *price) {
            continue;
        }
        if let Some((plan, interval)) = plan_of_price(ports, channel, price).await? {
            billing.prices.push(PricedPlan { price: (*price).to_owned(), plan: plan.id, interval });
            if billing.plan(plan.id).is_none() {
                billing.plans.push(plan);
            }
        }
    }
    let covered = billing.payments.iter().filter_map(|payment| payment.covers.as_ref());
    let plans: BTreeSet<_> = covered.map(|covered| covered.plan).collect();
    for plan in plans {
        load_plan(ports, billing, plan).await?;
    }
    Ok(())
}

async fn load_plans_of(
    ports: &Ports,
    billing: &mut AccountBilling,
    subscription: &Subscription,
) -> Result<(), StoreError> {
    if !subscription.status.is_final() {
        let (channel, id) = (subscription.channel, &subscription.provider_id);
        let since = ports.clock.now().plus_days(-RECENT_DAYS);
        billing.payments = ports.payments.payments_of_subscription(channel, id, Some(since)).await?;
    }
    let paid = billing.payments.iter().filter_map(|payment: &Payment| payment.covers.as_ref());
    let plans: BTreeSet<_> = paid.map(|covered| covered.plan).chain([subscription.plan]).collect();
    for plan in plans {
        load_plan(ports, billing, plan).await?;
    }
    Ok(())
}

async fn load_plan(
    ports: &Ports,
    billing: &mut AccountBilling,
    id: crate::values::PlanId,
) -> Result<(), StoreError> {
    if billing.plan(id).is_none() {
        billing.plans.extend(ports.catalog.plan(id).await?);
    }
    Ok(())
}
