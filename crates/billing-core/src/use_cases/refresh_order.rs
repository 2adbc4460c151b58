//! Reads an order's state from its provider.

use super::apply_fact::apply_fact;
use super::read_subscription::read_subscription;
use crate::BillingError;
use crate::account_billing::FactSource;
use crate::billing::Ports;
use crate::orders::{Order, OrderStatus};
use crate::payments::{Capability, Fact};
use crate::ports::OrderRef;

/// Reads the order's checkout from the provider, and the subscription that it started, and applies the result.
/// Idempotent with the webhooks, so that it repairs a purchase whose webhooks were lost. A refunded order, or one whose
/// provider does not support reads, is returned unchanged.
pub(crate) async fn refresh_order(ports: &Ports, order: Order) -> Result<Order, BillingError> {
    let started = read_checkout(ports, &order).await?;
    let known = order.refs.subscription.clone().filter(|_| order.status == OrderStatus::Completed);
    if let Some(subscription) = started.or(known) {
        read_subscription(ports, order.channel, &subscription).await?;
    }
    Ok(ports.store.billing.order(OrderRef::Id(order.id)).await?.unwrap_or(order))
}

/// Reads the outcome of the checkout and applies it, unless the order was paid. Returns the subscription that it
/// started.
async fn read_checkout(ports: &Ports, order: &Order) -> Result<Option<String>, BillingError> {
    let open = matches!(order.status, OrderStatus::Pending | OrderStatus::Expired | OrderStatus::Failed);
    let (Some(session), true) = (&order.session, open) else { return Ok(None) };
    let provider = ports.provider(order.channel);
    let Some(provider) = provider.filter(|provider| provider.capabilities().can(Capability::ReadCheckout))
    else {
        return Ok(None);
    };
    let Some(fact) = provider.read_checkout(&session.id).await? else { return Ok(None) };
    let source = FactSource::response(order.channel, &fact.session);
    let started = fact.refs.subscription.clone();
    apply_fact(ports, &source, &Fact::Checkout(fact), None).await?;
    Ok(started)
}
