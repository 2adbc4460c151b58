//! Setting credits aside, and letting them go.

use super::super::advance::forfeit;
use crate::ledger::draft::Draft;
use crate::ledger::{Hold, HoldState, PlaceHold, Posting, Refusal, Slice, Stage};
use crate::values::{Credits, HoldId, Timestamp};

pub(super) fn place(draft: &mut Draft<'_>, posting: &Posting, asked: &PlaceHold) -> Result<(), Refusal> {
    if !asked.amount.is_amount() {
        return Err(Refusal::InvalidAmount { amount: asked.amount });
    }
    if asked.expires_at <= draft.now {
        return Err(Refusal::ExpiresTooEarly { expires_at: asked.expires_at });
    }
    let balance = &draft.state.balance;
    if balance.room() < asked.amount {
        let (available, held) = (balance.available(), balance.held);
        return Err(Refusal::InsufficientCredits { required: asked.amount, available, held });
    }
    let mut missing = asked.amount;
    let mut pinned = Vec::new();
    for grant in draft.state.live_grants() {
        let part = missing.min(grant.spendable());
        if part.is_zero() {
            continue;
        }
        missing = missing.minus(part)?;
        let mut grant = grant.clone();
        grant.pinned = grant.pinned.plus(part)?;
        pinned.push((grant, part));
    }
    let mut slices = Vec::with_capacity(pinned.len());
    for (grant, part) in pinned {
        slices.push(Slice { grant: grant.id, amount: part, left: part });
        draft.put_grant(grant)?;
    }
    draft.put_hold(Hold {
        id: HoldId::new(draft.ids),
        account: posting.account,
        amount: asked.amount,
        captured: Credits::ZERO,
        state: HoldState::Open,
        slices,
        uncovered: missing,
        uncovered_left: missing,
        quote: asked.quote.clone(),
        description: asked.description.clone(),
        metadata: asked.metadata.clone(),
        actor: posting.actor.clone(),
        posting_key: posting.key.clone(),
        placed_at: draft.now,
        expires_at: asked.expires_at,
        ended_at: None,
    })
}

pub(super) fn release(draft: &mut Draft<'_>, posting: &Posting, hold: HoldId) -> Result<(), Refusal> {
    let hold = open(draft, hold)?;
    let_go(draft, hold, HoldState::Released, draft.now, Some(posting))
}

pub(super) fn extend(draft: &mut Draft<'_>, hold: HoldId, expires_at: Timestamp) -> Result<(), Refusal> {
    let mut hold = open(draft, hold)?;
    if expires_at <= draft.now {
        return Err(Refusal::ExpiresTooEarly { expires_at });
    }
    hold.expires_at = expires_at;
    draft.put_hold(hold)
}

/// The hold, if it can still be settled.
pub(super) fn open(draft: &Draft<'_>, id: HoldId) -> Result<Hold, Refusal> {
    let hold = draft.state.hold(id).ok_or(Refusal::UnknownHold { hold: id })?;
    match hold.state {
        HoldState::Open => Ok(hold.clone()),
        HoldState::Lapsed => Err(Refusal::HoldExpired { hold: id, expired_at: hold.expires_at }),
        state => Err(Refusal::HoldClosed { hold: id, state }),
    }
}

/// Ends a hold: what it still sets aside goes back to its grants. What a grant that has ended in the
/// meantime gets back ends with it, at once.
pub(in crate::ledger) fn let_go(
    draft: &mut Draft<'_>,
    mut hold: Hold,
    state: HoldState,
    at: Timestamp,
    by: Option<&Posting>,
) -> Result<(), Refusal> {
    let mut freed = Vec::new();
    for slice in &mut hold.slices {
        freed.push((slice.grant, std::mem::replace(&mut slice.left, Credits::ZERO)));
    }
    hold.uncovered_left = Credits::ZERO;
    hold.state = state;
    hold.ended_at = Some(at);
    draft.put_hold(hold)?;
    for (id, part) in freed.into_iter().filter(|(_, part)| !part.is_zero()) {
        let mut grant = draft.state.grant(id).ok_or(Refusal::UnknownGrant { grant: id })?.clone();
        grant.pinned = grant.pinned.minus(part)?;
        match grant.stage {
            Stage::Upcoming | Stage::Active | Stage::Late => draft.put_grant(grant)?,
            ended @ (Stage::Expired | Stage::Voided) => {
                let why = if ended == Stage::Voided { "Called off" } else { "Expired" };
                let words = format!("{why}: {}", grant.description);
                let by = by.map(|posting| (posting, words.as_str()));
                forfeit(draft, grant, ended, part, at, by)?;
            }
        }
    }
    Ok(())
}
