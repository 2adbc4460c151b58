//! Close a checkout that is not to be paid any more.

use super::CheckoutRefusal;
use super::apply_fact::apply_fact;
use super::change_order::change_order;
use super::retry::retry;
use crate::BillingError;
use crate::account_billing::FactSource;
use crate::billing::Ports;
use crate::orders::{Order, OrderStatus};
use crate::payments::{Capability, Fact};

/// Cancels a pending order: closes its checkout at the provider where that can be, and expires the order, which gives
/// its coupon back. An order that came to nothing before is answered as it is.
///
/// Where a provider cannot close checkouts, it may be paid all the same; then it completes late.
///
/// # Errors
///
/// [`CheckoutRefusal::OrderClosed`] where it was paid; [`CheckoutRefusal::PaymentPending`] where its payment is on its
/// way; [`BillingError::Provider`] if the provider does not answer: nothing is changed then, and it may be tried again.
pub(crate) async fn cancel_order(ports: &Ports, order: Order) -> Result<Order, BillingError> {
    let closed = close_order(ports, order).await?;
    match closed.status {
        OrderStatus::Expired | OrderStatus::Failed => Ok(closed),
        OrderStatus::Pending => Err(CheckoutRefusal::PaymentPending(closed.id).into()),
        paid => Err(CheckoutRefusal::OrderClosed(paid).into()),
    }
}

/// Makes room for an order that takes the place of a pending one.
///
/// # Errors
///
/// [`CheckoutRefusal::PaymentPending`] where that was paid, or its payment is on its way; as [`cancel_order`] otherwise.
pub(super) async fn replace_order(ports: &Ports, order: Order) -> Result<(), BillingError> {
    let closed = close_order(ports, order).await?;
    match closed.status {
        OrderStatus::Pending | OrderStatus::Completed => {
            Err(CheckoutRefusal::PaymentPending(closed.id).into())
        }
        _ => Ok(()),
    }
}

/// Closes the checkout of a pending order, and expires the order unless its payment is on its way.
async fn close_order(ports: &Ports, order: Order) -> Result<Order, BillingError> {
    if order.status != OrderStatus::Pending {
        return Ok(order);
    }
    close_checkout(ports, &order).await?;
    let expired = retry(ports, || {
        change_order(ports, order.id, |order| {
            if !order.is_processing() {
                order.expire();
            }
        })
    });
    Ok(expired.await?.unwrap_or(order))
}

/// Closes the order's checkout at the provider where that can be, and applies what the provider says it has come to.
pub(super) async fn close_checkout(ports: &Ports, order: &Order) -> Result<(), BillingError> {
    let provider = ports.provider(order.channel);
    let provider = provider.filter(|provider| provider.capabilities().can(Capability::ExpireCheckout));
    let (Some(session), Some(provider)) = (&order.session, provider) else { return Ok(()) };
    match provider.expire_checkout(&session.id).await {
        Ok(Some(fact)) => {
            let source = FactSource::response(order.channel, &fact.session);
            apply_fact(ports, &source, &Fact::Checkout(fact), None).await.map(drop)
        }
        Ok(None) => Ok(()),
        // A checkout that the provider does not know, nobody pays.
        Err(error) if error.is_refusal() => Ok(()),
        Err(error) => Err(error.into()),
    }
}
