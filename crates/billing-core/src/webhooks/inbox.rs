//! Events as they wait to be applied.

use crate::account_billing::Outcome;
use crate::payments::Channel;
use crate::values::{InboxEventId, Timestamp, text_enum};

text_enum! {
    /// Where an event stands.
    InboxState, "inbox state", {
        /// Waiting to be applied.
        Pending = "pending",
        /// Applied: what it changes and this mark were committed together.
        Processed = "processed",
        /// Understood, and nothing that concerns us.
        Ignored = "ignored",
        /// Applied, and it leaves something that only a person can settle.
        NeedsOperator = "needs_operator",
        /// Applying it failed; it is tried again.
        Failed = "failed",
        /// It speaks of something that we do not know yet; it is tried again.
        Orphan = "orphan",
        /// The tries are used up; a person has to look.
        Dead = "dead",
    }
}

/// A provider's event in our inbox, kept byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxEvent {
    /// Our id.
    pub id: InboxEventId,
    /// Which provider sent it.
    pub channel: Channel,
    /// The provider's id; unique per provider.
    pub event_id: String,
    /// The provider's name for what happened.
    pub kind: String,
    /// When it happened, by the provider's clock.
    pub created_at: Timestamp,
    /// The body as it was signed.
    pub body: Vec<u8>,
    /// When it came first.
    pub received_at: Timestamp,
    /// Where it stands.
    pub state: InboxState,
    /// How often applying it was tried.
    pub attempts: u32,
    /// What went wrong last, or why it was ignored.
    pub note: Option<String>,
    /// When it is tried next.
    pub next_attempt_at: Option<Timestamp>,
}

/// How a try that did not succeed is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Failed, orphan, or dead.
    pub state: InboxState,
    /// What went wrong.
    pub note: String,
    /// When it is tried next; never for a dead one.
    pub next_attempt_at: Option<Timestamp>,
}

/// The mark that an event was dealt with. It is committed with the event's effect, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Which event.
    pub event: InboxEventId,
    /// How it was dealt with.
    pub outcome: ReceiptOutcome,
}

/// How an event was dealt with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiptOutcome {
    /// It was applied.
    Processed,
    /// It was nothing for us; says why.
    Ignored(String),
    /// It was applied, and leaves something that only a person can settle; says what.
    NeedsOperator(String),
}

impl InboxState {
    /// Those in which an event was dealt with.
    pub const HANDLED: [Self; 3] = [Self::Processed, Self::Ignored, Self::NeedsOperator];

    /// Whether the event was dealt with.
    pub fn is_handled(self) -> bool {
        Self::HANDLED.contains(&self)
    }
}

impl ReceiptOutcome {
    /// How an event is dealt with whose fact came to `outcome`; none where it is tried again.
    pub fn of(outcome: Outcome) -> Option<Self> {
        match outcome {
            Outcome::Applied => Some(Self::Processed),
            Outcome::Nothing(why) => Some(Self::Ignored(why.to_owned())),
            Outcome::NeedsOperator(why) => Some(Self::NeedsOperator(why.to_owned())),
            Outcome::Unknown(_) => None,
        }
    }

    /// The state that it leaves the event in, and what is noted of it.
    pub fn state(&self) -> (InboxState, Option<&str>) {
        match self {
            Self::Processed => (InboxState::Processed, None),
            Self::Ignored(why) => (InboxState::Ignored, Some(why)),
            Self::NeedsOperator(why) => (InboxState::NeedsOperator, Some(why)),
        }
    }
}

/// When an event that could not be applied is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How long until the second try, in seconds; each further wait is twice as long.
    pub first_wait_seconds: i64,
    /// The longest wait, in seconds.
    pub longest_wait_seconds: i64,
    /// After how many tries the event is dead.
    pub tries: u32,
}

/// Why a webhook request is not taken in. Nothing of it is stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefusal {
    /// No such channel is configured.
    #[error("webhooks of this provider are not configured")]
    ChannelNotConfigured,
    /// The signature is missing, malformed, too old, or of another secret. Deliberately without detail.
    #[error("the signature does not match")]
    BadSignature,
    /// The signature is right, but the body is not an event.
    #[error("the body is not an event of this provider")]
    NotAnEvent,
}

impl WebhookRefusal {
    /// The stable code that callers may rely on.
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
    /// What becomes of an event whose try number `attempts` (from 1) ended in `state`.
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
