//! Setting credits aside, settling that, and letting go of it.

use billing_core::ledger::{
    CaptureHold, Charge, ExtendHold, HoldState, PlaceHold, RatedUsage, Refusal, Shortfall, Stage,
};
use billing_core::values::{Credits, HoldId, Timestamp};

use super::metering::{HeldStory, Use, units};
use super::story::{Aside, Place, Story, Telling, clamped, movable, narrow, some_of};
use super::taking::Parts;
use crate::told::Line;

impl Story {
    pub(super) fn set_aside(&mut self, telling: &Telling<'_>, asked: &PlaceHold) -> Result<(), Refusal> {
        if asked.expires_at <= self.clock {
            return Err(Refusal::ExpiresTooEarly { expires_at: asked.expires_at });
        }
        let (amount, usages) = match &asked.charge {
            Charge::Credits(amount) => (Some(movable(*amount)?), Vec::new()),
            Charge::Usage(asked) => (None, placed(asked)),
        };
        let key = telling.posting.key.as_str();
        let earlier = self.asides.iter().filter(|aside| aside.name.starts_with(&format!("{key} "))).count();
        self.asides.push(Aside {
            name: format!("{key} {}", earlier + 1),
            amount: 0,
            captured: 0,
            overrun: 0,
            usages,
            state: HoldState::Open,
            placed_at: self.clock,
            expires_at: asked.expires_at,
            ended_at: None,
            slices: Vec::new(),
            uncovered: 0,
            uncovered_left: 0,
        });
        let place = self.asides.len() - 1;
        let amount = amount.unwrap_or_else(|| self.most(place));
        self.set_more_aside(telling, place, amount)
    }

    fn set_more_aside(&mut self, telling: &Telling<'_>, place: usize, amount: i64) -> Result<(), Refusal> {
        let available = self.available();
        if amount > 0 && i128::from(amount) > available + i128::from(telling.limit) {
            return Err(self.insufficient(amount, available));
        }
        let mut slices = Parts(std::mem::take(&mut self.asides[place].slices));
        let mut missing = amount;
        while missing > 0
            && let Some(pot) = self.burns_next(None)
        {
            let part = some_of(i128::from(missing), self.pots[pot].at(Place::Free));
            self.pots[pot].shift(Place::Free, Place::Pinned(place), part);
            slices.add(pot, part);
            missing -= part;
        }
        let aside = &mut self.asides[place];
        aside.slices = slices.0;
        aside.amount += amount;
        aside.uncovered += missing;
        aside.uncovered_left += missing;
        narrow(self.held()).map(drop)
    }

