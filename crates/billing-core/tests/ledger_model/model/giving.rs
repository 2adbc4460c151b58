//! Giving credits, and letting them live longer.

use billing_core::ledger::{GrantCredits, Refusal, Rollover, Stage};
use billing_core::values::{Credits, GrantId, Timestamp};

use super::story::{Place, Pot, Story, Telling, movable};
use crate::told::Line;

impl Story {
    pub(super) fn give(&mut self, telling: &Telling<'_>, asked: &GrantCredits) -> Result<(), Refusal> {
        let amount = movable(asked.amount)?;
        let begin = asked.effective_at.unwrap_or(self.clock).max(self.clock);
        if let Some(expires_at) = asked.expires_at
            && expires_at <= begin
        {
            return Err(Refusal::ExpiresTooEarly { expires_at });
        }
        if let Some(Rollover { until, .. }) = asked.rollover {
            match asked.expires_at {
                Some(end) if end < until => {}
                _ => return Err(Refusal::RolloverTooEarly { until }),
            }
        }
        if let Some(Rollover { cap, .. }) = asked.rollover
            && cap.get() < 0
        {
            return Err(Refusal::InvalidAmount { amount: cap });
        }
        self.fits(amount)?;
        let grace = i64::from(asked.late_seconds);
        let counts = begin == self.clock;
        self.pots.push(Pot {
            name: asked.business_key.as_str().to_owned(),
            kind: asked.kind.as_str().to_owned(),
            source: asked.source,
            priority: asked.priority,
            amount,
            begin,
            end: asked.expires_at,
            late_until: asked.expires_at.filter(|_| grace > 0).map(|end| end.plus_seconds(grace)),
            rollover: asked.rollover,
            stage: if counts { Stage::Active } else { Stage::Upcoming },
            claimed: 0,
            piles: vec![(if counts { Place::Free } else { Place::Coming }, amount)],
        });
        if !counts {
            return Ok(());
        }
        let place = self.pots.len() - 1;
        let line = self.about(place, asked.kind.as_str(), amount, telling.now);
        self.write(telling.sign(line), vec![(place, amount)], 0, false)
    }

    pub(super) fn extend_grant(
        &mut self,
        telling: &Telling<'_>,
        grant: GrantId,
        expires_at: Option<Timestamp>,
    ) -> Result<(), Refusal> {
        let place = self.find_pot(telling, grant)?;
        self.not_over(place, grant)?;
        let clock = self.clock;
        let pot = &mut self.pots[place];
        if let Some(expires_at) = expires_at {
            let longer = pot.end.is_some_and(|end| end <= expires_at);
            if !longer || expires_at <= pot.begin || expires_at <= clock {
                return Err(Refusal::ExpiresTooEarly { expires_at });
            }
        }
        // Grace and rollover keep their distance from the end; without an end there is neither.
        let longer_by = match (pot.end, expires_at) {
            (Some(before), Some(after)) => Some(after.micros() - before.micros()),
            _ => None,
        };
        let later = |until: Timestamp| Some(Timestamp::from_micros(until.micros() + longer_by?));
        pot.late_until = pot.late_until.and_then(later);
        pot.rollover =
            pot.rollover.and_then(|rollover| Some(Rollover { until: later(rollover.until)?, ..rollover }));
        pot.end = expires_at;
        if pot.stage == Stage::Late {
            pot.stage = Stage::Active;
        }
        Ok(())
    }

    pub(super) fn not_over(&self, place: usize, grant: GrantId) -> Result<(), Refusal> {
        let pot = &self.pots[place];
        match pot.stage {
            Stage::Upcoming | Stage::Active | Stage::Late => Ok(()),
            stage => Err(Refusal::GrantOver { grant, stage, remaining: Credits::new(pot.left()) }),
        }
    }

    pub(super) fn find_pot(&self, telling: &Telling<'_>, grant: GrantId) -> Result<usize, Refusal> {
        let name = telling.names.grant(telling.posting.account, grant);
        let place = name.and_then(|name| self.pots.iter().position(|pot| pot.name == name));
        place.ok_or(Refusal::UnknownGrant { grant })
    }
}

impl Telling<'_> {
    /// The line, as one that this posting wrote.
    pub(super) fn sign(&self, line: Line) -> Line {
        Line { by_time: false, key: Some(self.posting.key.as_str().to_owned()), ..line }
    }
}
