//! The envelope of events.

use billing_core::values::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

/// A snapshot event: `data.object` is the object as of the event, in the shape of the webhook endpoint's API version.
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope {
    pub(crate) id: String,
    /// The type, such as `invoice.paid`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// `event`.
    pub(crate) object: Option<String>,
    /// Unix seconds.
    pub(crate) created: Option<i64>,
    /// Whether it is in live mode.
    pub(crate) livemode: Option<bool>,
    /// The connected account, if any.
    pub(crate) account: Option<IgnoredAny>,
    pub(crate) data: Data,
}

/// The event's payload.
#[derive(Debug, Deserialize)]
pub(crate) struct Data {
    pub(crate) object: Map<String, Value>,
    /// The former values of changed fields; not in every event.
    pub(crate) previous_attributes: Option<Map<String, Value>>,
}

/// A thin event: it names its object without including it.
#[derive(Debug, Deserialize)]
pub(crate) struct ThinEvent {
    pub(crate) id: String,
    /// The type, such as `v1.invoice.paid`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// `v2.core.event`.
    object: String,
    pub(crate) created: Option<Timestamp>,
}

impl ThinEvent {
    /// Parses a thin event, if `body` is one.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let event: Self = serde_json::from_slice(body).ok()?;
        is_thin(&event.object).then_some(event)
    }
}

impl Envelope {
    /// Whether its type is that of a thin event.
    pub(crate) fn is_thin(&self) -> bool {
        self.object.as_deref().is_some_and(is_thin)
    }
}

fn is_thin(object: &str) -> bool {
    object.starts_with("v2.")
}
