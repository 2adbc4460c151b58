//! Reversals of spends.

use super::asked_for;
use super::give::fits;
use super::give_back_usage::give_back_usage;
use super::take::movable;
use crate::ledger::draft::{Draft, Links, Moved};
use crate::ledger::{
    EntryType, Grant, Origin, Posting, Refusal, ReverseSpend, Reversible, Source, Stage, Taken, UsageLeft,
    business_keys,
};
use crate::values::{BusinessKey, Credits, GrantId, Timestamp};

/// Reverses a spend or usage: its exact price, whose whole credits return.
pub(super) fn reverse(draft: &mut Draft<'_>, posting: &Posting, asked: &ReverseSpend) -> Result<(), Refusal> {
    if asked.refund_expires_at <= draft.now {
        return Err(Refusal::ExpiresTooEarly { expires_at: asked.refund_expires_at });
    }
    let (spend, usages) = taken(draft, asked.taken)?;
    if !usages.is_empty() {
        return give_back_usage(draft, posting, asked, spend, usages);
    }
    let Some(spend) = spend else { return Err(Refusal::Empty) };
    let left = spend.left();
    let required = movable(asked.amount.unwrap_or(left.max(Credits::new(1))))?;
    if left < required {
        return Err(Refusal::ReversedBefore { required, left });
    }
    give_back(draft, posting, asked, spend, (required, None))
}

/// What is reversed: the spend's entry, if there is one, and the usage that it paid for.
fn taken(draft: &Draft<'_>, taken: Taken) -> Result<(Option<Reversible>, Vec<UsageLeft>), Refusal> {
    match taken {
        Taken::Entry(entry) => {
            let spend = draft.state.reversible(entry).ok_or(Refusal::UnknownEntry { entry })?.clone();
            if !matches!(spend.kind, EntryType::Spend(_)) {
                return Err(Refusal::NotReversible { kind: spend.kind.as_str().to_owned() });
            }
            let usages = draft.state.usages_of(spend.seq);
            Ok((Some(spend), usages))
        }
        Taken::Usage(usage) => {
            let usage = draft.state.usage(usage).ok_or(Refusal::UnknownUsage { usage })?.clone();
            if usage.record.returns.is_some() {
                return Err(Refusal::NotReversible { kind: EntryType::REVERSAL.as_str().to_owned() });
            }
            let spend = usage.record.entry.and_then(|seq| draft.state.reversible_at(seq)).cloned();
            Ok((spend, vec![usage]))
        }
    }
}

/// Returns credits in reverse order: the debt first, then the grants, the last drawn first. The part of a grant that
/// has ended returns as a new grant.
pub(super) fn give_back(
    draft: &mut Draft<'_>,
    posting: &Posting,
    asked: &ReverseSpend,
    mut spend: Reversible,
    (required, usages): (Credits, Option<(i64, i64)>),
) -> Result<(), Refusal> {
    fits(draft, required)?;
    let mut missing = required;
    let unowed = take(&mut spend.owed, &mut missing)?;
    let forgiven = unowed.min(draft.state.balance.debt);
    // Debt that has been repaid since cost other grants: it returns as a grant that does not expire.
    let repaid = unowed.minus(forgiven)?;
    let mut moved = Moved { grants: Vec::new(), owed: forgiven.negated()? };
    let mut homeless = Credits::ZERO;
    for (id, part) in spend.parts.iter_mut().rev() {
        let back = take(part, &mut missing)?;
        if back.is_zero() {
            continue;
        }
        match returned_to(draft, *id, back)? {
            Some(grant) => moved.grants.push((grant, back)),
            None => homeless = homeless.plus(back)?,
        }
    }
    let reversal = draft.next_entry();
    let refund = Refund { draft, posting, asked };
    let made = [
        refund.grant(homeless, business_keys::refund(reversal), Some(asked.refund_expires_at)),
        refund.grant(repaid, business_keys::repaid(reversal), None),
    ];
    let made: Vec<_> = made.into_iter().flatten().collect();
    moved.grants.extend(made.into_iter().map(|grant| {
        let amount = grant.amount;
        (grant, amount)
    }));
    let links = Links { reverses: Some(spend.seq), usages, ..Links::default() };
    let words = (asked.description.as_str(), &asked.metadata);
    let entry = asked_for(draft, posting, &EntryType::REVERSAL, required, words, links);
    draft.post_as(reversal, entry, moved)?;
    draft.put_reversible(spend);
    Ok(())
}

/// Returns `amount` that other usage of the meter has paid for, as a grant that does not expire.
pub(super) fn give_anew(
    draft: &mut Draft<'_>,
    posting: &Posting,
    asked: &ReverseSpend,
    amount: Credits,
    usages: Option<(i64, i64)>,
) -> Result<(), Refusal> {
    fits(draft, amount)?;
    let reversal = draft.next_entry();
    let made = Refund { draft, posting, asked }.grant(amount, business_keys::repaid(reversal), None);
    let words = (asked.description.as_str(), &asked.metadata);
    let links = Links { usages, ..Links::default() };
    let entry = asked_for(draft, posting, &EntryType::REVERSAL, amount, words, links);
    let grants = made.into_iter().map(|grant| (grant, amount)).collect();
    draft.post_as(reversal, entry, Moved { grants, owed: Credits::ZERO })
}

fn take(from: &mut Credits, missing: &mut Credits) -> Result<Credits, Refusal> {
    let part = (*from).min(*missing);
    *from = from.minus(part)?;
    *missing = missing.minus(part)?;
    Ok(part)
}

/// The grant with `back` more credits, if it has not ended.
fn returned_to(draft: &Draft<'_>, id: GrantId, back: Credits) -> Result<Option<Grant>, Refusal> {
    let grant = draft.state.grant(id).ok_or(Refusal::UnknownGrant { grant: id })?;
    let stage = grant.stage_at(draft.now);
    if matches!(stage, Stage::Expired | Stage::Voided) {
        return Ok(None);
    }
    let remaining = grant.remaining.plus(back)?;
    Ok(Some(Grant { remaining, stage, ..grant.clone() }))
}

struct Refund<'a, 'b> {
    draft: &'a Draft<'b>,
    posting: &'a Posting,
    asked: &'a ReverseSpend,
}

impl Refund<'_, '_> {
    fn grant(&self, amount: Credits, fact: BusinessKey, expires_at: Option<Timestamp>) -> Option<Grant> {
        (!amount.is_zero()).then(|| Grant {
            id: GrantId::new(self.draft.ids),
            account: self.posting.account,
            amount,
            remaining: amount,
            pinned: Credits::ZERO,
            forfeited: Credits::ZERO,
            clawed: Credits::ZERO,
            source: Source::Refund,
            priority: 0,
            effective_at: self.draft.now,
            expires_at,
            late_until: None,
            rollover: None,
            stage: Stage::Active,
            business_key: fact,
            posting_key: Some(self.posting.key.clone()),
            origin: Origin::default(),
            kind: EntryType::REVERSAL,
            actor: self.posting.actor.clone(),
            description: self.asked.description.clone(),
            metadata: self.asked.metadata.clone(),
            created_at: self.draft.now,
        })
    }
}
