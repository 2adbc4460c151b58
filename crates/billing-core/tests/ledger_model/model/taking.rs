//! Taking credits.

use billing_core::ledger::{Charge, Refusal, Shortfall, SpendCredits};
use billing_core::values::{Credits, Timestamp};

use super::metering::units;
use super::story::{Place, Story, Telling, clamped, movable, some_of};
use crate::told::Line;

impl Story {
    pub(super) fn spend(&mut self, telling: &Telling<'_>, asked: &SpendCredits) -> Result<(), Refusal> {
        if let Some(occurred_at) = asked.occurred_at
            && occurred_at > self.clock
        {
            return Err(Refusal::NotYetHappened { occurred_at });
        }
        let mut uses = Vec::new();
        let required = match &asked.charge {
            Charge::Credits(amount) => movable(*amount)?,
            Charge::Usage(usages) => {
                for usage in usages {
                    let occurred_at = asked.occurred_at.unwrap_or(self.clock);
                    let (price, markup, month) = self.rated(usage, occurred_at);
                    let due = self.book(&usage.tariff.meter, price);
                    let units = units(&usage.quantities);
                    let mut one = self.a_use(&usage.tariff, units, (price, due), telling.now);
                    one.told.occurred_at = occurred_at;
                    (one.told.markup, one.told.month) = (i64::try_from(markup).unwrap(), month);
                    self.count(&one, 1);
                    uses.push(telling.sign_use(one, asked.kind.as_str()));
                }
                uses.iter().map(|one| one.told.credits).sum()
            }
        };
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
            Shortfall::Refuse | Shortfall::Owe => required,
            Shortfall::TakeWhatIsThere => clamped(i128::from(required).min(cover)),
        };
        self.leave_uncovered(&mut uses, required - amount);
        let usages = self.note(uses, amount > 0);
        if amount == 0 {
            return Ok(());
        }
        let line = Line {
            occurred_at: asked.occurred_at,
            usages,
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
