//! What a paid period does to the credits of the one before.

use super::PeriodContext;
use crate::catalog::Plan;
use crate::ledger::{Command, Posting, Stage, business_keys};
use crate::payments::{PaidLine, PaidPeriod, Payment};
use crate::values::{AccountId, Fingerprint, PostingKey, Timestamp};

/// Ends what earlier periods granted where this one begins: it expires or rolls over, as was agreed. What never expires
/// stays.
pub(super) fn ends_earlier(
    fact: &PaidPeriod,
    context: &PeriodContext,
    account: AccountId,
    paid: &[(&PaidLine, &Plan)],
) -> Option<Posting> {
    let start = paid.iter().map(|(line, _)| line.period.start).min()?;
    let earlier = context.others.iter().filter(|other| began_before(other, start));
    let trial = context.subscription.as_ref().map(|known| business_keys::trial(known.id));
    let names: Vec<_> = earlier.flat_map(|other| &other.grant_keys).chain(&trial).collect();
    let live = |stage| matches!(stage, Stage::Upcoming | Stage::Active);
    let ending = context.other_grants.iter().filter(|grant| {
        names.contains(&&grant.business_key)
            && live(grant.stage)
            && grant.expires_at.is_some_and(|end| end > start.max(context.now))
    });
    let commands: Vec<_> = ending.map(|grant| Command::EndGrant { grant: grant.id, at: start }).collect();
    let key =
        PostingKey::of_business_key(&business_keys::period_ended(context.channel, &fact.payment, start));
    let fingerprint = Fingerprint::of([key.as_str().as_bytes()]);
    let actor = context.actor.clone();
    (!commands.is_empty()).then_some(Posting { account, key, fingerprint, actor, commands })
}

fn began_before(other: &Payment, start: Timestamp) -> bool {
    other.covers.as_ref().is_some_and(|covered| covered.period.start.plus_seconds(3600) < start)
}
