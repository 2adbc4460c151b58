//! Translation of Creem's events into facts.

mod checkout;
mod payment_reversal;
mod subscription;

use billing_core::payments::{Fact, SubscriptionFact};
use billing_core::values::{Money, OrderId, Timestamp};
use billing_core::webhooks::InboxEvent;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::wire::{Envelope, Metadata, Subscription};
use subscription::TypeHint;

pub(crate) use checkout::fact as checkout;

/// The state of `subscription` in a response; none if its status is unknown.
pub(crate) fn subscription(
    subscription: &Subscription,
    now: Timestamp,
) -> Result<Option<SubscriptionFact>, String> {
    subscription::described(subscription, TypeHint::None, now)
}

/// The fact of a stored event.
///
/// Other types are ignored. Of the several events of one payment exactly one is read as the payment:
/// `checkout.completed` for a pack, `subscription.paid` for a plan.
pub(crate) fn read(event: &InboxEvent, test_mode: bool) -> Result<Fact, String> {
    let envelope: Envelope = parse(&mut serde_json::Deserializer::from_slice(&event.body), "")?;
    let object = envelope.object;
    // Samples have `local` and `sandbox` as well; live events always have the same value.
    let live = object.get("mode").and_then(Value::as_str).map(|mode| mode == "prod");
    if live.is_some_and(|live| live == test_mode) {
        return Ok(Fact::Ignored("it is of the other mode: test or live"));
    }
    let at = event.created_at;
    match envelope.kind.as_str() {
        "checkout.completed" => checkout::fact(&parse_object(object)?),
        "subscription.paid" => subscription::paid(&parse_object(object)?, at),
        "subscription.expired" => subscription::fact(&parse_object(object)?, TypeHint::Lapsed, at),
        "subscription.canceled" => subscription::fact(&parse_object(object)?, TypeHint::Ended, at),
        "subscription.active"
        | "subscription.trialing"
        | "subscription.update"
        | "subscription.scheduled_cancel"
        | "subscription.past_due"
        | "subscription.unpaid"
        | "subscription.paused" => subscription::fact(&parse_object(object)?, TypeHint::None, at),
        "refund.created" => payment_reversal::refund(&parse_object(object)?),
        "dispute.created" => payment_reversal::dispute(&parse_object(object)?),
        _ => Ok(Fact::Ignored("this type of event states nothing for us")),
    }
}

/// The order in the metadata, or else in the checkout's request id. The metadata may be forged.
fn order_hint(metadata: Option<&Metadata>, request_id: Option<&str>) -> Option<OrderId> {
    let named = metadata.and_then(|metadata| metadata.get("order_id")).and_then(Value::as_str);
    request_id.and_then(|text| text.parse().ok()).or_else(|| named?.parse().ok())
}

/// The money of `amount` and a currency code. Creem uses the currency's minor unit.
fn money(amount: i64, currency: &str) -> Result<Money, String> {
    let currency = currency.parse().map_err(|unknown| format!("object.currency: {unknown}"))?;
    Ok(Money::new(amount, currency))
}

fn parse_object<T: DeserializeOwned>(object: Map<String, Value>) -> Result<T, String> {
    parse(Value::Object(object), "object.")
}

/// Parses a `T` and names the path of an error.
fn parse<'de, T: DeserializeOwned>(from: impl serde::Deserializer<'de>, place: &str) -> Result<T, String> {
    serde_path_to_error::deserialize(from).map_err(|error| format!("{place}{error}"))
}
