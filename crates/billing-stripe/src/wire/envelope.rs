//! What every event is wrapped in.

use billing_core::values::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

/// A snapshot event: `data.object` is the object as it was when the event happened, in the shape of the
/// webhook endpoint's API version.
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope {
    pub(crate) id: String,
    /// What happened, such as `invoice.paid`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// `event`.
    pub(crate) object: Option<String>,
    /// Unix seconds.
    pub(crate) created: Option<i64>,
    /// Whether it is about real money.
    pub(crate) livemode: Option<bool>,
    /// The connected account in which it happened, if it was one.
    pub(crate) account: Option<IgnoredAny>,
    pub(crate) data: Data,
}

/// The event's load.
#[derive(Debug, Deserialize)]
pub(crate) struct Data {
    pub(crate) object: Map<String, Value>,
    /// What changed, as it was before; not in every event.
    pub(crate) previous_attributes: Option<Map<String, Value>>,
}

/// A thin event: it names its object and does not carry it.
#[derive(Debug, Deserialize)]
pub(crate) struct ThinEvent {
    pub(crate) id: String,
    /// What happened, such as `v1.invoice.paid`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// `v2.core.event`.
    object: String,
    pub(crate) created: Option<Timestamp>,
}

impl ThinEvent {
    /// The thin event that `body` is, if it is one.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let event: Self = serde_json::from_slice(body).ok()?;
        is_thin(&event.object).then_some(event)
    }
}

impl Envelope {
    /// Whether it calls itself a thin event, whatever it carries.
    pub(crate) fn is_thin(&self) -> bool {
        self.object.as_deref().is_some_and(is_thin)
    }
}

fn is_thin(object: &str) -> bool {
    object.starts_with("v2.")
}
