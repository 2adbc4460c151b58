//! What an event comes to.

use crate::changes::Changes;

/// What an event comes to, given what we know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// These changes; none of them if the event tells nothing new.
    Apply(Box<Changes>),
    /// Nothing, ever; says why.
    Ignore(&'static str),
    /// Nothing yet: it speaks of something that we do not know. It is kept and tried again.
    Orphan(&'static str),
}

impl Effect {
    pub(super) fn apply(changes: Changes) -> Self {
        Self::Apply(Box::new(changes))
    }
}
