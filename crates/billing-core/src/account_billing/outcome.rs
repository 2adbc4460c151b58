//! What a fact came to.

/// What a fact came to. Each says in a sentence why, for the operator who looks at the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It holds now, by this or by what was told before.
    Applied,
    /// It is nothing that concerns us, and never will be. Nothing is changed.
    Nothing(&'static str),
    /// It names something that we do not know yet. Nothing is changed, and it is to be decided again later.
    Unknown(&'static str),
    /// It holds now, and leaves something that only a person can settle.
    NeedsOperator(&'static str),
}

impl Outcome {
    /// Whether what was decided is to be written.
    pub const fn changes(self) -> bool {
        matches!(self, Self::Applied | Self::NeedsOperator(_))
    }
}
