//! What a run of a job came to.

/// What a run of a job came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JobReport {
    /// How many events or items were dealt with.
    pub done: u32,
    /// How many events speak of something that we do not know yet.
    pub orphans: u32,
    /// How many failed. They are tried again, or marked for an operator.
    pub failed: u32,
    /// How many items were rescheduled though nothing failed: their provider's circuit breaker is open, or nothing
    /// could be done about them yet.
    pub deferred: u32,
    /// How many failed or orphaned events could not be marked so: they come again when their lease runs out.
    pub unrecorded: u32,
}

impl JobReport {
    /// How many events or items were looked at; none means that nothing was due.
    pub const fn seen(&self) -> u32 {
        self.done.saturating_add(self.orphans).saturating_add(self.failed).saturating_add(self.deferred)
    }

    /// This run and another, as one.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            done: self.done.saturating_add(other.done),
            orphans: self.orphans.saturating_add(other.orphans),
            failed: self.failed.saturating_add(other.failed),
            deferred: self.deferred.saturating_add(other.deferred),
            unrecorded: self.unrecorded.saturating_add(other.unrecorded),
        }
    }
}
