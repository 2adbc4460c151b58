//! Bringing credits to what a subscription entitles to.

use crate::account_billing::entitlement::{Ends, Entitlement};
use crate::account_billing::{AccountBilling, BillingPolicy};
use crate::ledger::{Actor, Command, Grant, Stage, business_keys};
use crate::payments::Channel;
use crate::values::Timestamp;

/// Grants what the payments of a subscription entitle to and have not brought yet, and moves the ends of what they have
/// brought where they differ from what they were `before`. An end that an operator has moved stays as long as the subscription
/// lives.
///
/// Nothing here depends on which fact was told: whichever comes last finds what is missing.
pub(in crate::account_billing) fn settle_credits(
    before: &AccountBilling,
    billing: &mut AccountBilling,
    (channel, id): (Channel, &str),
    policy: BillingPolicy,
    actor: &Actor,
    now: Timestamp,
) {
    if billing.subscription(channel, id).is_some_and(|known| !known.role.is_active()) {
        return;
    }
    let after = Entitlement::of(billing, channel, id, policy);
    let then = Entitlement::of(before, channel, id, policy);
    let moves: Vec<_> = after
        .grants()
        .into_iter()
        .filter_map(|grant| {
            let (before, ends) = (then.ends(grant), after.ends(grant)?);
            // What an operator has given another end keeps it, as long as the subscription lives.
            let by_hand = before.is_some_and(|before| grant.expires_at != Some(before.at()));
            let cut = matches!(ends, Ends::Cut(at) if at <= now && grant.stage == Stage::Upcoming);
            let stays = (before == Some(ends) && !cut) || (by_hand && !matches!(ends, Ends::Cut(_)));
            if stays { None } else { moved(grant, ends, now) }
        })
        .collect();
    for (payment, grant) in after.owed(now) {
        let key = grant.business_key.clone();
        billing.post(&key, actor, vec![Command::Grant(grant)]);
        if let Some(payment) = billing.payments.iter_mut().find(|known| known.id == payment) {
            payment.grants_for([key]);
        }
    }
    let key = business_keys::credits_moved(billing.account.id, billing.account.version, id);
    billing.post(&key, actor, moves);
}

/// The command that lets `grant` end as it is to.
fn moved(grant: &Grant, ends: Ends, now: Timestamp) -> Option<Command> {
    let expires_at = grant.expires_at?;
    if !matches!(grant.stage_at(now), Stage::Upcoming | Stage::Active) {
        return None;
    }
    let end_at = |at| Some(Command::EndGrant { grant: grant.id, at });
    // Months after an end that is only announced are called off when it comes: it may be taken back.
    if matches!(ends, Ends::Cut(at) if now < at && at <= grant.effective_at) {
        return None;
    }
    match (ends, grant.rollover) {
        (Ends::Renewed(at) | Ends::With(at), _) | (Ends::Cut(at), None) if at < expires_at => end_at(at),
        (Ends::With(at), None) if expires_at < at => {
            Some(Command::ExtendGrant { grant: grant.id, expires_at: Some(at) })
        }
        // What would roll over does not: there is no next period. Of what is used up nothing can be called off; before
        // its end, that will be told when it comes.
        (Ends::Cut(at), Some(_)) if at < expires_at && at <= now => {
            let description = format!("Ended: {}", grant.description);
            if grant.is_live() { Some(Command::Void { grant: grant.id, description }) } else { end_at(at) }
        }
        _ => None,
    }
}
