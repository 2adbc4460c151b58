//! Bringing credits to what a subscription entitles to.

use crate::account_billing::entitlement::{Ends, Entitlement};
use crate::account_billing::{AccountBilling, BillingPolicy};
use crate::ledger::{Actor, Command, Grant, GrantCredits, Rollover, Stage, business_keys};
use crate::payments::Channel;
use crate::subscriptions::Subscription;
use crate::values::{Credits, Timestamp};

/// Settles the credits of the subscription that the provider calls `named`, and of those that grant now and did not
/// `before`.
pub(in crate::account_billing) fn settle_credits(
    before: &AccountBilling,
    billing: &mut AccountBilling,
    named: Option<(Channel, &str)>,
    policy: BillingPolicy,
    actor: &Actor,
    now: Timestamp,
) {
    if let Some(name) = named {
        settle(before, billing, name, policy, actor, now);
    }
    let was_duplicate = |known: &&Subscription| {
        let then = before.subscriptions.iter().find(|then| then.id == known.id);
        known.role.is_active() && then.is_some_and(|then| !then.role.is_active())
    };
    let lifted: Vec<_> = billing.subscriptions.iter().filter(was_duplicate).map(Subscription::name).collect();
    for name in lifted {
        if named != Some((name.channel, name.id.as_str())) {
            settle(before, billing, (name.channel, &name.id), policy, actor, now);
        }
    }
}

/// Grants what the payments of a subscription entitle to and have not brought yet, and moves the ends of what they have
/// brought where they differ from what they were `before`. An end that an operator has moved stays as long as the subscription
/// lives.
///
/// Nothing here depends on which fact was told: whichever comes last finds what is missing.
fn settle(
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
    let then = Entitlement::of(before, channel, id, policy).with_recorded_grace();
    let grants = after.grants();
    let moves: Vec<_> = grants
        .iter()
        .filter_map(|grant| {
            let (before, ends) = (then.ends(grant), after.ends(grant)?);
            // What an operator has given another end keeps it, as long as the subscription lives.
            let by_hand = before.is_some_and(|before| grant.expires_at != Some(before.at()));
            let cut = matches!(ends, Ends::Cut(at) if at <= now && grant.stage == Stage::Upcoming);
            let stays = (before == Some(ends) && !cut) || (by_hand && !matches!(ends, Ends::Cut(_)));
            if stays { None } else { moved(grant, ends, now) }
        })
        .collect();
    let revived: Vec<_> = grants
        .iter()
        .filter_map(|grant| {
            let superseded = matches!(then.ends(grant)?, Ends::Renewed(_));
            superseded.then(|| revived(&after, grant, after.ends(grant)?, now)).flatten()
        })
        .collect();
    let owed = after.owed(now);
    for (payment, grant) in owed {
        let key = grant.business_key.clone();
        billing.post(&key, actor, vec![Command::Grant(grant)]);
        if let Some(payment) = billing.payments.iter_mut().find(|known| known.id == payment) {
            payment.grants_for([key]);
        }
    }
    for grant in revived {
        billing.post(&grant.business_key.clone(), actor, vec![Command::Grant(grant)]);
    }
    let key = business_keys::credits_moved(billing.account.id, billing.account.version, id);
    billing.post(&key, actor, moves);
    for payment in billing.payments.iter_mut().filter(|payment| payment.channel == channel) {
        if let Some(covered) = payment.covers.as_mut().filter(|covered| covered.subscription == id) {
            covered.grace = Some(policy.grace_periods);
        }
    }
}

/// What had ended of `grant` where another payment took the place of its own, and does no longer: given once more, until
/// the time that it has now.
fn revived(after: &Entitlement<'_>, grant: &Grant, ends: Ends, now: Timestamp) -> Option<GrantCredits> {
    let (Ends::With(at) | Ends::Renewed(at) | Ends::Cut(at)) = ends;
    let over = matches!(grant.stage_at(now), Stage::Expired | Stage::Voided);
    let effective_at = grant.effective_at.max(now);
    if !over || at <= effective_at || grant.expires_at.is_none() {
        return None;
    }
    let amount = after.left_over(grant);
    let key = business_keys::revived(grant.id);
    (amount > 0).then(|| GrantCredits {
        effective_at: Some(effective_at),
        priority: grant.priority,
        expires_at: Some(at),
        rollover: grant.rollover.filter(|Rollover { until, .. }| at < *until),
        origin: grant.origin,
        ..GrantCredits::new(Credits::new(amount), grant.source, key, grant.description.clone())
    })
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
        (Ends::With(at), _) if expires_at < at => {
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
