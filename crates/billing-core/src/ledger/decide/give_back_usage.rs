//! Reversals of usage.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::give_back::{give_anew, give_back};
use super::metering::{Metering, Report};
use super::take::movable;
use crate::catalog::MILLIONTHS;
use crate::ledger::draft::Draft;
use crate::ledger::{
    EntryType, HoldState, Posting, Refusal, ReverseSpend, Reversible, UsageLeft, UsageRecord,
};
use crate::values::{Credits, UsageId};

/// Returns the exact price of `usages`, fractions included: afterwards all usage of a meter has cost what it would
/// have cost without them.
///
/// Credits that they took themselves return to their grants. Usage whose fraction made other usage reach a whole
/// credit may free one more credit, which that other usage had paid; it returns as a new grant.
pub(super) fn give_back_usage(
    draft: &mut Draft<'_>,
    posting: &Posting,
    asked: &ReverseSpend,
    spend: Option<Reversible>,
    usages: Vec<UsageLeft>,
) -> Result<(), Refusal> {
    let shares = match asked.amount {
        None => whole(&usages)?,
        Some(amount) => in_credits(&usages, movable(amount)?)?,
    };
    let report = Report {
        kind: &EntryType::REVERSAL,
        description: &asked.description,
        metadata: &asked.metadata,
        actor: &posting.actor,
        posting_key: Some(&posting.key),
        hold: None,
        occurred_at: draft.now,
    };
    let mut metering = Metering::new(report);
    let (mut own, mut others) = (Credits::ZERO, Credits::ZERO);
    for (mut usage, price) in usages.into_iter().zip(shares) {
        let Some(price) = price else { continue };
        let units =
            if price == usage.price_left() { usage.record.quantities.clone() } else { BTreeMap::new() };
        let due = due(draft, &mut metering, &usage.record, (price, &units))?;
        let mine = due.min(usage.credits_left());
        // Uncovered credits are not returned.
        let carry = metering.carried(draft, &usage.record.meter);
        let uncovered = due.minus(mine)?.min(carry.uncovered);
        carry.uncovered = carry.uncovered.minus(uncovered)?;
        let carried = carry.millionths;
        let anew = due.minus(mine)?.minus(uncovered)?;
        let back = mine.plus(anew)?;
        let record = UsageRecord {
            id: UsageId::new(draft.ids),
            entry: None,
            quantities: units,
            price: price.saturating_neg(),
            markup: share_of_markup(&usage.record, price).saturating_neg(),
            credits: back.negated()?,
            uncovered: uncovered.negated()?,
            carried,
            description: asked.description.clone(),
            metadata: asked.metadata.clone(),
            erased: None,
            actor: posting.actor.clone(),
            posting_key: Some(posting.key.clone()),
            returns: Some(usage.record.number),
            occurred_at: draft.now,
            recorded_at: draft.now,
            ..usage.record.clone()
        };
        metering.push(draft, record)?;
        own = own.plus(mine)?;
        others = others.plus(anew)?;
        usage.returned = usage.returned.saturating_add(price);
        usage.returned_credits = usage.returned_credits.plus(mine)?;
        usage.returns = usage.returns.saturating_add(1);
        draft.put_usage(usage);
    }
    let moves = !own.is_zero() || !others.is_zero();
    let mut usages = metering.record(draft, moves)?;
    if let Some(spend) = spend.filter(|_| !own.is_zero()) {
        give_back(draft, posting, asked, spend, (own, usages.take()))?;
    }
    if others.is_zero() { Ok(()) } else { give_anew(draft, posting, asked, others, usages) }
}

/// The markup in `price`, the returned part of a usage: pro rata of its whole price.
fn share_of_markup(usage: &UsageRecord, price: i64) -> i64 {
    let share = i128::from(usage.markup).saturating_mul(i128::from(price));
    i64::try_from(share.checked_div(i128::from(usage.price)).unwrap_or_default()).unwrap_or_default()
}

/// The remaining price of each usage; none for fully reversed ones.
fn whole(usages: &[UsageLeft]) -> Result<Vec<Option<i64>>, Refusal> {
    let share = |usage: &UsageLeft| usage.is_left().then(|| usage.price_left());
    let shares: Vec<_> = usages.iter().map(share).collect();
    if shares.iter().all(Option::is_none) {
        return Err(Refusal::ReversedBefore { required: Credits::new(1), left: Credits::ZERO });
    }
    Ok(shares)
}

/// The part of each usage's price that corresponds to `amount` credits that it took itself, from the last usage on.
fn in_credits(usages: &[UsageLeft], amount: Credits) -> Result<Vec<Option<i64>>, Refusal> {
    let credit = i64::from(MILLIONTHS);
    let mut missing = amount;
    let mut shares = vec![None; usages.len()];
    for (usage, share) in usages.iter().zip(&mut shares).rev() {
        let priced = Credits::new(usage.price_left().max(0).div_euclid(credit));
        let part = missing.min(usage.credits_left()).min(priced);
        if part > Credits::ZERO {
            missing = missing.minus(part)?;
            *share = Some(part.get().saturating_mul(credit));
        }
    }
    if missing.is_zero() {
        return Ok(shares);
    }
    Err(Refusal::ReversedBefore { required: amount, left: amount.minus(missing)? })
}

/// The whole credits that become free when `price` millionths of a usage are returned. While the hold that it was
/// captured from is open, the fraction is kept with the hold instead of the carry.
fn due(
    draft: &mut Draft<'_>,
    metering: &mut Metering<'_>,
    usage: &UsageRecord,
    (price, units): (i64, &BTreeMap<String, Decimal>),
) -> Result<Credits, Refusal> {
    let hold = usage.hold.and_then(|hold| draft.state.hold(hold)).cloned();
    if let Some(mut hold) = hold.filter(|hold| hold.state == HoldState::Open) {
        let of = |held: &&mut crate::ledger::HeldUsage| {
            held.tariff.meter == usage.meter && held.tariff.dimensions == usage.dimensions
        };
        if let Some(held) = hold.usages.iter_mut().find(of) {
            let due = held.give_back(price, units);
            draft.put_hold(hold)?;
            return Ok(due);
        }
    }
    let due = metering.carried(draft, &usage.meter).book(price.saturating_neg());
    Ok(due.negated()?)
}
