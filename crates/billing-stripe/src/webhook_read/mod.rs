//! Translation of Stripe's events into facts.

mod checkout;
mod invoice;
mod payment_method;
mod payment_reversal;
mod subscription;

use billing_core::payments::{CheckoutFact, Fact};
use billing_core::values::OrderId;
use billing_core::webhooks::InboxEvent;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::wire::{Envelope, Expandable, Metadata, Session, ThinEvent};
use checkout::SessionEvent;
use payment_reversal::Moved;

pub(crate) use invoice::fact as invoice;
pub(crate) use payment_reversal::refund;
pub(crate) use subscription::fact as subscription;

/// The outcome of `session` in a response; none while it is open.
pub(crate) fn checkout_now(session: &Session) -> Option<CheckoutFact> {
    let event = match session.status.as_deref() {
        Some("complete") => SessionEvent::Completed,
        Some("expired") => SessionEvent::Expired,
        _ => return None,
    };
    match checkout::fact(session, event) {
        Fact::Checkout(fact) => Some(fact),
        _ => None,
    }
}

/// The fact of a stored event.
///
/// Other types are ignored. Of the several events of one payment exactly one is read as the payment.
pub(crate) fn read(event: &InboxEvent, live_mode: Option<bool>) -> Result<Fact, String> {
    if ThinEvent::read(&event.body).is_some() {
        return Ok(Fact::Ignored("it is a thin event, which carries nothing; snapshots are needed"));
    }
    let envelope: Envelope = parse(&mut serde_json::Deserializer::from_slice(&event.body), "")?;
    if envelope.account.is_some() {
        return Ok(Fact::Ignored("it happened in a connected account"));
    }
    if let (Some(ours), Some(its)) = (live_mode, envelope.livemode)
        && ours != its
    {
        return Ok(Fact::Ignored("it is of the other mode: test or live"));
    }
    let before = envelope.data.previous_attributes;
    let before = before.as_ref().and_then(|before| before.get("customer")).and_then(Value::as_str);
    let object = envelope.data.object;
    match envelope.kind.as_str() {
        "checkout.session.completed" => Ok(checkout::fact(&parse_object(object)?, SessionEvent::Completed)),
        "checkout.session.async_payment_succeeded" => {
            Ok(checkout::fact(&parse_object(object)?, SessionEvent::Paid))
        }
        "checkout.session.async_payment_failed" => {
            Ok(checkout::fact(&parse_object(object)?, SessionEvent::Failed))
        }
        "checkout.session.expired" => Ok(checkout::fact(&parse_object(object)?, SessionEvent::Expired)),
        "customer.subscription.created"
        | "customer.subscription.updated"
        | "customer.subscription.paused"
        | "customer.subscription.resumed" => {
            Ok(subscription::fact(&parse_object(object)?, event.created_at, false))
        }
        "customer.subscription.deleted" => {
            Ok(subscription::fact(&parse_object(object)?, event.created_at, true))
        }
        "customer.deleted" => Ok(Fact::CustomerDeleted(parse_object::<Expandable>(object)?.id().to_owned())),
        "invoice.paid" => invoice::fact(&parse_object(object)?, event.created_at),
        "invoice_payment.paid" => Ok(payment_reversal::invoice_payment(&parse_object(object)?)),
        "payment_method.attached" | "payment_method.updated" | "payment_method.automatically_updated" => {
            Ok(payment_method::fact(&parse_object(object)?, before, event.created_at, false))
        }
        "payment_method.detached" => {
            Ok(payment_method::fact(&parse_object(object)?, before, event.created_at, true))
        }
        "charge.refunded" => payment_reversal::refunded(&parse_object(object)?),
        "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => {
            refund(&parse_object(object)?)
        }
        "charge.dispute.created" | "charge.dispute.updated" | "charge.dispute.closed" => {
            payment_reversal::dispute(&parse_object(object)?, Moved::No)
        }
        "charge.dispute.funds_withdrawn" => payment_reversal::dispute(&parse_object(object)?, Moved::Away),
        "charge.dispute.funds_reinstated" => payment_reversal::dispute(&parse_object(object)?, Moved::Back),
        _ => Ok(Fact::Ignored("this type of event states nothing for us")),
    }
}

/// The order in the metadata, or else in the client reference. Both may be forged.
fn order_hint(metadata: Option<&Metadata>, reference: Option<&str>) -> Option<OrderId> {
    let named = metadata.and_then(|metadata| metadata.get("order_id")).and_then(Value::as_str);
    let parse = |text: &str| text.parse().ok();
    named.and_then(parse).or_else(|| reference.and_then(parse))
}

fn parse_object<T: DeserializeOwned>(object: Map<String, Value>) -> Result<T, String> {
    parse(Value::Object(object), "data.object.")
}

/// Parses a `T` and names the path of an error.
fn parse<'de, T: DeserializeOwned>(from: impl serde::Deserializer<'de>, place: &str) -> Result<T, String> {
    serde_path_to_error::deserialize(from).map_err(|error| format!("{place}{error}"))
}
