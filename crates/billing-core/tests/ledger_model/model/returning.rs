//! Giving a spend back.

use std::collections::BTreeMap;

use billing_core::ledger::{HoldState, Refusal, ReverseSpend, Stage, Taken};
use billing_core::values::Credits;

use super::metering::Use;
use super::story::{Place, Story, Telling, clamped, movable, some_of};
use super::taking::Parts;
use crate::told::Line;

impl Story {
    pub(super) fn reverse(&mut self, telling: &Telling<'_>, asked: &ReverseSpend) -> Result<(), Refusal> {
        if asked.refund_expires_at <= self.clock {
            return Err(Refusal::ExpiresTooEarly { expires_at: asked.refund_expires_at });
        }
        let account = telling.posting.account;
        let (target, uses) = match asked.taken {
            Taken::Entry(entry) => {
                let unknown = Refusal::UnknownEntry { entry };
                let seq = telling.names.entry(account, entry).ok_or(unknown.clone())?;
                let target = usize::try_from(seq).unwrap() - 1;
                let spend = self.written.get(target).ok_or(unknown)?;
                if !spend.spend {
                    return Err(Refusal::NotReversible { kind: spend.line.kind.clone() });
                }
                let paid = |(_, one): &(usize, &Use)| one.told.entry == Some(seq);
                let uses = self.uses.iter().enumerate().filter(paid).map(|(place, _)| place).collect();
                (Some(target), uses)
            }
            Taken::Usage(usage) => {
                let number = telling.names.usage(account, usage).ok_or(Refusal::UnknownUsage { usage })?;
                let place = usize::try_from(number).unwrap() - 1;
                let one = self.uses.get(place).ok_or(Refusal::UnknownUsage { usage })?;
                if one.told.returns.is_some() {
                    return Err(Refusal::NotReversible { kind: "reversal".to_owned() });
                }
                (one.told.entry.map(|seq| usize::try_from(seq).unwrap() - 1), vec![place])
            }
        };
        if !uses.is_empty() {
            return self.give_back_uses(telling, asked, target, &uses);
        }
        let target = target.unwrap();
        let seq = i64::try_from(target).unwrap() + 1;
        let kept: i128 = self.pots.iter().map(|pot| i128::from(pot.at(Place::Spent(seq)))).sum();
        let left = Credits::new(clamped(kept + i128::from(self.written[target].owed)));
        let required = asked.amount.unwrap_or(left.max(Credits::new(1)));
        let amount = movable(required)?;
        if required > left {
            return Err(Refusal::ReversedBefore { required, left });
        }
        self.give_back(telling, asked, target, amount, None)
    }

    /// Gives usage back: what all usage of the meter came to is then what it would have come to without it.
    fn give_back_uses(
        &mut self,
        telling: &Telling<'_>,
        asked: &ReverseSpend,
        target: Option<usize>,
        places: &[usize],
    ) -> Result<(), Refusal> {
        let mut shares: Vec<(usize, i64)> = Vec::new();
        match asked.amount {
            None => {
                for place in places {
                    let one = &self.uses[*place];
                    let left = one.told.price - one.returned;
                    let end = one.told.hold.is_some() && one.told.price == 0 && one.told.units.is_empty();
                    if left > 0 || (one.told.price == 0 && one.returns == 0 && !end) {
                        shares.push((*place, left));
                    }
                }
                if shares.is_empty() {
                    let (required, left) = (Credits::new(1), Credits::ZERO);
                    return Err(Refusal::ReversedBefore { required, left });
                }
            }
            Some(amount) => {
                let mut missing = movable(amount)?;
                for place in places.iter().rev() {
                    let one = &self.uses[*place];
                    let own = one.told.credits - one.returned_credits;
                    let part = missing.min(own).min((one.told.price - one.returned) / 1_000_000);
                    if part > 0 {
                        missing -= part;
                        shares.push((*place, part * 1_000_000));
                    }
                }
                if missing > 0 {
                    let left = Credits::new(amount.get() - missing);
                    return Err(Refusal::ReversedBefore { required: amount, left });
                }
                shares.reverse();
            }
        }
        let (mut own, mut others) = (0, 0);
        let mut backs = Vec::new();
        for (place, share) in shares {
            let whole = share == self.uses[place].told.price - self.uses[place].returned;
            let units = if whole { self.uses[place].told.units.values().sum() } else { 0 };
            let due = self.free_by(place, share, units);
            let one = &mut self.uses[place];
            let mine = due.min(one.told.credits - one.returned_credits);
            one.returned += share;
            one.returned_credits += mine;
            one.returns += 1;
            let one = one.clone();
            let meter = self.meters.entry(one.told.meter.clone()).or_default();
            let uncovered = (due - mine).min(meter.uncovered);
            meter.uncovered -= uncovered;
            let anew = due - mine - uncovered;
            own += mine;
            others += anew;
            let mut back = one.clone();
            back.told.price = -share;
            let markup = i128::from(one.told.markup) * i128::from(share);
            let markup = markup.checked_div(i128::from(one.told.price)).unwrap_or_default();
            back.told.markup = -i64::try_from(markup).unwrap();
            back.told.credits = -(mine + anew);
            back.told.uncovered = -uncovered;
            back.told.units = if whole { one.told.units.clone() } else { BTreeMap::new() };
            back.told.carried = self.carried(&one.told.meter);
            back.told.returns = Some(i64::try_from(place).unwrap() + 1);
            (back.told.occurred_at, back.told.recorded_at) = (self.clock, telling.now);
            (back.returned, back.returned_credits, back.returns) = (0, 0, 0);
            self.count(&back, -1);
            backs.push(telling.sign_use(back, &one.told.kind));
        }
        let mut usages = self.note(backs, own + others > 0);
        if let Some(target) = target.filter(|_| own > 0) {
            self.give_back(telling, asked, target, own, usages.take())?;
        }
        if others > 0 {
            self.fits(others)?;
            let by = self.next_seq();
            let place = self.refund(format!("repaid by {by}"), others, None);
            let line = Line { usages, ..self.line("reversal", others, telling.now) };
            self.write(telling.sign(line), vec![(place, others)], 0, false)?;
        }
        Ok(())
    }

    /// How many whole credits become free when so much of a usage is taken out of what its meter cost.
    fn free_by(&mut self, place: usize, share: i64, units: i64) -> i64 {
        let one = &self.uses[place];
        let meter = one.told.meter.clone();
        if let Some((aside, which)) = one.held
            && self.asides[aside].state == HoldState::Open
        {
            let held = &mut self.asides[aside].usages[which];
            held.returned += i128::from(share);
            held.given_back += units;
            let over = (held.booked - held.price()).max(0);
            let due = over.div_euclid(1_000_000) + i128::from(over.rem_euclid(1_000_000) > 0);
            held.booked -= due * 1_000_000;
            return -self.book(&meter, -due * 1_000_000);
        }
        -self.book(&meter, -i128::from(share))
    }

    /// Gives credits back one by one, beginning with what was drawn last: what was owed, then to each grant
    /// what it gave, or as a grant of its own where that one has ended.
    fn give_back(
        &mut self,
        telling: &Telling<'_>,
        asked: &ReverseSpend,
        target: usize,
        amount: i64,
        usages: Option<(i64, i64)>,
    ) -> Result<(), Refusal> {
        self.fits(amount)?;
        let seq = i64::try_from(target).unwrap() + 1;
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
        let line = Line { reverses: Some(seq), usages, ..self.line("reversal", amount, telling.now) };
        self.write(telling.sign(line), parts.0, -forgiven, false)
    }
}
