//! Spends.

use super::asked_for;
use super::metering::{Metering, Report};
use crate::ledger::draft::{Draft, Links, Moved};
use crate::ledger::{Charge, Grant, Posting, Refusal, Shortfall, SpendCredits};
use crate::values::{Credits, Timestamp};

pub(super) fn take(draft: &mut Draft<'_>, posting: &Posting, asked: &SpendCredits) -> Result<(), Refusal> {
    if let Some(occurred_at) = asked.occurred_at.filter(|at| *at > draft.now) {
        return Err(Refusal::NotYetHappened { occurred_at });
    }
    let mut metering = Metering::new(Report {
        kind: &asked.kind,
        description: &asked.description,
        metadata: &asked.metadata,
        actor: &posting.actor,
        posting_key: Some(&posting.key),
        hold: None,
        occurred_at: asked.occurred_at.unwrap_or(draft.now),
    });
    let required = match &asked.charge {
        Charge::Credits(amount) => movable(*amount)?,
        Charge::Usage(usages) => {
            for usage in usages {
                let rating = metering.rate(draft, usage)?;
                metering.book(draft, usage, rating)?;
            }
            bounded(metering.credits()?)?
        }
    };
    let late = late_credits(draft, asked.occurred_at)?;
    let available = draft.state.balance.available().plus(late)?;
    let room = Credits::new(draft.state.balance.room().get().saturating_add(late.get()));
    let refused = || Refusal::InsufficientCredits { required, available, held: draft.state.balance.held };
    let amount = match asked.shortfall {
        Shortfall::Refuse if room < required => return Err(refused()),
        Shortfall::TakeWhatIsThere if available < required && available <= Credits::ZERO => {
            return Err(refused());
        }
        Shortfall::Refuse | Shortfall::Owe => required,
        Shortfall::TakeWhatIsThere => required.min(available),
    };
    metering.leave_uncovered(required.minus(amount)?)?;
    let usages = metering.record(draft, !amount.is_zero())?;
    if amount.is_zero() {
        return Ok(());
    }
    let (grants, owed) = draw(draft, amount, asked.occurred_at)?;
    let links = Links { usages, occurred_at: asked.occurred_at, ..Links::default() };
    let words = (asked.description.as_str(), &asked.metadata);
    let entry = asked_for(draft, posting, &asked.kind, amount.negated()?, words, links);
    draft.post(entry, Moved { grants, owed })
}

/// `amount`, if it is valid for a command.
pub(super) fn movable(amount: Credits) -> Result<Credits, Refusal> {
    if amount.is_amount() { Ok(amount) } else { Err(Refusal::InvalidAmount { amount }) }
}

/// `amount`, which may be zero, if it is at most the maximum of a command.
pub(super) fn bounded(amount: Credits) -> Result<Credits, Refusal> {
    let fits = (Credits::ZERO..=Credits::MAX_AMOUNT).contains(&amount);
    if fits { Ok(amount) } else { Err(Refusal::InvalidAmount { amount }) }
}

/// Draws `amount` from the free grants in burn order; the rest becomes debt, which the caller has to permit.
pub(super) fn draw(
    draft: &Draft<'_>,
    amount: Credits,
    occurred_at: Option<Timestamp>,
) -> Result<(Vec<(Grant, Credits)>, Credits), Refusal> {
    let mut missing = amount;
    let mut drawn = Vec::new();
    for grant in draft.state.live_grants() {
        if missing.is_zero() {
            break;
        }
        let part = missing.min(takeable(grant, occurred_at));
        if part.is_zero() {
            continue;
        }
        missing = missing.minus(part)?;
        let mut grant = grant.clone();
        grant.remaining = grant.remaining.minus(part)?;
        drawn.push((grant, part.negated()?));
    }
    let balance = &draft.state.balance;
    let covered = balance.buckets.total() >= amount;
    if !missing.is_zero() && covered {
        // The balance row promises more than the grants hold. Refusing is safe; the audit reports the difference.
        let available = amount.minus(missing)?;
        return Err(Refusal::InsufficientCredits { required: amount, available, held: balance.held });
    }
    Ok((drawn, missing))
}

fn takeable(grant: &Grant, occurred_at: Option<Timestamp>) -> Credits {
    let late = occurred_at.is_some_and(|moment| grant.takes_late(moment));
    if late { grant.free() } else { grant.spendable() }
}

/// The late credits of ended grants for usage that happened at `occurred_at`.
fn late_credits(draft: &Draft<'_>, occurred_at: Option<Timestamp>) -> Result<Credits, Refusal> {
    let Some(moment) = occurred_at.filter(|_| !draft.state.balance.late.is_zero()) else {
        return Ok(Credits::ZERO);
    };
    let late = draft.state.live_grants().filter(|grant| grant.takes_late(moment));
    Ok(Credits::sum(late.map(Grant::free))?)
}
