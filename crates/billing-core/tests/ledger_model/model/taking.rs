//! Taking credits.

use billing_core::ledger::{Metered, Refusal, Shortfall, SpendCredits};
use billing_core::values::{Credits, Timestamp};

use super::story::{Place, Story, Telling, clamped, movable, some_of};
use crate::told::Line;

impl Story {
    pub(super) fn spend(&mut self, telling: &Telling<'_>, asked: &SpendCredits) -> Result<(), Refusal> {
        if let Some(occurred_at) = asked.occurred_at
            && occurred_at > self.clock
        {
            return Err(Refusal::NotYetHappened { occurred_at });
        }
        let required = self.whole(asked.amount, asked.usage.as_ref())?;
        // What can be taken for it, less what is owed and what holds count on that no grant covers.
        let cover = self.cover(asked.occurred_at);
        let limit = i128::from(telling.limit);
        let amount = match asked.shortfall {
            Shortfall::Refuse if i128::from(required) > cover + limit => {
                return Err(self.insufficient(required, cover));
            }
            Shortfall::TakeWhatIsThere if i128::from(required) > cover && cover <= 0 => {
                return Err(self.insufficient(required, cover));
            }
            Shortfall::Refuse => required,
            Shortfall::TakeWhatIsThere => clamped(i128::from(required).min(cover)),
        };
        self.meter(asked.usage.as_ref());
        if amount == 0 {
            return Ok(());
        }
        let line = Line {
            occurred_at: asked.occurred_at,
            meter: asked.usage.as_ref().map(|usage| usage.meter.clone()),
            ..self.line(asked.kind.as_str(), -amount, telling.now)
        };
        let mut parts = Parts::default();
        let owed = self.draw(amount, asked.occurred_at, &mut parts);
        let spend = asked.kind.as_str() != "adjustment";
        self.write(telling.sign(line), parts.0, owed, spend)
    }

    /// Takes `amount` from free grants, one credit after another; says what they do not cover, which is owed.
    pub(super) fn draw(&mut self, amount: i64, occurred_at: Option<Timestamp>, parts: &mut Parts) -> i64 {
        let seq = self.next_seq();
        let mut missing = amount;
        while missing > 0
            && let Some(place) = self.burns_next(occurred_at)
        {
            let part = some_of(i128::from(missing), self.pots[place].at(Place::Free));
            self.pots[place].shift(Place::Free, Place::Spent(seq), part);
            parts.add(place, -part);
            missing -= part;
        }
        self.owed += i128::from(missing);
        missing
    }

    fn cover(&self, occurred_at: Option<Timestamp>) -> i128 {
        let free = (0..self.pots.len()).map(|place| i128::from(self.takeable(place, occurred_at)));
        let uncovered = self.asides.iter().map(|aside| i128::from(aside.uncovered_left));
        free.sum::<i128>() - self.owed - uncovered.sum::<i128>()
    }

    pub(super) fn insufficient(&self, required: i64, available: i128) -> Refusal {
        let [required, available, held] =
            [required, clamped(available), clamped(self.held())].map(Credits::new);
        Refusal::InsufficientCredits { required, available, held }
    }

    /// What is to be taken: of metered usage, as many whole credits as all of it came to so far, less those
    /// that earlier usage of the meter came to.
    pub(super) fn whole(&self, amount: Credits, usage: Option<&Metered>) -> Result<i64, Refusal> {
        let Some(usage) = usage else { return movable(amount) };
        let before = self.used.get(&usage.meter).copied().unwrap_or_default();
        let after = before + u64::from(usage.millionths);
        let more = i128::from(after / 1_000_000 - before / 1_000_000);
        let sum = i128::from(amount.get()) + more;
        if amount.get() < 0 || usage.millionths > 999_999 || sum > 9_007_199_254_740_991 {
            return Err(Refusal::InvalidAmount { amount });
        }
        Ok(clamped(sum))
    }

    /// Remembers what was used.
    pub(super) fn meter(&mut self, usage: Option<&Metered>) {
        if let Some(usage) = usage {
            *self.used.entry(usage.meter.clone()).or_default() += u64::from(usage.millionths);
        }
    }
}

/// What one line draws from which grant, in the order in which it draws first.
#[derive(Default)]
pub(super) struct Parts(pub(super) Vec<(usize, i64)>);

impl Parts {
    pub(super) fn add(&mut self, place: usize, amount: i64) {
        match self.0.iter_mut().find(|(known, _)| *known == place) {
            Some((_, sum)) => *sum += amount,
            None => self.0.push((place, amount)),
        }
    }
}
