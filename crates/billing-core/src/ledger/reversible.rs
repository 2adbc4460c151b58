//! The reversible rest of a spend.

use super::{Allocation, EntryType};
use crate::values::{Credits, EntryId, GrantId};

/// A spend to reverse, with what was not reversed before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversible {
    /// The entry.
    pub entry: EntryId,
    /// Its number.
    pub seq: i64,
    /// Its type.
    pub kind: EntryType,
    /// The unreversed credits per grant, in drawing order.
    pub parts: Vec<(GrantId, Credits)>,
    /// The unreversed debt.
    pub owed: Credits,
}

impl Reversible {
    /// The reversible rest of `entry` (its number, id and type), which drew `drawn` in that order and created the debt
    /// `owed`. `returned` is what earlier reversals returned to grants, and in total.
    ///
    /// The part of an ended grant returned as a new grant, so the rest is computed from the end: a reversal starts
    /// with what was drawn last.
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

    /// The credits that can still be reversed.
    pub fn left(&self) -> Credits {
        let parts = self.parts.iter().fold(0_i64, |sum, (_, left)| sum.saturating_add(left.get()));
        Credits::new(parts.saturating_add(self.owed.get()))
    }
}
