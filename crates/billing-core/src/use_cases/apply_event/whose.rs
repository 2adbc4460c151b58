//! Whose it is that an event speaks of, by our own rows.

use crate::accounts::Account;
use crate::billing::Ports;
use crate::catalog::{Interval, Plan};
use crate::orders::Order;
use crate::payments::Channel;
use crate::ports::StoreError;
use crate::values::OrderId;

/// Whose subscription it is: that of the order that began it, else the customer's.
pub(super) async fn account_of(
    ports: &Ports,
    channel: Channel,
    subscription: &str,
    customer: &str,
) -> Result<Option<Account>, StoreError> {
    let id = match ports.orders.order_by_subscription(channel, subscription).await? {
        Some(order) => Some(order.account),
        None => ports.accounts.account_of_customer(channel, customer).await?,
    };
    match id {
        Some(id) => ports.accounts.account(id).await,
        None => Ok(None),
    }
}

/// The order that began the subscription, else the one that a hint names.
pub(super) async fn order_of(
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

/// The order that a hint names, if it is one of this channel.
pub(super) async fn hinted_order(
    ports: &Ports,
    channel: Channel,
    hint: Option<OrderId>,
) -> Result<Option<Order>, StoreError> {
    let Some(id) = hint else { return Ok(None) };
    Ok(ports.orders.order(id).await?.filter(|order| order.channel == channel))
}

/// The plan and interval that a provider's price stands for.
pub(super) async fn plan_of_price(
    ports: &Ports,
    channel: Channel,
    price: &str,
) -> Result<Option<(Plan, Interval)>, StoreError> {
    match channel {
        Channel::Stripe => ports.catalog.plan_by_stripe_price(price).await,
        // The sandbox has no catalogue of its own: its prices name our plan and interval.
        Channel::Sandbox => {
            let Some((plan, interval)) = price.split_once(':') else { return Ok(None) };
            let (Ok(id), Ok(interval)) = (plan.parse(), interval.parse()) else { return Ok(None) };
            Ok(ports.catalog.plan(id).await?.map(|plan| (plan, interval)))
        }
        Channel::Gift => Ok(None),
        Channel::Creem => {
            let mut plans = ports.catalog.plans().await?.into_iter();
            Ok(plans
                .find_map(|plan| Some((plan.interval_of_creem_product(price)?, plan)))
                .map(|(interval, plan)| (plan, interval)))
        }
    }
}
