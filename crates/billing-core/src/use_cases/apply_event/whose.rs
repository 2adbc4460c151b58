//! Whose it is that an event speaks of, by our own rows.

use crate::accounts::Account;
use crate::billing::Ports;
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
