//! What can still be given back of a spend.

use super::{Allocation, EntryType};
use crate::values::{Credits, EntryId, GrantId};

/// A spend that somebody wants to give back, and what of it was not given back before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversible {
    /// The entry.
    pub entry: EntryId,
    /// Its number.
    pub seq: i64,
    /// What kind of movement it was.
    pub kind: EntryType,
    /// What was drawn from which grant and not given back, in the order in which it was drawn.
    pub parts: Vec<(GrantId, Credits)>,
    /// What was owed for it and not given back.
    pub owed: Credits,
}

impl Reversible {
    /// What is left to give back of `entry` (its number, id and kind), which drew `drawn` in that order and
    /// came to owe `owed`. `returned` is what reversals gave back to grants before, and in all.
    ///
    /// A part whose own grant had ended came back as a grant of its own, so what is left is worked out from
    /// the back: a reversal begins with what was drawn last.
    pub fn of(
        (entry, seq, kind): (EntryId, i64, EntryType),
        drawn: &[Allocation],
        owed: Credits,
        returned: Credits,
    ) -> Self {
        let mut parts: Vec<_> =
            drawn.iter().map(|part| (part.grant, Credits::new(part.amount.get().saturating_neg()))).collect();
        let mut returned = returned;
        let take = |left: &mut Credits, returned: &mut Credits| {
            let part = (*left).min(*returned);
            *left = Credits::new(left.get().saturating_sub(part.get()));
            *returned = Credits::new(returned.get().saturating_sub(part.get()));
        };
        let mut owed = owed;
        take(&mut owed, &mut returned);
        for (_, left) in parts.iter_mut().rev() {
            take(left, &mut returned);
        }
        Self { entry, seq, kind, parts, owed }
    }

    /// How many credits can still be given back.
    pub fn left(&self) -> Credits {
        let parts = self.parts.iter().fold(0_i64, |sum, (_, left)| sum.saturating_add(left.get()));
        Credits::new(parts.saturating_add(self.owed.get()))
    }
}
