//! Settling a hold.

use super::take::{draw, fraction, whole};
use super::{asked_for, hold, take};
use crate::ledger::draft::{Draft, Links, Moved};
use crate::ledger::{CaptureHold, Grant, Hold, HoldState, Posting, Refusal, Shortfall, SpendCredits};
use crate::values::Credits;

pub(super) fn capture(draft: &mut Draft<'_>, posting: &Posting, asked: &CaptureHold) -> Result<(), Refusal> {
    let held = match hold::open(draft, asked.hold) {
        Err(Refusal::HoldExpired { .. }) if asked.or_spend => return spend(draft, posting, asked),
        held => held?,
    };
    let named = asked.amount.unwrap_or_else(|| held.left());
    let nothing = asked.usage.is_none() && named.is_zero() && asked.last;
    let amount = if nothing { Credits::ZERO } else { whole(draft, named, asked.usage.as_ref())? };
    let within = amount.min(held.left());
    let beyond = amount.minus(within)?;
    // What is captured leaves both what is posted and what is held, so what is available stays the same.
    let balance = &draft.state.balance;
    if !beyond.is_zero() && balance.room() < beyond {
        let required = beyond;
        let (available, held) = (balance.available(), balance.held);
        return Err(Refusal::InsufficientCredits { required, available, held });
    }
    if let Some(usage) = &asked.usage {
        let carried = fraction(draft, usage);
        draft.carry(&usage.meter, carried);
    }
    let held = settle(draft, posting, asked, held, within)?;
    if !beyond.is_zero() {
        let (grants, owed) = draw(draft, beyond, None)?;
        post(draft, posting, asked, beyond, Moved { grants, owed })?;
    }
    if asked.last && held.state == HoldState::Open {
        hold::let_go(draft, held, HoldState::Captured, draft.now, Some(posting))?;
    }
    Ok(())
}

/// Takes `amount` out of what the hold sets aside.
fn settle(
    draft: &mut Draft<'_>,
    posting: &Posting,
    asked: &CaptureHold,
    mut held: Hold,
    amount: Credits,
) -> Result<Hold, Refusal> {
    let mut missing = amount;
    let mut grants: Vec<(Grant, Credits)> = Vec::new();
    for slice in &mut held.slices {
        let part = missing.min(slice.left);
        if part.is_zero() {
            continue;
        }
        missing = missing.minus(part)?;
        slice.left = slice.left.minus(part)?;
        let grant = draft.state.grant(slice.grant).ok_or(Refusal::UnknownGrant { grant: slice.grant })?;
        let mut grant = grant.clone();
        grant.remaining = grant.remaining.minus(part)?;
        grant.pinned = grant.pinned.minus(part)?;
        grants.push((grant, part.negated()?));
    }
    held.captured = held.captured.plus(amount)?;
    held.uncovered_left = held.uncovered_left.minus(missing)?;
    if held.left().is_zero() {
        held.state = HoldState::Captured;
        held.ended_at = Some(draft.now);
    }
    draft.put_hold(held.clone())?;
    if amount.is_zero() {
        return Ok(held);
    }
    // What no grant covered when the hold was placed may be covered by now; the rest is owed.
    let pinned: Vec<_> = grants.iter().map(|(grant, _)| grant.id).collect();
    let (free, owed) = if missing.is_zero() { (Vec::new(), missing) } else { draw(draft, missing, None)? };
    for (grant, part) in free {
        if let Some(place) = pinned.iter().position(|id| *id == grant.id)
            && let Some((settled, moved)) = grants.get_mut(place)
        {
            settled.remaining = settled.remaining.plus(part)?;
            *moved = moved.plus(part)?;
        } else {
            grants.push((grant, part));
        }
    }
    post(draft, posting, asked, amount, Moved { grants, owed })?;
    Ok(held)
}

fn post(
    draft: &mut Draft<'_>,
    posting: &Posting,
    asked: &CaptureHold,
    amount: Credits,
    moved: Moved,
) -> Result<(), Refusal> {
    let links = Links { hold: Some(asked.hold), usage: asked.usage.clone(), ..Links::default() };
    let words = (asked.description.as_str(), &asked.metadata);
    let entry = asked_for(draft, posting, &asked.kind, amount.negated()?, words, links);
    draft.post(entry, moved)
}

/// The capture of a hold that lapsed, as an ordinary spend.
fn spend(draft: &mut Draft<'_>, posting: &Posting, asked: &CaptureHold) -> Result<(), Refusal> {
    let lapsed = draft.state.hold(asked.hold).ok_or(Refusal::UnknownHold { hold: asked.hold })?;
    let amount = asked.amount.unwrap_or_else(|| lapsed.unsettled());
    let spend = SpendCredits {
        amount,
        usage: asked.usage.clone(),
        shortfall: Shortfall::Refuse,
        occurred_at: None,
        kind: asked.kind.clone(),
        description: asked.description.clone(),
        metadata: asked.metadata.clone(),
    };
    if asked.usage.is_none() && amount.is_zero() && asked.last {
        return Ok(());
    }
    take::take(draft, posting, &spend)
}
