//! What a paid period does to the credits of the one before.

use super::paid::Paid;
use crate::catalog::Plan;
use crate::ledger::{Command, Grant, Stage, business_keys};
use crate::payments::{PaidLine, Payment};
use crate::values::Timestamp;

/// Where a period begins, and how the grants of those before end there.
pub(super) type Ended = (Timestamp, Vec<Command>);

/// Ends what earlier periods granted where this one begins: it expires or rolls over, as was agreed. What never expires
/// stays.
pub(super) fn ends_earlier(paid: &Paid<'_>, lines: &[(&PaidLine, &Plan)]) -> Option<Ended> {
    let start = lines.iter().map(|(line, _)| line.period.start).min()?;
    let earlier = paid.others().filter(|other| began_before(other, start));
    let trial = paid.subscription().map(|known| business_keys::trial(known.id));
    let keys: Vec<_> = earlier.flat_map(|other| &other.grant_keys).chain(&trial).collect();
    let ending = |grant: &Grant| {
        keys.contains(&&grant.business_key)
            && matches!(grant.stage, Stage::Upcoming | Stage::Active)
            && grant.expires_at.is_some_and(|end| end > start.max(paid.context.now))
    };
    let end = |grant: &Grant| Command::EndGrant { grant: grant.id, at: start };
    Some((start, paid.granted(ending).map(end).collect()))
}

fn began_before(other: &Payment, start: Timestamp) -> bool {
    other.covers.as_ref().is_some_and(|covered| covered.period.start.plus_seconds(3600) < start)
}
