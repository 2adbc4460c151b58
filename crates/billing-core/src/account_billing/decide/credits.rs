//! Settles a subscription's credits with its entitlement.

use crate::account_billing::entitlement::{Ends, Entitlement};
use crate::account_billing::{AccountBilling, BillingPolicy};
use crate::ledger::{Actor, Command, Grant, GrantCredits, Rollover, Stage, business_keys};
use crate::payments::Channel;
use crate::subscriptions::Subscription;
use crate::values::{Credits, Timestamp};

/// Settles the credits of the subscription `named`, and of each one that was a duplicate `before` and is active now.
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

/// Grants the credits that a subscription's payments entitle to and that are not granted yet, and moves the ends of its
/// grants where they differ from those `before`. An end that an operator has moved stays as long as the subscription
/// lives.
///
/// The result does not depend on which fact is applied: the last one to arrive grants what is missing.
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
            // An end that an operator has moved stays as long as the subscription lives.
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

/// The credits of `grant` that ended because another payment superseded its own, if that no longer holds: granted again
/// until the end that applies now.
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

/// The command that moves the end of `grant` to `ends`, if one is needed.
fn moved(grant: &Grant, ends: Ends, now: Timestamp) -> Option<Command> {
    let expires_at = grant.expires_at?;
    if !matches!(grant.stage_at(now), Stage::Upcoming | Stage::Active) {
        return None;
    }
    let end_at = |at| Some(Command::EndGrant { grant: grant.id, at });
    // Months after a scheduled end are ended only when it arrives: it may be withdrawn.
    if matches!(ends, Ends::Cut(at) if now < at && at <= grant.effective_at) {
        return None;
    }
    match (ends, grant.rollover) {
        (Ends::Renewed(at) | Ends::With(at), _) | (Ends::Cut(at), None) if at < expires_at => end_at(at),
        (Ends::With(at), _) if expires_at < at => {
            Some(Command::ExtendGrant { grant: grant.id, expires_at: Some(at) })
        }
        // There is no next period to roll over to, so the remainder is voided; a used-up grant has none and is ended.
        // Nothing is done before the end arrives: the fact that reports it does so.
        (Ends::Cut(at), Some(_)) if at < expires_at && at <= now => {
            let description = format!("Ended: {}", grant.description);
            if grant.is_live() { Some(Command::Void { grant: grant.id, description }) } else { end_at(at) }
        }
        _ => None,
    }
}
