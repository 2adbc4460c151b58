//! What time alone does, second by second.

use billing_core::ledger::{HoldState, Refusal, Source, Stage};
use billing_core::values::Timestamp;

use super::story::{Place, Pot, Story};
use crate::told::Line;

impl Story {
    /// Goes from second to second up to `now`.
    pub(super) fn pass_time(&mut self, now: Timestamp) -> Result<(), Refusal> {
        if self.pots.is_empty() && self.asides.is_empty() {
            self.clock = self.clock.max(now);
        }
        while self.clock < now {
            // What was ended at once, ended a moment after.
            let second = self.clock;
            self.clock = Timestamp::from_micros(second.micros() + 1);
            self.tick(now)?;
            self.clock = second.plus_seconds(1);
            assert!(self.clock <= now, "these stories happen at whole seconds");
            self.tick(now)?;
        }
        Ok(())
    }

    /// At one moment holds lapse first, then grants end, then grants begin.
    fn tick(&mut self, now: Timestamp) -> Result<(), Refusal> {
        for place in 0..self.asides.len() {
            let aside = &self.asides[place];
            if aside.state == HoldState::Open && aside.expires_at == self.clock {
                self.release_slices(place, HoldState::Lapsed, now, None)?;
                self.repay();
            }
        }
        for place in 0..self.pots.len() {
            let pot = &self.pots[place];
            let moment = Some(self.clock);
            match pot.stage {
                Stage::Active if pot.end == moment => self.end(place, now)?,
                Stage::Late if pot.late_until == moment => self.expire(place, now)?,
                _ => continue,
            }
            self.repay();
        }
        for place in 0..self.pots.len() {
            let pot = &self.pots[place];
            let coming = pot.at(Place::Coming);
            if pot.stage == Stage::Upcoming && pot.begin == self.clock && coming > 0 {
                // Time only has it begin: whoever gave it did the rest.
                let line = Line { by_time: false, ..self.about(place, &pot.kind, coming, now) };
                let pot = &mut self.pots[place];
                pot.shift(Place::Coming, Place::Free, coming);
                pot.stage = Stage::Active;
                self.write(line, vec![(place, coming)], 0, false)?;
                self.repay();
            }
        }
        Ok(())
    }

    /// A grant's time is up: some of what is free rolls over, the rest waits for late usage or expires.
    pub(super) fn end(&mut self, place: usize, now: Timestamp) -> Result<(), Refusal> {
        let free = self.pots[place].at(Place::Free);
        let rolled = self.pots[place].rollover.map_or(0, |rollover| rollover.cap.get().min(free));
        if rolled > 0 {
            let pot = &mut self.pots[place];
            // Once, and no more.
            let rollover = pot.rollover.take().unwrap();
            let heir = Pot {
                name: format!("rollover of {}", pot.name),
                kind: "rollover".to_owned(),
                amount: rolled,
                begin: self.clock,
                end: Some(rollover.until),
                late_until: None,
                rollover: None,
                stage: Stage::Active,
                claimed: 0,
                piles: vec![(Place::Free, rolled)],
                ..pot.clone()
            };
            pot.shift(Place::Free, Place::RolledOver, rolled);
            let line = self.about(place, "rollover", -rolled, now);
            self.write(line, vec![(place, -rolled)], 0, false)?;
            self.pots.push(heir);
            let heir = self.pots.len() - 1;
            let line = self.about(heir, "rollover", rolled, now);
            self.write(line, vec![(heir, rolled)], 0, false)?;
        }
        if self.pots[place].late_until.is_some_and(|until| until > self.clock) {
            self.pots[place].stage = Stage::Late;
            return Ok(());
        }
        self.expire(place, now)
    }

    fn expire(&mut self, place: usize, now: Timestamp) -> Result<(), Refusal> {
        self.pots[place].stage = Stage::Expired;
        let gone = self.pots[place].at(Place::Free);
        if gone == 0 {
            return Ok(());
        }
        self.pots[place].shift(Place::Free, Place::Expired, gone);
        let line = self.about(place, "expiry", -gone, now);
        self.write(line, vec![(place, -gone)], 0, false)
    }

    /// A line that names a grant.
    pub(super) fn about(&self, place: usize, kind: &str, amount: i64, now: Timestamp) -> Line {
        Line { grant: Some(self.pots[place].name.clone()), ..self.line(kind, amount, now) }
    }

    /// The next moment at which time changes anything.
    pub(super) fn next_change(&self) -> Option<Timestamp> {
        let live = self.pots.iter().filter(|pot| pot.left() > 0);
        let pots = live.filter_map(|pot| match pot.stage {
            Stage::Upcoming => Some(pot.begin),
            Stage::Active => pot.end,
            Stage::Late => pot.late_until,
            Stage::Expired | Stage::Voided => None,
        });
        let open = self.asides.iter().filter(|aside| aside.state == HoldState::Open);
        pots.chain(open.map(|aside| aside.expires_at)).min()
    }

    /// A grant that begins now, as a refund does.
    pub(super) fn refund(&mut self, name: String, amount: i64, end: Option<Timestamp>) -> usize {
        self.pots.push(Pot {
            name,
            kind: "reversal".to_owned(),
            source: Source::Refund,
            priority: 0,
            amount,
            begin: self.clock,
            end,
            late_until: None,
            rollover: None,
            stage: Stage::Active,
            claimed: 0,
            piles: vec![(Place::Free, amount)],
        });
        self.pots.len() - 1
    }
}
