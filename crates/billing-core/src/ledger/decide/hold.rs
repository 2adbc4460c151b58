//! Placing and releasing holds.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::super::advance::expire_remainder;
use super::capture::book_rest;
use super::take::{bounded, movable};
use crate::catalog::{MILLIONTHS, MonthKey};
use crate::ledger::draft::Draft;
use crate::ledger::{
    Charge, ExtendHold, HeldUsage, Hold, HoldState, PlaceHold, Posting, RatedUsage, Refusal, Slice, Stage,
};
use crate::values::{Credits, HoldId, Timestamp};

pub(super) fn place(draft: &mut Draft<'_>, posting: &Posting, asked: &PlaceHold) -> Result<(), Refusal> {
    if asked.expires_at <= draft.now {
        return Err(Refusal::ExpiresTooEarly { expires_at: asked.expires_at });
    }
    let (amount, usages) = match &asked.charge {
        Charge::Credits(amount) => (movable(*amount)?, Vec::new()),
        Charge::Usage(rated) => {
            let mut usages = placed(rated);
            pin_all(&mut usages, draft);
            (ceiling(&usages)?, usages)
        }
    };
    let mut hold = Hold {
        id: HoldId::new(draft.ids),
        account: posting.account,
        amount: Credits::ZERO,
        captured: Credits::ZERO,
        overrun: Credits::ZERO,
        state: HoldState::Open,
        usages,
        slices: Vec::new(),
        uncovered: Credits::ZERO,
        uncovered_left: Credits::ZERO,
        description: asked.description.clone(),
        metadata: asked.metadata.clone(),
        actor: posting.actor.clone(),
        posting_key: posting.key.clone(),
        placed_at: draft.now,
        expires_at: asked.expires_at,
        ended_at: None,
    };
    set_aside(draft, &mut hold, amount)?;
    draft.put_hold(hold)
}

/// The usage that a hold is for; repeated usage of one kind is one call.
fn placed(usages: &[RatedUsage]) -> Vec<HeldUsage> {
    let mut placed: Vec<HeldUsage> = Vec::new();
    for usage in usages {
        let same = |held: &&mut HeldUsage| held.tariff.is_of_the_same_usage(&usage.tariff);
        match placed.iter_mut().find(same) {
            Some(held) => {
                held.tariff.fill_in(&usage.tariff);
                held.hold_more(&usage.quantities);
            }
            None => placed.push(HeldUsage::placed(usage.clone())),
        }
    }
    placed
}

/// Pins the position in the month of all usage of a hold.
fn pin_all(usages: &mut [HeldUsage], draft: &Draft<'_>) {
    for place in 0..usages.len() {
        let quantities = usages[place].held.clone();
        pin(usages, place, &quantities, draft, |key| draft.state.counted(key));
    }
}

/// Pins the position in the month of those `quantities` of the usage at `place` that have monthly tiers: after
/// everything `counted`, and after the hold's other usage. So the hold's usage costs in parts what it would cost at
/// once.
pub(super) fn pin(
    usages: &mut [HeldUsage],
    place: usize,
    quantities: &BTreeMap<String, Decimal>,
    draft: &Draft<'_>,
    counted: impl Fn(&MonthKey) -> Decimal,
) {
    let month = draft.state.zone.month_of(draft.now);
    for key in usages[place].unpinned(quantities, month) {
        let others = usages.iter().map(|other| other.left_at(&key));
        let before = others.fold(counted(&key), |sum, left| sum.checked_add(left).unwrap_or(sum));
        usages[place].pin(key, before.normalize());
    }
}

/// The most whole credits that the usage can cost. Fractions add up within a meter.
fn ceiling(usages: &[HeldUsage]) -> Result<Credits, Refusal> {
    let mut prices: BTreeMap<&str, i64> = BTreeMap::new();
    for usage in usages {
        let price = prices.entry(&usage.tariff.meter).or_default();
        *price = price.saturating_add(usage.held_price()?);
    }
    let credit = i64::from(MILLIONTHS);
    let whole = |price: i64| price.div_euclid(credit).saturating_add(i64::from(price.rem_euclid(credit) > 0));
    bounded(Credits::new(prices.into_values().map(whole).fold(0, i64::saturating_add)))
}

