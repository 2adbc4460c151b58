//! Captures of holds.

use super::hold::{self, pin};
use super::metering::{Metering, Report};
use super::take::{bounded, draw, movable};
use crate::ledger::draft::{Draft, Links, Moved, NewEntry};
use crate::ledger::{
    Actor, CaptureHold, Charge, EntryType, Grant, HeldUsage, Hold, HoldState, Posting, RatedUsage, Refusal,
    Shortfall, SpendType,
};
use crate::values::{Credits, GrantId, Timestamp};

/// Takes the captured amount out of the hold's slices, and the part beyond them out of the free balance.
pub(super) fn capture(draft: &mut Draft<'_>, posting: &Posting, asked: &CaptureHold) -> Result<(), Refusal> {
    let hold = to_capture(draft, asked)?;
    let report = Report {
        kind: &asked.kind,
        description: &asked.description,
        metadata: &asked.metadata,
        actor: &posting.actor,
        posting_key: Some(&posting.key),
        hold: Some(hold.id),
        occurred_at: draft.now,
    };
    let mut settling = Settling { metering: Metering::new(report), report, hold, amount: Credits::ZERO };
    match &asked.charge {
        Some(Charge::Credits(nothing)) if asked.last && nothing.is_zero() => {}
        Some(Charge::Credits(amount)) => settling.amount = movable(*amount)?,
        Some(Charge::Usage(usages)) => settling.capture(draft, usages)?,
        None => settling.capture_rest(draft, asked.last)?,
    }
    if asked.last {
        settling.book(draft)?;
    }
    let mut hold = settling.carry_out(draft, asked.shortfall, draft.now)?;
    match hold.state {
        HoldState::Open if asked.last => {
            hold::release_slices(draft, hold, HoldState::Captured, draft.now, Some(posting))
        }
        HoldState::Lapsed if asked.last || hold.is_reached()? => {
            hold.state = HoldState::Settled;
            draft.put_hold(hold)
        }
        _ => Ok(()),
    }
}

/// The hold, if it can still be captured or spent in its place.
fn to_capture(draft: &Draft<'_>, asked: &CaptureHold) -> Result<Hold, Refusal> {
    let hold = asked.hold;
    let found = draft.state.hold(hold).ok_or(Refusal::UnknownHold { hold })?;
    match found.state {
        HoldState::Lapsed if found.is_reached()? => Err(Refusal::HoldSettled { hold }),
        HoldState::Lapsed if asked.or_spend => Ok(found.clone()),
        _ => hold::open(draft, hold),
    }
}

/// Charges the fraction of a credit that an ending hold's usage has accumulated, where it makes a credit together with
/// the carry. The end of a hold cannot be refused, so what nothing covers is dropped.
pub(super) fn book_rest(
    draft: &mut Draft<'_>,
    hold: Hold,
    at: Timestamp,
    by: Option<&Posting>,
) -> Result<Hold, Refusal> {
    if hold.usages.is_empty() {
        return Ok(hold);
    }
    let (kind, actor) = (EntryType::Spend(SpendType::default()), Actor::Time);
    let (description, metadata) = (hold.description.clone(), hold.metadata.clone());
    let report = Report {
        kind: &kind,
        description: &description,
        metadata: &metadata,
        actor: by.map_or(&actor, |posting| &posting.actor),
        posting_key: by.map(|posting| &posting.key),
        hold: Some(hold.id),
        occurred_at: at,
    };
    let mut settling = Settling { metering: Metering::new(report), report, hold, amount: Credits::ZERO };
    settling.book(draft)?;
    settling.carry_out(draft, Shortfall::TakeWhatIsThere, at)
}

/// A hold that is being captured.
struct Settling<'a> {
    metering: Metering<'a>,
    report: Report<'a>,
    hold: Hold,
    /// Credits that are captured as an amount, not for usage.
    amount: Credits,
}

