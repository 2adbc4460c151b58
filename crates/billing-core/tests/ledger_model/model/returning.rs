//! Giving a spend back.

use billing_core::ledger::{Refusal, ReverseSpend, Stage};
use billing_core::values::Credits;

use super::story::{Place, Story, Telling, clamped, movable, some_of};
use super::taking::Parts;
use crate::told::Line;

impl Story {
    /// Gives credits back one by one, beginning with what was drawn last: what was owed, then to each grant
    /// what it gave, or as a grant of its own where that one has ended.
    pub(super) fn reverse(&mut self, telling: &Telling<'_>, asked: &ReverseSpend) -> Result<(), Refusal> {
        let unknown = Refusal::UnknownEntry { entry: asked.entry };
        let seq = telling.names.entry(telling.posting.account, asked.entry).ok_or(unknown.clone())?;
        let target = usize::try_from(seq).unwrap() - 1;
        let spend = self.written.get(target).ok_or(unknown)?;
        if !spend.spend {
            return Err(Refusal::NotReversible { kind: spend.line.kind.clone() });
        }
        let kept: i128 = self.pots.iter().map(|pot| i128::from(pot.at(Place::Spent(seq)))).sum();
        let left = Credits::new(clamped(kept + i128::from(spend.owed)));
        let required = asked.amount.unwrap_or(left.max(Credits::new(1)));
        let amount = movable(required)?;
        if required > left {
            return Err(Refusal::ReversedBefore { required, left });
        }
        if asked.refund_expires_at <= self.clock {
            return Err(Refusal::ExpiresTooEarly { expires_at: asked.refund_expires_at });
        }
        self.fits(amount)?;

        let mut missing = amount;
        let (mut forgiven, mut repaid, mut homeless) = (0, 0, 0);
        let mut parts = Parts::default();
        while missing > 0 {
            let owed = self.written[target].owed;
            let part = if owed > 0 && self.owed > 0 {
                let part = some_of(i128::from(missing), clamped(self.owed.min(i128::from(owed))));
                self.owed -= i128::from(part);
                forgiven += part;
                self.written[target].owed -= part;
                part
            } else if owed > 0 {
                // It was owed, and other grants have repaid it since.
                let part = some_of(i128::from(missing), owed);
                repaid += part;
                self.written[target].owed -= part;
                part
            } else {
                let drawn = self.written[target].parts.iter().rev().map(|(place, _)| *place);
                let place = { drawn }.find(|place| self.pots[*place].at(Place::Spent(seq)) > 0).unwrap();
                let pot = &mut self.pots[place];
                let part = some_of(i128::from(missing), pot.at(Place::Spent(seq)));
                if matches!(pot.stage, Stage::Active | Stage::Late) {
                    pot.shift(Place::Spent(seq), Place::Free, part);
                    parts.add(place, part);
                } else {
                    pot.shift(Place::Spent(seq), Place::GivenBack, part);
                    homeless += part;
                }
                part
            };
            missing -= part;
        }
        let by = self.next_seq();
        if homeless > 0 {
            let place = self.refund(format!("refund by {by}"), homeless, Some(asked.refund_expires_at));
            parts.add(place, homeless);
        }
        if repaid > 0 {
            let place = self.refund(format!("repaid by {by}"), repaid, None);
            parts.add(place, repaid);
        }
        let line = Line { reverses: Some(seq), ..self.line("reversal", amount, telling.now) };
        self.write(telling.sign(line), parts.0, -forgiven, false)
    }
}
