//! The circuit breakers of providers.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::jobs::{CallOutcome, CircuitBreaker};
use crate::payments::Channel;
use crate::values::Timestamp;

/// A circuit breaker for each provider that jobs call.
#[derive(Default)]
pub(crate) struct CircuitBreakers {
    by_channel: Mutex<BTreeMap<Channel, CircuitBreaker>>,
}

impl CircuitBreakers {
    /// The time until which jobs may not call the provider.
    pub(crate) fn open_until(&self, channel: Channel, now: Timestamp) -> Option<Timestamp> {
        self.lock().get(&channel).and_then(|breaker| breaker.closed_to_calls_until(now))
    }

    /// See [`CircuitBreaker::admit`].
    pub(crate) fn admit(&self, channel: Channel, now: Timestamp) -> Result<(), Timestamp> {
        self.lock().entry(channel).or_default().admit(now)
    }

    /// See [`CircuitBreaker::record`].
    pub(crate) fn record(&self, channel: Channel, outcome: CallOutcome, now: Timestamp, random: u64) {
        self.lock().entry(channel).or_default().record(outcome, now, random);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Channel, CircuitBreaker>> {
        // Each value is replaced in one assignment, so a panic leaves whole values.
        self.by_channel.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
