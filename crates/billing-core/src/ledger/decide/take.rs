//! Taking credits.

use super::asked_for;
use crate::ledger::draft::{Draft, Links, Moved};
use crate::ledger::{Grant, Metered, Posting, Refusal, Shortfall, SpendCredits};
use crate::values::{Credits, Timestamp};

/// How many millionths make a credit.
const MILLION: u32 = 1_000_000;

pub(super) fn take(draft: &mut Draft<'_>, posting: &Posting, asked: &SpendCredits) -> Result<(), Refusal> {
    if let Some(occurred_at) = asked.occurred_at.filter(|at| *at > draft.now) {
        return Err(Refusal::NotYetHappened { occurred_at });
    }
    let required = whole(draft, asked.amount, asked.usage.as_ref())?;
    let late = late_credits(draft, asked.occurred_at)?;
    let available = draft.state.balance.available().plus(late)?;
    let room = Credits::new(draft.state.balance.room().get().saturating_add(late.get()));
    let refused = || Refusal::InsufficientCredits { required, available, held: draft.state.balance.held };
    let amount = match asked.shortfall {
        Shortfall::Refuse if room < required => return Err(refused()),
        Shortfall::Refuse => required,
        Shortfall::TakeWhatIsThere if available < required && available <= Credits::ZERO => {
            return Err(refused());
        }
        Shortfall::TakeWhatIsThere => required.min(available),
    };
    if let Some(usage) = &asked.usage {
        let carried = fraction(draft, usage);
        draft.carry(&usage.meter, carried);
    }
    if amount.is_zero() {
        return Ok(());
    }
    let (grants, owed) = draw(draft, amount, asked.occurred_at)?;
    let links = Links { usage: asked.usage.clone(), occurred_at: asked.occurred_at, ..Links::default() };
    let words = (asked.description.as_str(), &asked.metadata);
    let entry = asked_for(draft, posting, &asked.kind, amount.negated()?, words, links);
    draft.post(entry, Moved { grants, owed })
}

/// The whole credits of an amount, with what was carried of its meter.
///
/// # Errors
///
/// [`Refusal::InvalidAmount`] if it is none that can be moved. Only metered usage may come to nothing.
pub(super) fn whole(draft: &Draft<'_>, amount: Credits, usage: Option<&Metered>) -> Result<Credits, Refusal> {
    let invalid = Refusal::InvalidAmount { amount };
    let Some(usage) = usage else {
        return if amount.is_amount() { Ok(amount) } else { Err(invalid) };
    };
    let carried = draft.state.carried(&usage.meter).saturating_add(usage.millionths);
    let Ok(sum) = amount.plus(Credits::new(i64::from(carried / MILLION))) else { return Err(invalid) };
    let fits = amount >= Credits::ZERO && usage.millionths < MILLION && sum <= Credits::MAX_AMOUNT;
    if fits { Ok(sum) } else { Err(invalid) }
}

/// What is carried of the usage's meter from now on, in millionths.
pub(super) fn fraction(draft: &Draft<'_>, usage: &Metered) -> u32 {
    draft.state.carried(&usage.meter).saturating_add(usage.millionths) % MILLION
}

/// Works out where `amount` comes from: free grants in burn order, and what they do not cover is owed. The
/// caller has made sure that it may be.
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
        // The kept row promised more than the grants hold. Refusing is the safe answer; the audit reports
        // the difference.
        let available = amount.minus(missing)?;
        return Err(Refusal::InsufficientCredits { required: amount, available, held: balance.held });
    }
    Ok((drawn, missing))
}

fn takeable(grant: &Grant, occurred_at: Option<Timestamp>) -> Credits {
    let late = occurred_at.is_some_and(|moment| grant.takes_late(moment));
    if late { grant.free() } else { grant.spendable() }
}

/// What grants past their end have left for usage that happened at `occurred_at`.
fn late_credits(draft: &Draft<'_>, occurred_at: Option<Timestamp>) -> Result<Credits, Refusal> {
    let Some(moment) = occurred_at.filter(|_| !draft.state.balance.late.is_zero()) else {
        return Ok(Credits::ZERO);
    };
    let late = draft.state.live_grants().filter(|grant| grant.takes_late(moment));
    Ok(Credits::sum(late.map(Grant::free))?)
}
