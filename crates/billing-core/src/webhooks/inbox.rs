//! The events of the inbox.

use crate::account_billing::Outcome;
use crate::payments::Channel;
use crate::values::{InboxEventId, Timestamp, text_enum};

text_enum! {
    /// The state of an event.
    InboxState, "inbox state", {
        /// Waiting to be applied.
        Pending = "pending",
        /// Applied: its effect and this mark were committed together.
        Processed = "processed",
        /// Understood and not relevant.
        Ignored = "ignored",
        /// Applied, and an operator has to resolve something.
        NeedsOperator = "needs_operator",
        /// Applying it failed; it is retried.
        Failed = "failed",
        /// Its object is not known yet; it is retried.
        Orphan = "orphan",
        /// All attempts have failed; an operator has to look at it.
        Dead = "dead",
    }
}

/// A provider's event in the inbox, stored byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxEvent {
    /// Our id.
    pub id: InboxEventId,
    /// The provider.
    pub channel: Channel,
    /// The provider's id; unique per provider.
    pub event_id: String,
    /// The provider's type of the event.
    pub kind: String,
    /// The time of the event, by the provider's clock.
    pub created_at: Timestamp,
    /// The signed body.
    pub body: Vec<u8>,
    /// When it was first received.
    pub received_at: Timestamp,
    /// The state.
    pub state: InboxState,
    /// The number of attempts.
    pub attempts: u32,
    /// The last error, why it was ignored, or what an operator has to resolve.
    pub note: Option<String>,
    /// The time of the next attempt.
    pub next_attempt_at: Option<Timestamp>,
}

/// An event without its body, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedEvent {
    /// Our id.
    pub id: InboxEventId,
    /// The provider.
    pub channel: Channel,
    /// The provider's id.
    pub event_id: String,
    /// The provider's type of the event.
    pub kind: String,
    /// The time of the event, by the provider's clock.
    pub created_at: Timestamp,
    /// When it was first received.
    pub received_at: Timestamp,
    /// The state.
    pub state: InboxState,
    /// The number of attempts.
    pub attempts: u32,
    /// The last error, why it was ignored, or what an operator has to resolve.
    pub note: Option<String>,
    /// The time of the next attempt.
    pub next_attempt_at: Option<Timestamp>,
}

/// A failed attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Failed, orphan, or dead.
    pub state: InboxState,
    /// The error.
    pub note: String,
    /// The time of the next attempt; none for a dead one.
    pub next_attempt_at: Option<Timestamp>,
}

/// Marks an event as processed. It is committed together with the event's effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The event.
    pub event: InboxEventId,
    /// The outcome.
    pub outcome: ReceiptOutcome,
}

/// The outcome of a processed event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiptOutcome {
    /// It was applied.
    Processed,
    /// It is not relevant; says why.
    Ignored(String),
    /// It was applied, and an operator has to resolve something; says what.
    NeedsOperator(String),
}

impl InboxState {
    /// The states of processed events.
    pub const HANDLED: [Self; 3] = [Self::Processed, Self::Ignored, Self::NeedsOperator];

    /// Whether the event is processed.
    pub fn is_handled(self) -> bool {
        Self::HANDLED.contains(&self)
    }
}

impl ReceiptOutcome {
    /// The outcome for a fact's `outcome`; none if the event is retried.
    pub fn of(outcome: Outcome) -> Option<Self> {
        match outcome {
            Outcome::Applied => Some(Self::Processed),
            Outcome::Nothing(why) => Some(Self::Ignored(why.to_owned())),
            Outcome::NeedsOperator(why) => Some(Self::NeedsOperator(why.to_owned())),
            Outcome::Unknown(_) => None,
        }
    }

    /// The resulting state of the event, and its note.
    pub fn state(&self) -> (InboxState, Option<&str>) {
        match self {
            Self::Processed => (InboxState::Processed, None),
            Self::Ignored(why) => (InboxState::Ignored, Some(why)),
            Self::NeedsOperator(why) => (InboxState::NeedsOperator, Some(why)),
        }
    }
}

/// The retry schedule of failed events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The wait before the second attempt, in seconds; it doubles with each further attempt.
    pub first_wait_seconds: i64,
    /// The longest wait, in seconds.
    pub longest_wait_seconds: i64,
    /// The number of attempts after which the event is dead.
    pub tries: u32,
}

/// Why a webhook request is refused. Nothing of it is stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefusal {
    /// The channel is not configured.
    #[error("webhooks of this provider are not configured")]
    ChannelNotConfigured,
    /// The signature is missing, malformed, too old, or made with another secret. Deliberately without detail.
    #[error("the signature does not match")]
    BadSignature,
    /// The signature is valid, but the body is not an event.
    #[error("the body is not an event of this provider")]
    NotAnEvent,
}

impl WebhookRefusal {
    /// The stable error code of the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ChannelNotConfigured => "channel_not_configured",
            Self::BadSignature => "invalid_signature",
            Self::NotAnEvent => "invalid_event",
        }
    }
}

impl Default for RetryPolicy {
    /// 10 s, 20 s, 40 s … up to an hour, 80 tries: about three days.
    fn default() -> Self {
        Self { first_wait_seconds: 10, longest_wait_seconds: 3600, tries: 80 }
    }
}

impl RetryPolicy {
    /// The record of attempt number `attempts` (from 1), which ended in `state`.
    pub fn after(&self, attempts: u32, state: InboxState, note: String, now: Timestamp) -> Attempt {
        if attempts >= self.tries {
            return Attempt { state: InboxState::Dead, note, next_attempt_at: None };
        }
        let doublings = attempts.saturating_sub(1).min(32);
        let wait = self.first_wait_seconds.saturating_mul(1_i64 << doublings).min(self.longest_wait_seconds);
        Attempt { state, note, next_attempt_at: Some(now.plus_seconds(wait)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_end_in_the_dead_letters() {
        let policy = RetryPolicy { first_wait_seconds: 10, longest_wait_seconds: 60, tries: 5 };
        let now = Timestamp::EPOCH;
        let waits: Vec<_> = (1..=5)
            .map(|attempts| policy.after(attempts, InboxState::Failed, String::new(), now))
            .map(|attempt| (attempt.state, attempt.next_attempt_at.map(|at| at.seconds_since(now))))
            .collect();
        let failed = |seconds| (InboxState::Failed, Some(seconds));
        assert_eq!(waits, [failed(10), failed(20), failed(40), failed(60), (InboxState::Dead, None)]);
    }
}
