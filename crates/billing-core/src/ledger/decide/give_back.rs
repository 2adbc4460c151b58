//! Giving a spend back.

use super::asked_for;
use super::give::fits;
use crate::ledger::draft::{Draft, Links, Moved};
use crate::ledger::{EntryType, Grant, Origin, Posting, Refusal, ReverseSpend, Source, Stage, facts};
use crate::values::{BusinessKey, Credits, GrantId, Timestamp};

/// Gives back what was drawn last first: what was owed, then to each grant what was taken from it. What a
/// grant gave whose time is up comes back as a grant of its own.
pub(super) fn reverse(draft: &mut Draft<'_>, posting: &Posting, asked: &ReverseSpend) -> Result<(), Refusal> {
    let unknown = Refusal::UnknownEntry { entry: asked.entry };
    let mut spend = draft.state.reversible(asked.entry).ok_or(unknown)?.clone();
    if !matches!(spend.kind, EntryType::Spend(_)) {
        return Err(Refusal::NotReversible { kind: spend.kind.as_str().to_owned() });
    }
    let left = spend.left();
    let required = asked.amount.unwrap_or(left.max(Credits::new(1)));
    if !required.is_amount() {
        return Err(Refusal::InvalidAmount { amount: required });
    }
    if left < required {
        return Err(Refusal::ReversedBefore { required, left });
    }
    if asked.refund_expires_at <= draft.now {
        return Err(Refusal::ExpiresTooEarly { expires_at: asked.refund_expires_at });
    }
    fits(draft, required)?;

    let mut missing = required;
    let unowed = take(&mut spend.owed, &mut missing)?;
    let forgiven = unowed.min(draft.state.balance.debt);
    // What was owed and has been repaid since cost other grants: it comes back for good.
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
        refund.grant(homeless, facts::refund(reversal), Some(asked.refund_expires_at)),
        refund.grant(repaid, facts::repaid(reversal), None),
    ];
    let made: Vec<_> = made.into_iter().flatten().collect();
    moved.grants.extend(made.into_iter().map(|grant| {
        let amount = grant.amount;
        (grant, amount)
    }));
    let links = Links { reverses: Some(spend.seq), ..Links::default() };
    let words = (asked.description.as_str(), &asked.metadata);
    let entry = asked_for(draft, posting, &EntryType::REVERSAL, required, words, links);
    draft.post_as(reversal, entry, moved)?;
    draft.put_reversible(spend);
    Ok(())
}

fn take(from: &mut Credits, missing: &mut Credits) -> Result<Credits, Refusal> {
    let part = (*from).min(*missing);
    *from = from.minus(part)?;
    *missing = missing.minus(part)?;
    Ok(part)
}

/// The grant with `back` more, if its time is not up.
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
