//! Taking a grant back, and calling one off.

use billing_core::ledger::{ClawBack, ClawbackPolicy, Refusal, Stage};
use billing_core::values::{Credits, GrantId, Timestamp};

use super::story::{Place, Story, Telling, movable};

impl Story {
    pub(super) fn claw_back(&mut self, telling: &Telling<'_>, asked: &ClawBack) -> Result<(), Refusal> {
        let place = self.find_pot(telling, asked.grant)?;
        let total = movable(asked.total)?;
        let pot = &mut self.pots[place];
        // In all as much as was asked for, but never what has ended unused.
        let wanted = total.min(pot.amount - pot.forfeited()) - pot.claimed;
        if wanted <= 0 {
            return Ok(());
        }
        let from = if pot.stage == Stage::Upcoming { Place::Coming } else { Place::Free };
        let there = wanted.min(pot.at(from));
        pot.shift(from, Place::TakenBack, there);
        pot.claimed += there;
        if pot.stage == Stage::Upcoming {
            return Ok(());
        }
        let owed = if asked.policy == ClawbackPolicy::Debt { wanted - there } else { 0 };
        pot.claimed += owed;
        self.owed += i128::from(owed);
        if there + owed == 0 {
            return Ok(());
        }
        let parts = if there > 0 { vec![(place, -there)] } else { Vec::new() };
        let line = self.about(place, "clawback", -(there + owed), telling.now);
        self.write(telling.sign(line), parts, owed, false)
    }

    /// As if it had been given for a shorter time.
    pub(super) fn end_sooner(
        &mut self,
        telling: &Telling<'_>,
        grant: GrantId,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        let place = self.find_pot(telling, grant)?;
        let clock = self.clock;
        let pot = &mut self.pots[place];
        let over = !matches!(pot.stage, Stage::Upcoming | Stage::Active);
        let at_once = at <= clock;
        let moment = if at_once { Timestamp::from_micros(clock.micros() + 1) } else { at };
        if over || pot.end.is_some_and(|end| end <= at.max(clock)) {
            return Ok(());
        }
        if pot.stage == Stage::Upcoming && at <= pot.begin {
            let coming = pot.at(Place::Coming);
            pot.shift(Place::Coming, Place::Voided, coming);
            pot.stage = Stage::Voided;
            return Ok(());
        }
        let sooner_by = pot.end.map_or(0, |end| end.micros() - moment.micros());
        pot.late_until = pot.late_until.map(|until| Timestamp::from_micros(until.micros() - sooner_by));
        pot.end = Some(moment);
        if at_once { self.end(place, telling.now) } else { Ok(()) }
    }

    pub(super) fn void(&mut self, telling: &Telling<'_>, grant: GrantId) -> Result<(), Refusal> {
        let place = self.find_pot(telling, grant)?;
        self.not_over(place, grant)?;
        let pot = &mut self.pots[place];
        if pot.left() == 0 {
            let (stage, remaining) = (pot.stage, Credits::ZERO);
            return Err(Refusal::GrantOver { grant, stage, remaining });
        }
        let coming = pot.at(Place::Coming);
        pot.shift(Place::Coming, Place::Voided, coming);
        pot.stage = Stage::Voided;
        let free = pot.at(Place::Free);
        pot.shift(Place::Free, Place::Voided, free);
        if free == 0 {
            return Ok(());
        }
        let line = self.about(place, "void", -free, telling.now);
        self.write(telling.sign(line), vec![(place, -free)], 0, false)
    }
}
