//! Due changes of an account: starts, expiries and lapses.

use super::change::Subject;
use super::decide::release_slices;
use super::draft::{Draft, Links, Moved, NewEntry};
use super::{Actor, EntryType, Grant, HoldState, Refusal, Rollover, Stage, business_keys};
use crate::values::{Credits, GrantId, HoldId, Metadata, Timestamp};

/// Posts all changes due up to the draft's now, in order, each at its own time.
///
/// Starts, expiries and lapses are rules of time, not of a job: every decision and read advances the account first, so
/// a grant is never spendable past its end because a job did not run.
pub(super) fn advance(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    while let Some((at, subject)) = draft.state.next_change()
        && at <= draft.now
    {
        // Entries are ordered by effective time.
        let at = at.max(draft.state.balance.last_at);
        match subject {
            Subject::Hold(hold) => lapse(draft, hold, at)?,
            Subject::Grant(grant) => turn(draft, grant, at)?,
        }
        draft.state.balance.last_at = at;
        draft.settle()?;
    }
    Ok(())
}

fn lapse(draft: &mut Draft<'_>, hold: HoldId, at: Timestamp) -> Result<(), Refusal> {
    let Some(hold) = draft.state.hold(hold).cloned() else { return Ok(()) };
    release_slices(draft, hold, HoldState::Lapsed, at, None)
}

fn turn(draft: &mut Draft<'_>, grant: GrantId, at: Timestamp) -> Result<(), Refusal> {
    let Some(grant) = draft.state.grant(grant).cloned() else { return Ok(()) };
    match grant.stage {
        Stage::Upcoming => activate(draft, grant, at),
        Stage::Active => end(draft, grant, at),
        Stage::Late => expire(draft, grant, at),
        Stage::Expired | Stage::Voided => Ok(()),
    }
}

fn activate(draft: &mut Draft<'_>, mut grant: Grant, at: Timestamp) -> Result<(), Refusal> {
    grant.stage = Stage::Active;
    let entry = NewEntry {
        kind: grant.kind.clone(),
        amount: grant.remaining,
        description: grant.description.clone(),
        actor: grant.actor.clone(),
        posting_key: None,
        metadata: grant.metadata.clone(),
        effective_at: at,
        links: Links { grant: Some(grant.id), ..Links::default() },
    };
    let amount = grant.remaining;
    draft.post(entry, Moved { grants: vec![(grant, amount)], owed: Credits::ZERO })
}

/// The end of a grant: what rolls over becomes a new grant, and the rest waits for late usage or expires.
pub(super) fn end(draft: &mut Draft<'_>, mut grant: Grant, at: Timestamp) -> Result<(), Refusal> {
    if let Some(rollover) = grant.rollover {
        let rolled = grant.free().min(rollover.cap);
        if !rolled.is_zero() {
            grant = roll_over(draft, grant, rollover, rolled, at)?;
        }
    }
    // A grant that is ended immediately is still effective at its last moment.
    let over = grant.expires_at.map_or(at, |end| end.max(at));
    if grant.stage_at(over) == Stage::Late {
        grant.stage = Stage::Late;
        return draft.put_grant(grant);
    }
    expire(draft, grant, at)
}

fn roll_over(
    draft: &mut Draft<'_>,
    mut grant: Grant,
    rollover: Rollover,
    rolled: Credits,
    at: Timestamp,
) -> Result<Grant, Refusal> {
    grant.remaining = grant.remaining.minus(rolled)?;
    grant.forfeited = grant.forfeited.plus(rolled)?;
    grant.rollover = None;
    let heir = Grant {
        id: GrantId::new(draft.ids),
        amount: rolled,
        remaining: rolled,
        pinned: Credits::ZERO,
        forfeited: Credits::ZERO,
        clawed: Credits::ZERO,
        effective_at: at,
        expires_at: Some(rollover.until),
        late_until: None,
        rollover: None,
        stage: Stage::Active,
        business_key: business_keys::rollover(grant.id),
        posting_key: None,
        kind: EntryType::ROLLOVER,
        actor: Actor::Time,
        description: format!("Rolled over: {}", grant.description),
        metadata: Metadata::default(),
        created_at: draft.now,
        ..grant.clone()
    };
    let out = NewEntry::by_time(EntryType::ROLLOVER, rolled.negated()?, &heir.description, at, grant.id);
    draft.post(out, Moved::one(grant.clone(), rolled.negated()?))?;
    let into = NewEntry::by_time(EntryType::ROLLOVER, rolled, &heir.description, at, heir.id);
    draft.post(into, Moved::one(heir, rolled))?;
    Ok(grant)
}

fn expire(draft: &mut Draft<'_>, grant: Grant, at: Timestamp) -> Result<(), Refusal> {
    let free = grant.free();
    expire_remainder(draft, grant, Stage::Expired, free, at, None)
}

/// Ends `gone` unused credits of `grant`, which is then in `stage`.
pub(super) fn expire_remainder(
    draft: &mut Draft<'_>,
    mut grant: Grant,
    stage: Stage,
    gone: Credits,
    at: Timestamp,
    by: Option<(&super::Posting, &str)>,
) -> Result<(), Refusal> {
    grant.stage = stage;
    grant.remaining = grant.remaining.minus(gone)?;
    grant.forfeited = grant.forfeited.plus(gone)?;
    if gone.is_zero() {
        return draft.put_grant(grant);
    }
    let (kind, why) = match stage {
        Stage::Voided => (EntryType::VOID, "Called off"),
        _ => (EntryType::EXPIRY, "Expired"),
    };
    let description = format!("{why}: {}", grant.description);
    let mut entry = NewEntry::by_time(kind, gone.negated()?, &description, at, grant.id);
    if let Some((posting, description)) = by {
        entry.actor = posting.actor.clone();
        entry.posting_key = Some(posting.key.clone());
        description.clone_into(&mut entry.description);
    }
    draft.post(entry, Moved::one(grant, gone.negated()?))
}

impl NewEntry {
    fn by_time(kind: EntryType, amount: Credits, description: &str, at: Timestamp, grant: GrantId) -> Self {
        Self {
            kind,
            amount,
            description: description.to_owned(),
            actor: Actor::Time,
            posting_key: None,
            metadata: Metadata::default(),
            effective_at: at,
            links: Links { grant: Some(grant), ..Links::default() },
        }
    }
}

impl Moved {
    /// One grant only.
    pub(super) fn one(grant: Grant, amount: Credits) -> Self {
        Self { grants: vec![(grant, amount)], owed: Credits::ZERO }
    }
}
