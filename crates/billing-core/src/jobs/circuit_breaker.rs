//! The circuit breaker of a provider.

use super::Backoff;
use crate::values::Timestamp;

/// The result of a call, as far as it concerns the provider's availability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallOutcome {
    /// The provider responded, possibly with a refusal.
    Answered,
    /// No usable response arrived in time.
    Unknown,
    /// The provider was not called, or the work failed elsewhere.
    Undecided,
}

/// Decides whether jobs may call a provider. Five consecutive calls without a usable response open the breaker: no
/// call is made until its wait is over. Then one call is let through (half-open): a response closes the breaker, a
/// failure opens it for longer.
#[derive(Debug, Clone)]
pub struct CircuitBreaker(State);

#[derive(Debug, Clone)]
enum State {
    Closed { failures: u32 },
    Open { until: Timestamp, opened: u32 },
    HalfOpen { until: Timestamp, opened: u32 },
}

/// The number of consecutive failures that opens it.
const THRESHOLD: u32 = 5;
/// How long the probe of a half-open breaker may take before another is let through, in seconds.
const PROBE_SECONDS: i64 = 60;

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self(State::Closed { failures: 0 })
    }
}

impl CircuitBreaker {
    /// The time until which no call may be made, as of `now`.
    pub fn closed_to_calls_until(&self, now: Timestamp) -> Option<Timestamp> {
        match self.0 {
            State::Open { until, .. } | State::HalfOpen { until, .. } if now < until => Some(until),
            _ => None,
        }
    }

    /// Admits a call at `now`.
    ///
    /// # Errors
    ///
    /// The time of the next attempt.
    pub fn admit(&mut self, now: Timestamp) -> Result<(), Timestamp> {
        if let Some(until) = self.closed_to_calls_until(now) {
            return Err(until);
        }
        if let State::Open { opened, .. } | State::HalfOpen { opened, .. } = self.0 {
            self.0 = State::HalfOpen { until: now.plus_seconds(PROBE_SECONDS), opened };
        }
        Ok(())
    }

    /// Records the result of an admitted call.
    pub fn record(&mut self, outcome: CallOutcome, now: Timestamp, random: u64) {
        let open = |opened: u32| {
            let until = Backoff::PROVIDER.not_before(now, opened, random);
            State::Open { until, opened }
        };
        self.0 = match (outcome, &self.0) {
            (CallOutcome::Answered, _) => State::Closed { failures: 0 },
            (CallOutcome::Unknown, State::Closed { failures }) => {
                let failures = failures.saturating_add(1);
                if failures >= THRESHOLD { open(1) } else { State::Closed { failures } }
            }
            (CallOutcome::Unknown, State::HalfOpen { opened, .. }) => open(opened.saturating_add(1)),
            // The probe was inconclusive: the next call may go.
            (CallOutcome::Undecided, State::HalfOpen { opened, .. }) => {
                State::Open { until: now, opened: *opened }
            }
            // Calls that were in progress when it opened add nothing.
            (_, state) => state.clone(),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(1_000_000 + seconds)
    }

    /// The longest wait, by the random value.
    const LONGEST: u64 = 15_000_000;

    fn opened() -> CircuitBreaker {
        let mut breaker = CircuitBreaker::default();
        for _ in 0..THRESHOLD {
            breaker.admit(at(0)).unwrap();
            breaker.record(CallOutcome::Unknown, at(0), LONGEST);
        }
        breaker
    }

    #[test]
    fn failures_in_a_row_open_it_and_an_answer_in_between_does_not() {
        let mut breaker = CircuitBreaker::default();
        for outcome in [CallOutcome::Unknown, CallOutcome::Answered, CallOutcome::Undecided].repeat(9) {
            breaker.admit(at(0)).unwrap();
            breaker.record(outcome, at(0), 0);
        }
        assert_eq!(breaker.admit(at(0)), Ok(()));
        assert_eq!(opened().admit(at(29)), Err(at(30)));
    }

    #[test]
    fn one_call_is_let_through_once_the_wait_is_over() {
        let mut breaker = opened();
        assert_eq!(breaker.admit(at(30)), Ok(()));
        assert_eq!(breaker.admit(at(31)), Err(at(90)));
        breaker.record(CallOutcome::Answered, at(32), 0);
        assert_eq!((breaker.admit(at(32)), breaker.admit(at(32))), (Ok(()), Ok(())));
    }

    #[test]
    fn a_failure_of_that_call_opens_it_for_longer() {
        let mut breaker = opened();
        breaker.admit(at(30)).unwrap();
        breaker.record(CallOutcome::Unknown, at(40), 30_000_000);
        assert_eq!(breaker.closed_to_calls_until(at(41)), Some(at(100)));
    }

    #[test]
    fn a_call_that_never_ended_or_told_nothing_leaves_the_way_free() {
        let mut breaker = opened();
        breaker.admit(at(30)).unwrap();
        assert_eq!(breaker.admit(at(90)), Ok(()), "the first call was lost");
        breaker.record(CallOutcome::Undecided, at(91), 0);
        assert_eq!(breaker.admit(at(91)), Ok(()));
    }

    #[test]
    fn calls_that_were_under_way_when_it_opened_do_not_open_it_for_longer() {
        let mut breaker = opened();
        breaker.record(CallOutcome::Unknown, at(20), LONGEST);
        assert_eq!(breaker.admit(at(30)), Ok(()));
    }
}
