//! Closes a checkout that must not be paid any more.

use super::CheckoutRefusal;
use super::apply_fact::apply_fact;
use super::change_order::change_order;
use super::retry::retry;
use crate::BillingError;
use crate::account_billing::FactSource;
use crate::billing::Ports;
use crate::orders::{Order, OrderStatus};
use crate::payments::{Capability, Fact};

/// Cancels a pending order: closes its checkout at the provider, if that is supported, and expires the order, which
/// returns its coupon's use. An order that had expired or failed before is returned as it is.
///
/// If the provider cannot close checkouts, the checkout may still be paid; the order then completes late.
///
/// # Errors
///
/// [`CheckoutRefusal::OrderClosed`] if it was paid; [`CheckoutRefusal::PaymentPending`] if its payment is in progress;
/// [`BillingError::Provider`] if the provider does not answer: nothing is changed then, and a retry is safe.
pub(crate) async fn cancel_order(ports: &Ports, order: Order) -> Result<Order, BillingError> {
    let closed = close_order(ports, order).await?;
    match closed.status {
        OrderStatus::Expired | OrderStatus::Failed => Ok(closed),
        OrderStatus::Pending => Err(CheckoutRefusal::PaymentPending(closed.id).into()),
        paid => Err(CheckoutRefusal::OrderClosed(paid).into()),
    }
}

/// Closes a pending order, so that another one can take its place.
///
/// # Errors
///
/// [`CheckoutRefusal::PaymentPending`] if it was paid, or its payment is in progress; otherwise as [`cancel_order`].
pub(super) async fn replace_order(ports: &Ports, order: Order) -> Result<(), BillingError> {
    let closed = close_order(ports, order).await?;
    match closed.status {
        OrderStatus::Pending | OrderStatus::Completed => {
            Err(CheckoutRefusal::PaymentPending(closed.id).into())
        }
        _ => Ok(()),
    }
}

/// Closes the checkout of a pending order, and expires the order unless its payment is in progress.
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

/// Closes the order's checkout at the provider, if that is supported, and applies the outcome that the provider
/// reports.
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
        // A checkout that the provider does not know cannot be paid.
        Err(error) if error.is_refusal() => Ok(()),
        Err(error) => Err(error.into()),
    }
}
