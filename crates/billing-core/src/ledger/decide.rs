//! What one command does to one account.

use super::{
    AccountState, Actor, Allocation, Command, Entry, EntryType, Grant, GrantCredits, Refusal, SpendCredits,
};
use super::{Posting, Writes};
use crate::values::{Credits, EntryId, GrantId, IdSource, Metadata, PostingKey, Timestamp};

/// An account that is being worked on, and what has to be written because of it.
pub(super) struct Draft<'a> {
    pub(super) state: &'a mut AccountState,
    pub(super) writes: &'a mut Writes,
}

/// An entry that does not know its number yet.
pub(super) struct NewEntry {
    pub(super) kind: EntryType,
    pub(super) amount: Credits,
    pub(super) description: String,
    pub(super) actor: Actor,
    pub(super) posting_key: Option<PostingKey>,
    pub(super) grant: Option<GrantId>,
    pub(super) metadata: Metadata,
    pub(super) effective_at: Timestamp,
    pub(super) recorded_at: Timestamp,
}

/// Carries out `command`; a refusal leaves the draft as it was.
pub(super) fn decide(
    draft: &mut Draft<'_>,
    posting: &Posting,
    command: &Command,
    now: Timestamp,
    ids: &dyn IdSource,
) -> Result<(), Refusal> {
    match command {
        Command::Grant(grant) => give(draft, posting, grant, now, ids),
        Command::Spend(spend) => take(draft, posting, spend, now, ids),
    }
}

fn give(
    draft: &mut Draft<'_>,
    posting: &Posting,
    asked: &GrantCredits,
    now: Timestamp,
    ids: &dyn IdSource,
) -> Result<(), Refusal> {
    if !asked.amount.is_amount() {
        return Err(Refusal::InvalidAmount { amount: asked.amount });
    }
    let effective_at = asked.effective_at.map_or(now, |at| at.max(now));
    if let Some(expires_at) = asked.expires_at.filter(|at| *at <= effective_at) {
        return Err(Refusal::ExpiresTooEarly { expires_at });
    }
    // Credits of later count towards the end of the range now: time must always be able to pass.
    let later = draft.state.live_grants().filter(|grant| !grant.activated).map(|grant| grant.remaining);
    Credits::sum([draft.state.balance.posted, asked.amount].into_iter().chain(later))?;
    let mut grant = Grant {
        id: GrantId::new(ids),
        account: posting.account,
        amount: asked.amount,
        remaining: asked.amount,
        source: asked.source,
        priority: asked.priority,
        effective_at,
        expires_at: asked.expires_at,
        business_key: asked.business_key.clone(),
        posting_key: posting.key.clone(),
        origin: asked.origin,
        description: asked.description.clone(),
        activated: false,
        live: true,
        created_at: now,
    };
    if effective_at > now {
        draft.keep(&grant);
        return Ok(());
    }
    grant.activated = true;
    let entry = NewEntry {
        kind: asked.kind.clone(),
        amount: asked.amount,
        description: asked.description.clone(),
        actor: posting.actor.clone(),
        posting_key: Some(posting.key.clone()),
        grant: Some(grant.id),
        metadata: asked.metadata.clone(),
        effective_at: now,
        recorded_at: now,
    };
    draft.post(entry, vec![(grant, asked.amount)], ids)
}

fn take(
    draft: &mut Draft<'_>,
    posting: &Posting,
    asked: &SpendCredits,
    now: Timestamp,
    ids: &dyn IdSource,
) -> Result<(), Refusal> {
    if !asked.amount.is_amount() {
        return Err(Refusal::InvalidAmount { amount: asked.amount });
    }
    let available = draft.state.balance.available();
    if available < asked.amount {
        let held = draft.state.balance.held;
        return Err(Refusal::InsufficientCredits { required: asked.amount, available, held });
    }
    let mut missing = asked.amount;
    let mut drawn = Vec::new();
    for grant in draft.state.live_grants().filter(|grant| grant.activated) {
        if missing.is_zero() {
            break;
        }
        let part = missing.min(grant.remaining);
        missing = missing.minus(part)?;
        let mut grant = grant.clone();
        grant.remaining = grant.remaining.minus(part)?;
        grant.live = !grant.remaining.is_zero();
        drawn.push((grant, part.negated()?));
    }
    if !missing.is_zero() {
        // The kept row promised more than the grants hold. Refusing is the safe answer; the audit reports
        // the difference.
        let available = asked.amount.minus(missing)?;
        return Err(Refusal::InsufficientCredits { required: asked.amount, available, held: Credits::ZERO });
    }
    let entry = NewEntry {
        kind: asked.kind.clone(),
        amount: asked.amount.negated()?,
        description: asked.description.clone(),
        actor: posting.actor.clone(),
        posting_key: Some(posting.key.clone()),
        grant: None,
        metadata: asked.metadata.clone(),
        effective_at: now,
        recorded_at: now,
    };
    draft.post(entry, drawn, ids)
}

impl Draft<'_> {
    /// Writes one entry down, with the grants as they are after it and how much it moved in each.
    pub(super) fn post(
        &mut self,
        new: NewEntry,
        moved: Vec<(Grant, Credits)>,
        ids: &dyn IdSource,
    ) -> Result<(), Refusal> {
        // Whatever can fail comes before the first change.
        let balance_after = self.state.balance.posted.plus(new.amount)?;
        let available_after = balance_after.minus(self.state.balance.held)?;
        let mut buckets = self.state.balance.buckets;
        for (grant, amount) in &moved {
            buckets.add(grant.source.bucket(), *amount)?;
        }
        let seq = self.state.balance.seq.checked_add(1).ok_or(Refusal::BalanceOutOfRange)?;
        let entry = Entry {
            id: EntryId::new(ids),
            account: self.state.balance.account,
            seq,
            kind: new.kind,
            amount: new.amount,
            balance_after,
            available_after,
            description: new.description,
            actor: new.actor,
            posting_key: new.posting_key,
            grant: new.grant,
            metadata: new.metadata,
            effective_at: new.effective_at,
            recorded_at: new.recorded_at,
        };
        self.state.balance.apply(&entry);
        self.state.balance.buckets = buckets;
        for (grant, amount) in moved {
            let account = entry.account;
            self.writes.allocations.push(Allocation { account, seq, grant: grant.id, amount });
            self.keep(&grant);
        }
        self.writes.entries.push(entry);
        Ok(())
    }

    /// Keeps `grant` as it is now.
    fn keep(&mut self, grant: &Grant) {
        self.state.put(grant);
        self.writes.grants.insert(grant.id, grant.clone());
    }
}
