//! Clawbacks and voids of grants.

use super::asked_for;
use crate::ledger::advance::expire_remainder;
use crate::ledger::draft::{Draft, Links, Moved};
use crate::ledger::{ClawBack, ClawbackPolicy, EntryType, Grant, Posting, Refusal, Stage};
use crate::values::{Credits, GrantId, Metadata};

/// Takes the rest of the grant, then creates debt for the remaining amount, or writes it off. Credits pinned by open
/// holds are not touched; if they become debt, their release repays it.
pub(super) fn claw_back(draft: &mut Draft<'_>, posting: &Posting, asked: &ClawBack) -> Result<(), Refusal> {
    let unknown = Refusal::UnknownGrant { grant: asked.grant };
    let mut grant = draft.state.grant(asked.grant).ok_or(unknown)?.clone();
    if !asked.total.is_amount() {
        return Err(Refusal::InvalidAmount { amount: asked.total });
    }
    let most = grant.amount.minus(grant.forfeited)?;
    let wanted = asked.total.min(most).minus(grant.clawed)?;
    if wanted <= Credits::ZERO {
        return Ok(());
    }
    let there = wanted.min(grant.free());
    let owed = match asked.policy {
        ClawbackPolicy::Debt if grant.stage != Stage::Upcoming => wanted.minus(there)?,
        ClawbackPolicy::Debt | ClawbackPolicy::WriteOff => Credits::ZERO,
    };
    let taken = there.plus(owed)?;
    grant.remaining = grant.remaining.minus(there)?;
    grant.clawed = grant.clawed.plus(taken)?;
    if grant.stage == Stage::Upcoming || taken.is_zero() {
        // A grant that has not started needs no entry to end.
        return draft.put_grant(grant);
    }
    let links = Links { grant: Some(grant.id), ..Links::default() };
    let words = (asked.description.as_str(), &Metadata::default());
    let entry = asked_for(draft, posting, &EntryType::CLAWBACK, taken.negated()?, words, links);
    let grants = if there.is_zero() {
        draft.put_grant(grant)?;
        Vec::new()
    } else {
        vec![(grant, there.negated()?)]
    };
    draft.post(entry, Moved { grants, owed })
}

/// Ends the rest of the grant. Credits pinned by open holds end when they are released.
pub(super) fn void(
    draft: &mut Draft<'_>,
    posting: &Posting,
    id: GrantId,
    description: &str,
) -> Result<(), Refusal> {
    let grant = draft.state.grant(id).ok_or(Refusal::UnknownGrant { grant: id })?.clone();
    let stage = grant.stage_at(draft.now);
    if matches!(stage, Stage::Expired | Stage::Voided) || !grant.is_live() {
        return Err(Refusal::GrantOver { grant: id, stage, remaining: grant.remaining });
    }
    if stage == Stage::Upcoming {
        let (remaining, forfeited) = (Credits::ZERO, grant.forfeited.plus(grant.remaining)?);
        return draft.put_grant(Grant { remaining, forfeited, stage: Stage::Voided, ..grant });
    }
    let free = grant.free();
    expire_remainder(draft, grant, Stage::Voided, free, draft.now, Some((posting, description)))
}
