//! What the tests share.

use billing_core::payments::{Channel, Fact, WebhookHeaders};
use billing_core::ports::Webhooks;
use billing_core::values::{InboxEventId, Timestamp};
use billing_core::webhooks::{InboxEvent, InboxState};
use billing_stripe::{StripeConfig, StripeProvider, sign};
use uuid::Uuid;

pub(crate) const SECRET: &str = "whsec_first";

/// 2026-04-15T10:00:00Z.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix_seconds(1_776_247_200)
}

/// A provider that nobody is asked through.
pub(crate) fn offline(key: &str) -> StripeProvider {
    StripeProvider::try_new(StripeConfig::new(key.into(), vec![SECRET.into()])).unwrap()
}

pub(crate) fn headers(signature: &str) -> WebhookHeaders {
    WebhookHeaders::new([("stripe-signature".to_owned(), signature.as_bytes().to_vec())])
}

/// What `body` states, on the way that it would really take: signed, verified, kept, read.
pub(crate) fn read_signed(provider: &StripeProvider, body: &[u8]) -> Result<Fact, String> {
    let signature = headers(&sign(SECRET, now(), body));
    let event = provider.verify(&signature, body, now()).map_err(|refusal| refusal.to_string())?;
    provider.read(&InboxEvent {
        id: InboxEventId::from_uuid(Uuid::from_u128(1)),
        channel: Channel::named("stripe"),
        event_id: event.id,
        kind: event.kind,
        created_at: event.created_at,
        body: event.body,
        received_at: now(),
        state: InboxState::Pending,
        attempts: 0,
        note: None,
        next_attempt_at: None,
    })
}
