//! The result of a run of a job.

/// The result of a run of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JobReport {
    /// The number of processed events or items.
    pub done: u32,
    /// The number of events whose object is not known yet.
    pub orphans: u32,
    /// The number of failures. They are retried, or marked for an operator.
    pub failed: u32,
    /// The number of processed events that an operator has to resolve something about, also counted as `done`.
    pub needs_operator: u32,
    /// The number of items rescheduled without a failure: their provider's circuit breaker is open, or they cannot be
    /// processed yet.
    pub deferred: u32,
    /// The number of failed or orphaned events that could not be marked so: they are claimed again when their lease
    /// expires.
    pub unrecorded: u32,
}

impl JobReport {
    /// The number of events or items; 0 means that nothing was due.
    pub const fn seen(&self) -> u32 {
        self.done.saturating_add(self.orphans).saturating_add(self.failed).saturating_add(self.deferred)
    }

    /// The sum of two runs.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            done: self.done.saturating_add(other.done),
            orphans: self.orphans.saturating_add(other.orphans),
            failed: self.failed.saturating_add(other.failed),
            needs_operator: self.needs_operator.saturating_add(other.needs_operator),
            deferred: self.deferred.saturating_add(other.deferred),
            unrecorded: self.unrecorded.saturating_add(other.unrecorded),
        }
    }
}
