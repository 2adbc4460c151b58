//! The envelope of events.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Moment;

/// An event: the object as of the event.
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope {
    pub(crate) id: String,
    /// The type, such as `subscription.paid`.
    #[serde(rename = "eventType", alias = "type")]
    pub(crate) kind: String,
    pub(crate) created_at: Option<Moment>,
    #[serde(alias = "data")]
    pub(crate) object: Map<String, Value>,
}
