//! What an event comes to.

use crate::accounts::Account;
use crate::changes::Changes;
use crate::subscriptions::Subscription;

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
    /// This together with what the same event says of something else, which this was decided upon. What is not known yet here keeps both waiting;
    /// what has nothing to say there adds nothing.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Apply(mut changes), Self::Apply(more)) => {
                let not_described =
                    |known: &Subscription| changes.subscriptions.iter().all(|said| said.id != known.id);
                let subscriptions: Vec<_> = more.subscriptions.into_iter().filter(not_described).collect();
                let not_described = |known: &Account| changes.accounts.iter().all(|said| said.id != known.id);
                let accounts: Vec<_> = more.accounts.into_iter().filter(not_described).collect();
                changes.subscriptions.extend(subscriptions);
                changes.accounts.extend(accounts);
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
