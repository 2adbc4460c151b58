//! What a subscription's state does to credits.

use super::subscription::plan_item;
use crate::account_billing::{AccountBilling, BillingPolicy, Context};
use crate::ledger::{Actor, Command, Grant, GrantCredits, Origin, Source, Stage, business_keys};
use crate::orders::Order;
use crate::payments::{Payment, SubscriptionFact};
use crate::subscriptions::{CreditsEnd, Subscription};
use crate::values::{BusinessKey, Credits, Timestamp};

/// Gives what a trial brings, as ordered, else as the plan says today. Any description of a subscription that began with
/// a trial brings it, because the first may come last; its business key lets it through once.
pub(super) fn grant_trial(
    billing: &mut AccountBilling,
    fact: &SubscriptionFact,
    subscription: &Subscription,
    order: Option<&Order>,
    context: &Context<'_>,
) {
    let Some(trial_end) = subscription.trial_end else { return };
    let by_price = || plan_item(billing, fact).map(|(_, plan, _)| plan.trial_credits);
    let amount = order.and_then(|order| Some(order.trial()?.credits)).or_else(by_price);
    let amount = amount.unwrap_or(Credits::ZERO);
    let paid = billing.payments_for(subscription.channel, &subscription.provider_id).next().is_some();
    let grace_periods = context.policy.grace_periods;
    let expires_at = if paid {
        trial_end
    } else {
        Subscription::credits_end(Some(subscription), grace_periods).of(trial_end)
    };
    if amount == Credits::ZERO || expires_at <= context.now {
        return;
    }
    let business_key = business_keys::trial(subscription.id);
    let grant = GrantCredits {
        expires_at: Some(expires_at),
        origin: Origin { order: order.map(|order| order.id), subscription: Some(subscription.id) },
        ..GrantCredits::new(amount, Source::Plan, business_key.clone(), "Trial".to_owned())
    };
    billing.post(&business_key, &context.source.actor, vec![Command::Grant(grant)]);
}

/// Lets the credits of what was paid end as the subscription stands now, if that differs from how it stood `before`.
pub(in crate::account_billing) fn end_credits(
    billing: &mut AccountBilling,
    before: Option<&Subscription>,
    subscription: &Subscription,
    policy: BillingPolicy,
    actor: &Actor,
    now: Timestamp,
) {
    let end = |known| Subscription::credits_end(known, policy.grace_periods);
    let after = end(Some(subscription));
    if end(before) == after {
        return;
    }
    let commands = match after {
        CreditsEnd::Cut(at) => cuts(billing, subscription, at, now),
        CreditsEnd::AfterPeriod { .. } => moves(billing, subscription, after, now),
    };
    let key = business_keys::subscription(subscription.id, subscription.version);
    billing.post(&key, actor, commands);
}

/// Ends what was paid for at `at`.
fn cuts(
    billing: &AccountBilling,
    subscription: &Subscription,
    at: Timestamp,
    now: Timestamp,
) -> Vec<Command> {
    let paid: Vec<_> = billing.payments_for(subscription.channel, &subscription.provider_id).collect();
    let made_good = |payment: &&&Payment| {
        payment.covers.as_ref().is_some_and(|covered| subscription.is_made_good_by(covered.period))
    };
    let kept: Vec<_> = paid.iter().filter(made_good).flat_map(|payment| &payment.grant_keys).collect();
    let end_of = |grant: &Grant| {
        // What was collected after the end has bought its period.
        let late = paid.iter().filter(|payment| subscription.had_ended_before(payment.collected_at));
        let mut bought = late.filter_map(|payment| Some((payment, payment.whole_period()?.end)));
        let own = bought.find(|(payment, _)| payment.grant_keys.contains(&grant.business_key));
        own.map_or(at, |(_, end)| end.max(at))
    };
    let ending = billing.grants_of(subscription).into_iter();
    let ending = ending.filter(|grant| !kept.contains(&&grant.business_key));
    ending.filter_map(|grant| cut(grant, end_of(grant), now)).collect()
}

/// Ends the grant at `at`. What would roll over does not: there is no next period.
fn cut(grant: &Grant, at: Timestamp, now: Timestamp) -> Option<Command> {
    let ends = is_open(grant, now) && grant.expires_at.is_some_and(|end| at < end);
    let over = at <= now;
    match grant.rollover {
        _ if !ends => None,
        // Of what is used up nothing can be called off, or roll over.
        Some(_) if over && grant.is_live() => {
            let description = format!("Ended: {}", grant.description);
            Some(Command::Void { grant: grant.id, description })
        }
        // Its end will be told when it comes.
        Some(_) if !over => None,
        _ => Some(Command::EndGrant { grant: grant.id, at }),
    }
}

/// Lets the credits of the last whole period that was paid, else of the trial, end as `after` says.
fn moves(
    billing: &AccountBilling,
    subscription: &Subscription,
    after: CreditsEnd,
    now: Timestamp,
) -> Vec<Command> {
    let paid = || billing.payments_for(subscription.channel, &subscription.provider_id);
    // Of whole periods: what paid for a change in one ends with it.
    let last = paid().filter_map(Payment::whole_period).max_by_key(|period| period.start);
    let Some(last) = last else {
        let trial = [business_keys::trial(subscription.id)];
        return moved(subscription.trial_end, billing.grants_of(subscription), &trial, after, now);
    };
    // With what changes in it have added.
    let in_it = |payment: &&Payment| {
        payment.covers.as_ref().is_some_and(|covered| covered.period.start >= last.start)
    };
    let keys: Vec<_> = paid().filter(in_it).flat_map(|payment| payment.grant_keys.clone()).collect();
    moved(Some(last.end), billing.grants_of(subscription), &keys, after, now)
}

/// Lets those grants of `keys` that end last end as `after` says, counted from the end of the period.
fn moved(
    period_end: Option<Timestamp>,
    grants: Vec<&Grant>,
    keys: &[BusinessKey],
    after: CreditsEnd,
    now: Timestamp,
) -> Vec<Command> {
    let own = grants.into_iter().filter(|grant| keys.contains(&grant.business_key));
    let last = own.clone().filter_map(|grant| grant.expires_at).max();
    let Some(wanted) = period_end.map(|end| after.of(end)) else { return Vec::new() };
    let of_last =
        own.filter(|grant| grant.expires_at == last && is_open(grant, now) && grant.rollover.is_none());
    of_last
        .filter_map(|grant| match grant.expires_at? {
            end if end < wanted => Some(Command::ExtendGrant { grant: grant.id, expires_at: Some(wanted) }),
            end if wanted < end => Some(Command::EndGrant { grant: grant.id, at: wanted }),
            _ => None,
        })
        .collect()
}

/// Whether it is not over by now, whatever was written of it last.
fn is_open(grant: &Grant, now: Timestamp) -> bool {
    matches!(grant.stage_at(now), Stage::Upcoming | Stage::Active)
}
