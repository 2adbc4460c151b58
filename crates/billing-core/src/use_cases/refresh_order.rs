//! Refreshes an order from its provider.

use super::apply_fact::apply_fact;
use crate::BillingError;
use crate::account_billing::FactSource;
use crate::billing::Ports;
use crate::orders::{Order, OrderStatus};
use crate::payments::{Capability, Fact};
use crate::ports::OrderRef;

/// Reads the order's checkout from the provider, and applies the result. Idempotent with the webhook. An order that is
/// settled, or whose provider does not support reads, is returned unchanged.
pub(crate) async fn refresh_order(ports: &Ports, order: Order) -> Result<Order, BillingError> {
    let open = matches!(order.status, OrderStatus::Pending | OrderStatus::Expired | OrderStatus::Failed);
    let (Some(session), true) = (&order.session, open) else { return Ok(order) };
    let provider = ports.provider(order.channel);
    let Some(provider) = provider.filter(|provider| provider.capabilities().can(Capability::ReadCheckout))
    else {
        return Ok(order);
    };
    let Some(fact) = provider.read_checkout(&session.id).await? else { return Ok(order) };
    let source = FactSource::response(order.channel, &fact.session);
    apply_fact(ports, &source, &Fact::Checkout(fact), None).await?;
    Ok(ports.store.billing.order(OrderRef::Id(order.id)).await?.unwrap_or(order))
}
