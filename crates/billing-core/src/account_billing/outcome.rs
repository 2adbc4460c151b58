//! The outcome of a fact.

/// The outcome of applying a fact. The text gives the reason, for the operator who looks at the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The fact holds now, by this decision or by an earlier one.
    Applied,
    /// Not relevant, now or later. Nothing is changed.
    Nothing(&'static str),
    /// It names an object that is not known yet. Nothing is changed; to be decided again later.
    Unknown(&'static str),
    /// The fact holds now, and an operator has to settle the rest.
    NeedsOperator(&'static str),
}

impl Outcome {
    /// Whether the decision has to be written.
    pub const fn changes(self) -> bool {
        matches!(self, Self::Applied | Self::NeedsOperator(_))
    }
}
