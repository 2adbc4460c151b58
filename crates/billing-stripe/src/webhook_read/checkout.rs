//! Checkout events.

use billing_core::orders::OrderRefs;
use billing_core::payments::{CheckoutFact, CheckoutOutcome, Fact};

use super::order_hint;
use crate::amount;
use crate::wire::{Expandable, Session};

/// The type of a session's event.
#[derive(Debug, Clone, Copy)]
pub(super) enum SessionEvent {
    /// The buyer is done; the session has the payment status.
    Completed,
    /// A delayed payment succeeded.
    Paid,
    /// A delayed payment failed.
    Failed,
    /// Not paid in time.
    Expired,
}

/// The fact of `session`.
pub(super) fn fact(session: &Session, event: SessionEvent) -> Fact {
    let subscription_mode = match session.mode.as_deref() {
        Some("payment") => false,
        Some("subscription") => true,
        _ => return Fact::Ignored("the checkout sells nothing"),
    };
    let outcome = match (event, session.payment_status.as_deref()) {
        (SessionEvent::Completed, Some("paid" | "no_payment_required")) | (SessionEvent::Paid, _) => {
            CheckoutOutcome::Paid
        }
        (SessionEvent::Completed, Some("unpaid")) => CheckoutOutcome::Processing,
        (SessionEvent::Completed, _) => return Fact::Ignored("the checkout's payment status is unknown"),
        (SessionEvent::Failed, _) => CheckoutOutcome::Failed,
        (SessionEvent::Expired, _) => CheckoutOutcome::Expired,
    };
    let id = |reference: &Option<Expandable>| reference.as_ref().map(|of| of.id().to_owned());
    Fact::Checkout(CheckoutFact {
        session: session.id.clone(),
        outcome,
        subscription_mode,
        total: amount::read(session.amount_total, session.currency.as_deref()),
        customer: id(&session.customer),
        refs: OrderRefs {
            payment: id(&session.payment_intent),
            subscription: id(&session.subscription),
            invoice: id(&session.invoice),
        },
        order_hint: order_hint(session.metadata.as_ref(), session.client_reference_id.as_deref()),
    })
}