impl Settling<'_> {
    fn is_open(&self) -> bool {
        self.hold.state == HoldState::Open
    }

    fn capture(&mut self, draft: &Draft<'_>, usages: &[RatedUsage]) -> Result<(), Refusal> {
        for usage in usages {
            let open = self.is_open();
            let place = self.held(usage);
            pin(&mut self.hold.usages, place, &usage.quantities, draft, |key| {
                self.metering.counted(draft, key)
            });
            let held = &mut self.hold.usages[place];
            let mut rating = held.capture(usage, open)?;
            if open {
                let due = held.due();
                self.metering.add(draft, usage, rating, due)?;
            } else {
                let (_, rest) = held.book()?;
                rating.price.price = rest;
                self.metering.book(draft, usage, rating)?;
            }
        }
        Ok(())
    }

    /// The whole uncaptured rest of the hold.
    fn capture_rest(&mut self, draft: &Draft<'_>, last: bool) -> Result<(), Refusal> {
        let placed: Vec<_> = self.hold.usages.iter().filter(|held| held.placed).collect();
        if placed.is_empty() {
            let all = if self.is_open() { self.hold.left() } else { self.hold.unsettled() };
            self.amount = if last { all } else { movable(all)? };
            return Ok(());
        }
        let rests = placed.into_iter().filter(|held| !held.has_no_rest()).map(HeldUsage::rest);
        let rests: Vec<_> = rests.collect();
        self.capture(draft, &rests)
    }

    /// The index of the hold's own record of `usage`, with its rates.
    fn held(&mut self, usage: &RatedUsage) -> usize {
        let usages = &mut self.hold.usages;
        let same = |held: &HeldUsage| held.tariff.is_of_the_same_usage(&usage.tariff);
        if let Some(place) = usages.iter().position(same) {
            usages[place].tariff.fill_in(&usage.tariff);
            return place;
        }
        usages.push(HeldUsage::unplaced(usage.tariff.clone()));
        usages.len().saturating_sub(1)
    }

    /// Ends the call of each usage: carries the fraction of a credit that its captures have accumulated.
    fn book(&mut self, draft: &Draft<'_>) -> Result<(), Refusal> {
        for held in &mut self.hold.usages {
            let booked = held.book()?;
            self.metering.settle(draft, &held.tariff, booked)?;
        }
        Ok(())
    }

    /// Takes the total: from the hold's slices first, then from the free balance, then by `shortfall`.
    fn carry_out(
        mut self,
        draft: &mut Draft<'_>,
        shortfall: Shortfall,
        at: Timestamp,
    ) -> Result<Hold, Refusal> {
        let required = bounded(self.amount.plus(self.metering.credits()?)?)?;
        let within = required.min(self.hold.left());
        let beyond = required.minus(within)?;
        let free = free_credits(draft, beyond, shortfall)?;
        self.metering.leave_uncovered(beyond.minus(free)?)?;
        let taken = within.plus(free)?;

        let (mut grants, mut missing) = release_slices(draft, &mut self.hold, within)?;
        self.hold.uncovered_left = self.hold.uncovered_left.minus(missing)?;
        let counted = if self.is_open() { within } else { taken.min(self.hold.unsettled()) };
        self.hold.captured = self.hold.captured.plus(counted)?;
        self.hold.overrun = self.hold.overrun.plus(taken.minus(counted)?)?;
        draft.put_hold(self.hold.clone())?;

        let usages = self.metering.record(draft, !taken.is_zero())?;
        if taken.is_zero() {
            return Ok(self.hold);
        }
        missing = missing.plus(free)?;
        // The part that no grant covered at the placement may be covered now; the rest becomes debt.
        let (drawn, owed) =
            if missing.is_zero() { (Vec::new(), missing) } else { draw(draft, missing, None)? };
        for (grant, part) in drawn {
            add_part(&mut grants, grant, part)?;
        }
        let entry = NewEntry {
            kind: self.report.kind.clone(),
            amount: taken.negated()?,
            description: self.report.description.to_owned(),
            actor: self.report.actor.clone(),
            posting_key: self.report.posting_key.cloned(),
            metadata: self.report.metadata.clone(),
            effective_at: at,
            links: Links { hold: Some(self.hold.id), usages, ..Links::default() },
        };
        draft.post(entry, Moved { grants, owed })?;
        Ok(self.hold)
    }
}

/// The credits to take of those `beyond` the hold.
fn free_credits(draft: &Draft<'_>, beyond: Credits, shortfall: Shortfall) -> Result<Credits, Refusal> {
    // A capture within the hold reduces posted and held alike, so the available balance is the free balance beside it.
    let balance = &draft.state.balance;
    match shortfall {
        Shortfall::Owe => Ok(beyond),
        Shortfall::TakeWhatIsThere => Ok(beyond.min(balance.available().max(Credits::ZERO))),
        Shortfall::Refuse if beyond <= balance.room().max(Credits::ZERO) => Ok(beyond),
        Shortfall::Refuse => Err(Refusal::InsufficientCredits {
            required: beyond,
            available: balance.available(),
            held: balance.held,
        }),
    }
}

type Parts = Vec<(Grant, Credits)>;

/// Takes `amount` out of the grants that the hold has pinned, in burn order, and returns the uncovered rest.
fn release_slices(draft: &Draft<'_>, hold: &mut Hold, amount: Credits) -> Result<(Parts, Credits), Refusal> {
    let mut missing = amount;
    let mut parts = Parts::new();
    for slice in &mut hold.slices {
        let part = missing.min(slice.left);
        if part.is_zero() {
            continue;
        }
        missing = missing.minus(part)?;
        slice.left = slice.left.minus(part)?;
        let unknown = |grant: GrantId| Refusal::UnknownGrant { grant };
        let mut grant = draft.state.grant(slice.grant).ok_or_else(|| unknown(slice.grant))?.clone();
        grant.remaining = grant.remaining.minus(part)?;
        grant.pinned = grant.pinned.minus(part)?;
        parts.push((grant, part.negated()?));
    }
    Ok((parts, missing))
}

/// Adds a free part of a grant to its pinned part.
fn add_part(parts: &mut Parts, grant: Grant, part: Credits) -> Result<(), Refusal> {
    if let Some((known, moved)) = parts.iter_mut().find(|(known, _)| known.id == grant.id) {
        known.remaining = known.remaining.plus(part)?;
        *moved = moved.plus(part)?;
    } else {
        parts.push((grant, part));
    }
    Ok(())
}
