//! Checkout events.

use billing_core::orders::OrderRefs;
use billing_core::payments::{CheckoutFact, CheckoutOutcome, Fact};

use super::{money, order_hint};
use crate::wire::{Checkout, Expandable, Named, Order};

/// The fact of a completed `checkout`.
pub(crate) fn fact(checkout: &Checkout) -> Result<Fact, String> {
    if !matches!(checkout.status.as_deref(), None | Some("completed" | "processing")) {
        return Ok(Fact::Ignored("the checkout is not completed"));
    }
    let order = checkout.order.as_ref().and_then(Expandable::object);
    let subscription_mode = match order.and_then(|order| order.kind.as_deref()) {
        Some("recurring") => true,
        Some("onetime") => false,
        // If the order is missing, only plans have a subscription.
        _ => checkout.subscription.is_some(),
    };
    let outcome = match order.and_then(|order| order.status.as_deref()) {
        _ if checkout.status.as_deref() == Some("processing") => CheckoutOutcome::Processing,
        Some("paid") => CheckoutOutcome::Paid,
        Some("pending") => CheckoutOutcome::Processing,
        // A plan's payment is reported by its paid period.
        _ if subscription_mode => CheckoutOutcome::Paid,
        _ => return Err("object.order: without it nobody can tell whether it was paid".to_owned()),
    };
    let total = match order {
        Some(Order { amount, amount_paid, currency: Some(currency), .. }) => {
            let amount = amount_paid.filter(|paid| *paid > 0).or(*amount);
            amount.map(|amount| money(amount, currency)).transpose()?
        }
        _ => None,
    };
    let id = |of: &Option<Expandable<Named>>| of.as_ref().map(|of| of.id().to_owned());
    // A free order has no transaction.
    let payment = order.map(|order| id(&order.transaction).unwrap_or_else(|| order.id.clone()));
    Ok(Fact::Checkout(CheckoutFact {
        session: checkout.id.clone(),
        outcome,
        subscription_mode,
        total,
        customer: id(&checkout.customer),
        refs: OrderRefs { payment, subscription: id(&checkout.subscription), invoice: None },
        order_hint: order_hint(checkout.metadata.as_ref(), checkout.request_id.as_deref()),
    }))
}
