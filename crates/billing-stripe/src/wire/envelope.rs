//! What every event is wrapped in.

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
    /// `event`; `v2.core.event` for a thin event, which carries no object.
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
