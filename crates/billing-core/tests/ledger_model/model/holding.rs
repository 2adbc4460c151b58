//! Setting credits aside, settling that, and letting go of it.

use billing_core::ledger::{CaptureHold, HoldState, PlaceHold, Refusal, Shortfall, SpendCredits, Stage};
use billing_core::values::{HoldId, Timestamp};

use super::story::{Aside, Place, Story, Telling, movable, narrow, some_of};
use super::taking::Parts;
use crate::told::Line;

impl Story {
    pub(super) fn set_aside(&mut self, telling: &Telling<'_>, asked: &PlaceHold) -> Result<(), Refusal> {
        let amount = movable(asked.amount)?;
        if asked.expires_at <= self.clock {
            return Err(Refusal::ExpiresTooEarly { expires_at: asked.expires_at });
        }
        let available = self.available();
        if i128::from(amount) > available + i128::from(telling.limit) {
            return Err(self.insufficient(amount, available));
        }
        let place = self.asides.len();
        let mut slices = Parts::default();
        let mut missing = amount;
        while missing > 0
            && let Some(pot) = self.burns_next(None)
        {
            let part = some_of(i128::from(missing), self.pots[pot].at(Place::Free));
            self.pots[pot].shift(Place::Free, Place::Pinned(place), part);
            slices.add(pot, part);
            missing -= part;
        }
        let key = telling.posting.key.as_str();
        let earlier = self.asides.iter().filter(|aside| aside.name.starts_with(&format!("{key} "))).count();
        self.asides.push(Aside {
            name: format!("{key} {}", earlier + 1),
            amount,
            captured: 0,
            state: HoldState::Open,
            placed_at: self.clock,
            expires_at: asked.expires_at,
            ended_at: None,
            slices: slices.0,
            uncovered: missing,
            uncovered_left: missing,
        });
        narrow(self.held()).map(drop)
    }

    pub(super) fn capture(&mut self, telling: &Telling<'_>, asked: &CaptureHold) -> Result<(), Refusal> {
        let place = self.find_aside(telling, asked.hold)?;
        // Who names no amount means all that was set aside and not captured.
        let aside = &self.asides[place];
        let all = billing_core::values::Credits::new(aside.amount - aside.captured);
        let named = asked.amount.unwrap_or(all);
        let nothing = asked.usage.is_none() && named.is_zero() && asked.last;
        if self.asides[place].state == HoldState::Lapsed && asked.or_spend {
            let spend = SpendCredits {
                usage: asked.usage.clone(),
                shortfall: Shortfall::Refuse,
                ..SpendCredits::new(named, asked.kind.clone(), String::new())
            };
            return if nothing { Ok(()) } else { self.spend(telling, &spend) };
        }
        self.must_be_open(place, asked.hold)?;
        let amount = if nothing { 0 } else { self.whole(named, asked.usage.as_ref())? };
        let within = amount.min(self.set_aside_by(place));
        let beyond = amount - within;
        let available = self.available();
        if beyond > 0 && i128::from(beyond) > available + i128::from(telling.limit) {
            return Err(self.insufficient(beyond, available));
        }
        self.meter(asked.usage.as_ref());
        if within > 0 {
            let (parts, owed) = self.take_from(place, within);
            self.write(self.captured(telling, asked, place, within), parts, owed, true)?;
        }
        if beyond > 0 {
            let mut parts = Parts::default();
            let owed = self.draw(beyond, None, &mut parts);
            self.write(self.captured(telling, asked, place, beyond), parts.0, owed, true)?;
        }
        if asked.last && self.asides[place].state == HoldState::Open {
            self.let_go(place, HoldState::Captured, telling.now, Some(telling))?;
        }
        Ok(())
    }

    /// Takes what a hold sets aside: what it pinned, then what no grant covered when it was placed.
    fn take_from(&mut self, place: usize, amount: i64) -> (Vec<(usize, i64)>, i64) {
        let seq = self.next_seq();
        let mut missing = amount;
        let mut parts = Parts::default();
        let pots: Vec<usize> = self.asides[place].slices.iter().map(|(pot, _)| *pot).collect();
        for pot in pots {
            let part = self.pots[pot].at(Place::Pinned(place)).min(missing);
            if part > 0 {
                self.pots[pot].shift(Place::Pinned(place), Place::Spent(seq), part);
                parts.add(pot, -part);
                missing -= part;
            }
        }
        self.asides[place].uncovered_left -= missing;
        self.asides[place].captured += amount;
        let owed = self.draw(missing, None, &mut parts);
        if self.set_aside_by(place) == 0 {
            self.asides[place].state = HoldState::Captured;
            self.asides[place].ended_at = Some(self.clock);
        }
        (parts.0, owed)
    }

    fn captured(&self, telling: &Telling<'_>, asked: &CaptureHold, place: usize, amount: i64) -> Line {
        telling.sign(Line {
            hold: Some(self.asides[place].name.clone()),
            meter: asked.usage.as_ref().map(|usage| usage.meter.clone()),
            ..self.line(asked.kind.as_str(), -amount, telling.now)
        })
    }

    pub(super) fn release(&mut self, telling: &Telling<'_>, hold: HoldId) -> Result<(), Refusal> {
        let place = self.find_aside(telling, hold)?;
        self.must_be_open(place, hold)?;
        self.let_go(place, HoldState::Released, telling.now, Some(telling))
    }

    pub(super) fn extend_hold(
        &mut self,
        telling: &Telling<'_>,
        hold: HoldId,
        expires_at: Timestamp,
    ) -> Result<(), Refusal> {
        let place = self.find_aside(telling, hold)?;
        self.must_be_open(place, hold)?;
        if expires_at <= self.clock {
            return Err(Refusal::ExpiresTooEarly { expires_at });
        }
        self.asides[place].expires_at = expires_at;
        Ok(())
    }

    /// Ends a hold: what it pinned is free again, or ends at once where its grant has ended since.
    pub(super) fn let_go(
        &mut self,
        place: usize,
        state: HoldState,
        now: Timestamp,
        by: Option<&Telling<'_>>,
    ) -> Result<(), Refusal> {
        let aside = &mut self.asides[place];
        aside.state = state;
        aside.ended_at = Some(self.clock);
        aside.uncovered_left = 0;
        for (pot, _) in aside.slices.clone() {
            let part = self.pots[pot].at(Place::Pinned(place));
            let (kind, to) = match self.pots[pot].stage {
                Stage::Expired => ("expiry", Place::Expired),
                Stage::Voided => ("void", Place::Voided),
                _ => ("", Place::Free),
            };
            self.pots[pot].shift(Place::Pinned(place), to, part);
            if part > 0 && to != Place::Free {
                let line = self.about(pot, kind, -part, now);
                let line = by.map_or(line.clone(), |telling| telling.sign(line));
                self.write(line, vec![(pot, -part)], 0, false)?;
            }
        }
        Ok(())
    }

    pub(super) fn find_aside(&self, telling: &Telling<'_>, hold: HoldId) -> Result<usize, Refusal> {
        let name = telling.names.hold(telling.posting.account, hold);
        let place = name.and_then(|name| self.asides.iter().position(|aside| aside.name == name));
        place.ok_or(Refusal::UnknownHold { hold })
    }

    fn must_be_open(&self, place: usize, hold: HoldId) -> Result<(), Refusal> {
        let aside = &self.asides[place];
        match aside.state {
            HoldState::Open => Ok(()),
            HoldState::Lapsed => Err(Refusal::HoldExpired { hold, expired_at: aside.expires_at }),
            state => Err(Refusal::HoldClosed { hold, state }),
        }
    }
}