/// Reserves `amount` more, from the free grants in burn order; the overdraft covers the rest.
fn set_aside(draft: &mut Draft<'_>, hold: &mut Hold, amount: Credits) -> Result<(), Refusal> {
    let balance = &draft.state.balance;
    if !amount.is_zero() && balance.room() < amount {
        return Err(Refusal::InsufficientCredits {
            required: amount,
            available: balance.available(),
            held: balance.held,
        });
    }
    let mut missing = amount;
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
    for (grant, part) in pinned {
        match hold.slices.iter_mut().find(|slice| slice.grant == grant.id) {
            Some(slice) => {
                slice.amount = slice.amount.plus(part)?;
                slice.left = slice.left.plus(part)?;
            }
            None => hold.slices.push(Slice { grant: grant.id, amount: part, left: part }),
        }
        draft.put_grant(grant)?;
    }
    hold.amount = hold.amount.plus(amount)?;
    hold.uncovered = hold.uncovered.plus(missing)?;
    hold.uncovered_left = hold.uncovered_left.plus(missing)?;
    Ok(())
}

pub(super) fn release(draft: &mut Draft<'_>, posting: &Posting, hold: HoldId) -> Result<(), Refusal> {
    let hold = open(draft, hold)?;
    release_slices(draft, hold, HoldState::Released, draft.now, Some(posting))
}

pub(super) fn extend(draft: &mut Draft<'_>, asked: &ExtendHold) -> Result<(), Refusal> {
    let mut hold = open(draft, asked.hold)?;
    if let Some(expires_at) = asked.expires_at {
        if expires_at <= draft.now {
            return Err(Refusal::ExpiresTooEarly { expires_at });
        }
        hold.expires_at = expires_at;
    }
    if let Some(charge) = &asked.charge {
        let amount = match charge {
            Charge::Credits(amount) => movable(*amount)?,
            Charge::Usage(usages) => {
                for usage in placed(usages) {
                    raise(&mut hold.usages, usage);
                }
                pin_all(&mut hold.usages, draft);
                ceiling(&hold.usages)?
            }
        };
        if amount < hold.amount {
            return Err(Refusal::HoldShrinks { hold: hold.id, amount: hold.amount });
        }
        let more = amount.minus(hold.amount)?;
        set_aside(draft, &mut hold, more)?;
    }
    draft.put_hold(hold)
}

/// Replaces what a hold is for.
fn raise(usages: &mut Vec<HeldUsage>, asked: HeldUsage) {
    match usages.iter_mut().find(|held| held.tariff.is_of_the_same_usage(&asked.tariff)) {
        Some(held) => {
            held.tariff.fill_in(&asked.tariff);
            held.placed = true;
            held.held = asked.held;
        }
        None => usages.push(asked),
    }
}

/// The hold, if it can still be settled.
pub(super) fn open(draft: &Draft<'_>, id: HoldId) -> Result<Hold, Refusal> {
    let hold = draft.state.hold(id).ok_or(Refusal::UnknownHold { hold: id })?;
    match hold.state {
        HoldState::Open => Ok(hold.clone()),
        HoldState::Lapsed => Err(Refusal::HoldExpired { hold: id, expired_at: hold.expires_at }),
        HoldState::Settled => Err(Refusal::HoldSettled { hold: id }),
        state => Err(Refusal::HoldClosed { hold: id, state }),
    }
}

/// Ends a hold: its remaining slices return to their grants. The part of a grant that has ended meanwhile expires at
/// once.
pub(in crate::ledger) fn release_slices(
    draft: &mut Draft<'_>,
    hold: Hold,
    state: HoldState,
    at: Timestamp,
    by: Option<&Posting>,
) -> Result<(), Refusal> {
    let mut hold = book_rest(draft, hold, at, by)?;
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
                expire_remainder(draft, grant, ended, part, at, by)?;
            }
        }
    }
    Ok(())
}
