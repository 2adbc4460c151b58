//! Who states a fact.

use crate::ledger::Actor;
use crate::payments::Channel;

/// Who states a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactSource {
    /// Which provider.
    pub channel: Channel,
    /// How it came to us.
    pub origin: FactOrigin,
    /// For the history.
    pub actor: Actor,
}

/// How a fact came to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactOrigin {
    /// In an event; of two descriptions, the later one by the provider's clock counts.
    Event,
    /// In the answer to a call of ours, which shows no time of the provider's.
    Response,
}

impl FactSource {
    /// An event, by the provider's id of it.
    pub fn event(channel: Channel, event_id: &str) -> Self {
        let actor = Actor::Provider(format!("{channel}:{event_id}"));
        Self { channel, origin: FactOrigin::Event, actor }
    }

    /// The answer to what we asked about the object that the provider calls `id`.
    pub fn response(channel: Channel, id: &str) -> Self {
        let actor = Actor::Provider(format!("{channel}:{id}"));
        Self { channel, origin: FactOrigin::Response, actor }
    }
}
