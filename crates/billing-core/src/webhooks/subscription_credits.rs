//! What a subscription's news does to credits.

use super::SubscriptionContext;
use crate::ledger::{Command, Grant, GrantCredits, Origin, Posting, Source, Stage, business_keys};
use crate::orders::Order;
use crate::payments::Payment;
use crate::subscriptions::{CreditsEnd, Subscription};
use crate::values::{BusinessKey, Credits, Fingerprint, PostingKey, Timestamp};

/// The posting that gives what a trial brings, as ordered, else as the plan says today. Any news of a subscription
/// that began with a trial brings it, because the first may come last; the fact lets it through once.
pub(super) fn trial_posting(
    context: &SubscriptionContext,
    subscription: &Subscription,
    order: Option<&Order>,
) -> Option<Posting> {
    let trial_end = subscription.trial_end?;
    let by_price = || context.plan.as_ref().map(|(_, plan, _)| plan.trial_credits);
    let amount = order.and_then(|order| Some(order.trial()?.credits)).or_else(by_price)?;
    let paid = context.payments.iter().any(|payment| payment.covers.is_some());
    let expires_at = if paid {
        trial_end
    } else {
        Subscription::credits_end(Some(subscription), context.grace_periods).of(trial_end)
    };
    if amount == Credits::ZERO || expires_at <= context.now {
        return None;
    }
    let business_key = business_keys::trial(subscription.id);
    let key = PostingKey::of_business_key(&business_key);
    let grant = GrantCredits {
        expires_at: Some(expires_at),
        origin: Origin { order: order.map(|order| order.id), subscription: Some(subscription.id) },
        ..GrantCredits::new(amount, Source::Plan, business_key, "Trial".to_owned())
    };
    Some(posting(context, subscription, key, vec![Command::Grant(grant)]))
}

/// The posting that lets the credits of what was paid end as the subscription stands now, if that differs from how it
/// stood before.
pub(super) fn ends_posting(context: &SubscriptionContext, now: &Subscription) -> Option<Posting> {
    let before = Subscription::credits_end(context.known.as_ref(), context.grace_periods);
    let after = Subscription::credits_end(Some(now), context.grace_periods);
    if before == after {
        return None;
    }
    // Of whole periods: what paid for a change in one ends with it.
    let last = context.payments.iter().filter_map(Payment::whole_period);
    let commands = match after {
        CreditsEnd::Cut(at) => {
            let made_good = |payment: &&Payment| {
                payment.covers.as_ref().is_some_and(|covered| now.is_made_good_by(covered.period))
            };
            let kept: Vec<_> =
                context.payments.iter().filter(made_good).flat_map(|paid| &paid.grant_keys).collect();
            // What was collected after the end has bought its period.
            let late = |payment: &&Payment| now.had_ended_before(payment.collected_at);
            let bought = context
                .payments
                .iter()
                .filter(late)
                .filter_map(|paid| Some((paid, paid.whole_period()?.end)));
            let end_of = |grant: &Grant| {
                let own = bought.clone().find(|(paid, _)| paid.grant_keys.contains(&grant.business_key));
                own.map_or(at, |(_, end)| end.max(at))
            };
            let ending = context.grants.iter().filter(|grant| !kept.contains(&&grant.business_key));
            ending.filter_map(|grant| cut(grant, end_of(grant), context.now)).collect()
        }
        CreditsEnd::AfterPeriod { .. } => match last.max_by_key(|period| period.start) {
            None => moved(now.trial_end, context, &[business_keys::trial(now.id)], after),
            Some(last) => {
                // With what changes in it have added.
                let paid = |payment: &&Payment| {
                    payment.covers.as_ref().is_some_and(|covered| covered.period.start >= last.start)
                };
                let facts: Vec<_> = context
                    .payments
                    .iter()
                    .filter(paid)
                    .flat_map(|payment| payment.grant_keys.clone())
                    .collect();
                moved(Some(last.end), context, &facts, after)
            }
        },
    };
    let key = PostingKey::of_business_key(&business_keys::subscription(now.id, now.version));
    (!commands.is_empty()).then(|| posting(context, now, key, commands))
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

/// Lets those grants of `facts` that end last end as `after` says, counted from the end of the period.
fn moved(
    period_end: Option<Timestamp>,
    context: &SubscriptionContext,
    facts: &[BusinessKey],
    after: CreditsEnd,
) -> Vec<Command> {
    let own = context.grants.iter().filter(|grant| facts.contains(&grant.business_key));
    let last = own.clone().filter_map(|grant| grant.expires_at).max();
    let Some(wanted) = period_end.map(|end| after.of(end)) else { return Vec::new() };
    let of_last = own
        .filter(|grant| grant.expires_at == last && is_open(grant, context.now) && grant.rollover.is_none());
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

fn posting(
    context: &SubscriptionContext,
    subscription: &Subscription,
    key: PostingKey,
    commands: Vec<Command>,
) -> Posting {
    let fingerprint = Fingerprint::of([key.as_str().as_bytes()]);
    Posting { account: subscription.account, key, fingerprint, actor: context.actor.clone(), commands }
}
