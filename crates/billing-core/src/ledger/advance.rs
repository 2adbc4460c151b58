//! What time alone does to an account.

use super::decide::Draft;
use super::{Actor, EntryType, Grant, Refusal};
use crate::values::{Credits, IdSource, Metadata, Timestamp};

/// Posts everything that time has done to the account up to `now`, in order, each at its own moment.
///
/// Activation and expiry are rules of time, not of a job: whoever looks at an account advances it first, so
/// a grant is never spendable past its end because nobody swept it.
pub(super) fn advance(draft: &mut Draft<'_>, now: Timestamp, ids: &dyn IdSource) -> Result<(), Refusal> {
    while let Some((at, grant)) = draft.state.next_change()
        && at <= now
    {
        let grant = grant.clone();
        // An entry may not take effect before the one ahead of it.
        let at = at.max(draft.state.balance.last_at);
        if grant.activated {
            expire(draft, grant, at, now, ids)?;
        } else {
            activate(draft, grant, at, now, ids)?;
        }
    }
    Ok(())
}

fn activate(
    draft: &mut Draft<'_>,
    mut grant: Grant,
    at: Timestamp,
    now: Timestamp,
    ids: &dyn IdSource,
) -> Result<(), Refusal> {
    grant.activated = true;
    let line = Line::new(EntryType::GRANT, grant.remaining, grant.description.clone(), at, now);
    post(draft, line, grant, ids)
}

fn expire(
    draft: &mut Draft<'_>,
    mut grant: Grant,
    at: Timestamp,
    now: Timestamp,
    ids: &dyn IdSource,
) -> Result<(), Refusal> {
    let gone = grant.remaining.negated()?;
    grant.remaining = Credits::ZERO;
    grant.live = false;
    let description = format!("Expired: {}", grant.description);
    post(draft, Line::new(EntryType::EXPIRY, gone, description, at, now), grant, ids)
}

struct Line {
    kind: EntryType,
    amount: Credits,
    description: String,
    at: Timestamp,
    now: Timestamp,
}

impl Line {
    fn new(kind: EntryType, amount: Credits, description: String, at: Timestamp, now: Timestamp) -> Self {
        Self { kind, amount, description, at, now }
    }
}

fn post(draft: &mut Draft<'_>, line: Line, grant: Grant, ids: &dyn IdSource) -> Result<(), Refusal> {
    let entry = super::decide::NewEntry {
        kind: line.kind,
        amount: line.amount,
        description: line.description,
        actor: Actor::Time,
        posting_key: None,
        grant: Some(grant.id),
        metadata: Metadata::default(),
        effective_at: line.at,
        recorded_at: line.now.max(line.at),
    };
    let amount = line.amount;
    draft.post(entry, vec![(grant, amount)], ids)?;
    Ok(())
}
