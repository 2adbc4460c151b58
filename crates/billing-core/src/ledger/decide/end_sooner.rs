//! Moving a grant's end to an earlier time.

use crate::ledger::advance::end;
use crate::ledger::draft::Draft;
use crate::ledger::{Grant, Refusal, Stage};
use crate::values::{Credits, GrantId, Timestamp};

/// Ends the grant at `at`, or now if that has passed, with all effects of an end. Changes nothing if the grant is over
/// or ends by then, so it is idempotent.
pub(super) fn end_sooner(draft: &mut Draft<'_>, id: GrantId, at: Timestamp) -> Result<(), Refusal> {
    let grant = draft.state.grant(id).ok_or(Refusal::UnknownGrant { grant: id })?.clone();
    let ends_by_then = grant.expires_at.is_some_and(|end| end <= at.max(draft.now));
    if ends_by_then || !matches!(grant.stage, Stage::Upcoming | Stage::Active) {
        return Ok(());
    }
    if grant.stage == Stage::Upcoming && at <= grant.effective_at {
        let (remaining, forfeited) = (Credits::ZERO, grant.forfeited.plus(grant.remaining)?);
        return draft.put_grant(Grant { remaining, forfeited, stage: Stage::Voided, ..grant });
    }
    // A spend at this very moment was in time.
    let ends_at = at.max(Timestamp::from_micros(draft.now.micros().saturating_add(1)));
    // The grace period for late usage keeps its length; the rollover's end stays as agreed.
    let late_until = grant.late_until.zip(grant.expires_at).map(|(until, before)| {
        Timestamp::from_micros(
            ends_at.micros().saturating_add(until.micros().saturating_sub(before.micros())),
        )
    });
    let grant = Grant { expires_at: Some(ends_at), late_until, ..grant };
    if at <= draft.now { end(draft, grant, draft.now) } else { draft.put_grant(grant) }
}
