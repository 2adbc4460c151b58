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
    /// This together with what the same event says of something else. What is not known yet here keeps both waiting;
    /// what has nothing to say there adds nothing.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Apply(mut changes), Self::Apply(more)) => {
                changes.subscriptions.extend(more.subscriptions);
                changes.postings.extend(more.postings);
                Self::Apply(changes)
            }
            (Self::Ignore(_), Self::Apply(changes)) => Self::Apply(changes),
            (this, _) => this,
        }
    }

    pub(super) fn apply(changes: Changes) -> Self {
        Self::Apply(Box::new(changes))
    }
}
