//! The provider's events.

use billing_core::payments::{Fact, WebhookEvent, WebhookHeaders};
use billing_core::ports::Webhooks;
use billing_core::values::Timestamp;
use billing_core::webhooks::{InboxEvent, WebhookRefusal};
use serde_json::Value;

use super::ScriptedProvider;

/// A provider's request to our webhook.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Its headers, with the signature.
    pub headers: WebhookHeaders,
    /// Its body.
    pub body: Vec<u8>,
}

/// The signature header, and the only valid signature.
const SIGNATURE: (&str, &str) = ("x-test-signature", "ok");

impl ScriptedProvider {
    /// Makes the event `event_id` state `fact`, and returns a signed delivery of it.
    pub fn event(&self, event_id: &str, fact: Fact) -> Delivery {
        self.script().facts.insert(event_id.to_owned(), Ok(fact));
        delivery(event_id)
    }

    /// Makes the event `event_id` unreadable, and returns a signed delivery of it.
    pub fn malformed_event(&self, event_id: &str, problem: &str) -> Delivery {
        self.script().facts.insert(event_id.to_owned(), Err(problem.to_owned()));
        delivery(event_id)
    }
}

fn delivery(event_id: &str) -> Delivery {
    let (name, signature) = SIGNATURE;
    let headers = WebhookHeaders::new([(name.to_owned(), signature.as_bytes().to_vec())]);
    let body = serde_json::json!({ "id": event_id, "type": "test.event", "created": 1_776_254_400 });
    Delivery { headers, body: body.to_string().into_bytes() }
}

impl Webhooks for ScriptedProvider {
    /// Accepts a JSON body with `id`, `type` and `created` (in seconds) under the valid signature.
    fn verify(
        &self,
        headers: &WebhookHeaders,
        body: &[u8],
        _now: Timestamp,
    ) -> Result<WebhookEvent, WebhookRefusal> {
        let (name, signature) = SIGNATURE;
        if headers.get(name) != Some(signature) {
            return Err(WebhookRefusal::BadSignature);
        }
        let event: Value = serde_json::from_slice(body).map_err(|_| WebhookRefusal::NotAnEvent)?;
        let text = |field: &str| event[field].as_str().map(str::to_owned).ok_or(WebhookRefusal::NotAnEvent);
        let created = event["created"].as_i64().ok_or(WebhookRefusal::NotAnEvent)?;
        Ok(WebhookEvent {
            id: text("id")?,
            kind: text("type")?,
            created_at: Timestamp::from_unix_seconds(created),
            body: body.to_vec(),
        })
    }

    /// The scripted fact of the event; ignored without one.
    fn read(&self, event: &InboxEvent) -> Result<Fact, String> {
        let nothing = || Ok(Fact::Ignored("nothing was set for this event"));
        self.script().facts.get(&event.event_id).cloned().unwrap_or_else(nothing)
    }
}
