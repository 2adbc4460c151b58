//! The origin of a fact.

use crate::ledger::Actor;
use crate::payments::Channel;

/// The origin of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactSource {
    /// The provider.
    pub channel: Channel,
    /// How it arrived.
    pub origin: FactOrigin,
    /// The actor in the history.
    pub actor: Actor,
}

/// How a fact arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactOrigin {
    /// In an event; of two states, the later one by the provider's clock wins.
    Event,
    /// In the response to our own request, which does not show the provider's time.
    Response,
}

impl FactSource {
    /// An event, by its id at the provider.
    pub fn event(channel: Channel, event_id: &str) -> Self {
        let actor = Actor::Provider(format!("{channel}:{event_id}"));
        Self { channel, origin: FactOrigin::Event, actor }
    }

    /// The response to a request about the provider's object `id`.
    pub fn response(channel: Channel, id: &str) -> Self {
        let actor = Actor::Provider(format!("{channel}:{id}"));
        Self { channel, origin: FactOrigin::Response, actor }
    }
}