    pub(super) fn capture(&mut self, telling: &Telling<'_>, asked: &CaptureHold) -> Result<(), Refusal> {
        let hold = asked.hold;
        let place = self.find_aside(telling, hold)?;
        let lapsed = self.asides[place].state == HoldState::Lapsed;
        if lapsed && self.is_reached(place) {
            return Err(Refusal::HoldSettled { hold });
        }
        if !(lapsed && asked.or_spend) {
            self.must_be_open(place, hold)?;
        }
        let mut uses = Vec::new();
        let mut amount = 0;
        let placed = self.asides[place].usages.iter().any(|held| held.placed);
        match &asked.charge {
            Some(Charge::Credits(nothing)) if asked.last && nothing.is_zero() => {}
            Some(Charge::Credits(credits)) => amount = movable(*credits)?,
            Some(Charge::Usage(usages)) => {
                for usage in usages {
                    uses.push(self.capture_use(place, usage, telling.now));
                }
            }
            None if placed => {
                for held in self.asides[place].usages.clone().into_iter().filter(|held| held.placed) {
                    let rest = held.rest();
                    if held.captures > 0 && rest.values().all(|units| *units == 0) {
                        continue;
                    }
                    let quantities = rest.into_iter().map(|(name, units)| (name, units.into())).collect();
                    let usage = RatedUsage { tariff: held.tariff, quantities };
                    uses.push(self.capture_use(place, &usage, telling.now));
                }
            }
            // Who names nothing means all that was set aside and not captured.
            None => {
                let aside = &self.asides[place];
                let all = if lapsed { aside.amount - aside.captured } else { self.set_aside_by(place) };
                amount = if asked.last { all } else { movable(Credits::new(all))? };
            }
        }
        if asked.last {
            self.book_rests(place, &mut uses, telling.now);
        }
        let kind = asked.kind.as_str();
        let uses = uses.into_iter().map(|one| telling.sign_use(one, kind)).collect();
        let line = |story: &Self, taken: i64| telling.sign(story.line(kind, -taken, telling.now));
        self.take_for(place, uses, amount, asked.shortfall, telling.limit, line)?;
        match self.asides[place].state {
            HoldState::Open if asked.last => {
                self.release_slices(place, HoldState::Captured, telling.now, Some(telling))
            }
            HoldState::Lapsed if asked.last || self.is_reached(place) => {
                self.asides[place].state = HoldState::Settled;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Takes credits for usage of a hold, and `amount` besides: out of the hold, then out of what is free, then as
    /// `shortfall` says.
    fn take_for(
        &mut self,
        place: usize,
        mut uses: Vec<Use>,
        amount: i64,
        shortfall: Shortfall,
        limit: i64,
        line: impl Fn(&Self, i64) -> Line,
    ) -> Result<(), Refusal> {
        let required = amount + uses.iter().map(|one| one.told.credits).sum::<i64>();
        let within = required.min(self.set_aside_by(place));
        let beyond = required - within;
        let available = self.available();
        let room = (available + i128::from(limit)).max(0);
        let free = match shortfall {
            Shortfall::Owe => beyond,
            Shortfall::TakeWhatIsThere => clamped(i128::from(beyond).min(available.max(0))),
            Shortfall::Refuse if i128::from(beyond) <= room => beyond,
            Shortfall::Refuse => return Err(self.insufficient(beyond, available)),
        };
        self.leave_uncovered(&mut uses, beyond - free);
        let taken = within + free;
        let usages = self.note(uses, taken > 0);
        let open = self.asides[place].state == HoldState::Open;
        let (parts, owed) = self.take_from(place, within, free);
        let aside = &mut self.asides[place];
        let counted = if open { within } else { taken.min(aside.amount - aside.captured) };
        aside.captured += counted;
        aside.overrun += taken - counted;
        if taken == 0 {
            return Ok(());
        }
        let hold = Some(self.asides[place].name.clone());
        let line = Line { hold, usages, ..line(self, taken) };
        self.write(line, parts, owed, true)
    }

    /// Takes what a hold sets aside: what it pinned, then what no grant covered when it was placed; and what is free
    /// beside it.
    fn take_from(&mut self, place: usize, amount: i64, free: i64) -> (Vec<(usize, i64)>, i64) {
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
        let owed = self.draw(missing + free, None, &mut parts);
        (parts.0, owed)
    }

    pub(super) fn release(&mut self, telling: &Telling<'_>, hold: HoldId) -> Result<(), Refusal> {
        let place = self.find_aside(telling, hold)?;
        self.must_be_open(place, hold)?;
        self.release_slices(place, HoldState::Released, telling.now, Some(telling))
    }

    pub(super) fn extend_hold(&mut self, telling: &Telling<'_>, asked: &ExtendHold) -> Result<(), Refusal> {
        let place = self.find_aside(telling, asked.hold)?;
        self.must_be_open(place, asked.hold)?;
        if let Some(expires_at) = asked.expires_at {
            if expires_at <= self.clock {
                return Err(Refusal::ExpiresTooEarly { expires_at });
            }
            self.asides[place].expires_at = expires_at;
        }
        let total = match &asked.charge {
            None => return Ok(()),
            Some(Charge::Credits(amount)) => movable(*amount)?,
            Some(Charge::Usage(usages)) => {
                for asked in placed(usages) {
                    let all = &mut self.asides[place].usages;
                    match all.iter_mut().find(|held| held.tariff == asked.tariff) {
                        Some(held) => (held.placed, held.held) = (true, asked.held),
                        None => all.push(asked),
                    }
                }
                self.most(place)
            }
        };
        let amount = self.asides[place].amount;
        if total < amount {
            return Err(Refusal::HoldShrinks { hold: asked.hold, amount: Credits::new(amount) });
        }
        self.set_more_aside(telling, place, total - amount)
    }

    /// Ends a hold: what it pinned is free again, or ends at once where its grant has ended since.
    pub(super) fn release_slices(
        &mut self,
        place: usize,
        state: HoldState,
        now: Timestamp,
        by: Option<&Telling<'_>>,
    ) -> Result<(), Refusal> {
        self.end_usage(place, now, by)?;
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

    /// What a hold has captured below one credit may make a credit with what all other usage left.
    fn end_usage(&mut self, place: usize, now: Timestamp, by: Option<&Telling<'_>>) -> Result<(), Refusal> {
        let mut uses = Vec::new();
        self.book_rests(place, &mut uses, now);
        let sign = |one: Use| match by {
            Some(telling) => telling.sign_use(one, "usage"),
            None => one,
        };
        let uses = uses.into_iter().map(sign).collect();
        let line = |story: &Self, taken: i64| {
            let line = story.line("usage", -taken, now);
            by.map_or(line.clone(), |telling| telling.sign(line))
        };
        self.take_for(place, uses, 0, Shortfall::TakeWhatIsThere, 0, line)
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
            HoldState::Settled => Err(Refusal::HoldSettled { hold }),
            state => Err(Refusal::HoldClosed { hold, state }),
        }
    }
}

/// The usage that a hold is for; the same usage twice is one call.
fn placed(asked: &[RatedUsage]) -> Vec<HeldStory> {
    let mut usages: Vec<HeldStory> = Vec::new();
    for usage in asked {
        match usages.iter_mut().find(|held| held.tariff == usage.tariff) {
            Some(held) => {
                for (name, units) in units(&usage.quantities) {
                    *held.held.entry(name).or_default() += units;
                }
            }
            None => usages.push(HeldStory::placed(usage)),
        }
    }
    usages
}
