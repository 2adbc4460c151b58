//! Applies facts.

mod checkout;
mod credits;
mod payment_method;
mod period;
mod reversal;
mod subscription;
mod trial;

pub(crate) use checkout::pack_posting;
pub(super) use credits::settle_credits;

use super::{AccountBilling, Context, Outcome};
use crate::changes::ProviderCustomer;
use crate::payments::{Fact, PaidPeriod, PaidPeriods, PaymentRefs};

/// Applies `fact` to `billing`, which is advanced to now. If the [`Outcome`] changes nothing, the caller discards
/// `billing`.
///
/// - Idempotent: the same fact again changes nothing.
/// - Independent of order: an older state never overwrites a newer one, and the resulting credits are the same.
/// - Credits come from what was agreed and from our catalogue, never from the fact.
pub fn decide(billing: &mut AccountBilling, fact: &Fact, context: &Context<'_>) -> Outcome {
    let before = billing.clone();
    let outcome = match fact {
        Fact::Checkout(checkout) => checkout::decide(billing, checkout, context),
        Fact::Subscription(subscription) => subscription::decide(billing, subscription, context),
        Fact::PeriodPaid(period) => {
            // The subscription's state comes first: it determines the subscription's role.
            let described = period.subscription_now.as_deref();
            let described = described.map(|now| subscription::decide(billing, now, context));
            match (period::decide(billing, period, context), described) {
                (Outcome::Nothing(_), Some(described)) => described,
                (outcome, _) => outcome,
            }
        }
        Fact::Reversal(reversal) => reversal::decide(billing, reversal, context),
        Fact::PaymentMethod(method) => payment_method::decide(billing, method, context),
        Fact::PaymentRefs(refs) => learn_refs(billing, refs, context),
        Fact::CustomerDeleted(customer) => forget_customer(billing, customer, context),
        Fact::Partial(_) => Outcome::Unknown("it has to be read from the provider first"),
        Fact::Ignored(why) => Outcome::Nothing(why),
    };
    if outcome.changes() {
        let Context { source, policy, now, .. } = *context;
        let refunded = match fact {
            Fact::Reversal(reversal) => billing.payment(source.channel, &reversal.payment),
            _ => None,
        };
        let covered = refunded.and_then(|payment| payment.covers.as_ref());
        let covered = covered.map(|covered| covered.subscription.clone());
        let id = fact.refs().subscription.or(covered.as_deref());
        let named = id.map(|id| (source.channel, id));
        settle_credits(&before, billing, named, policy, &source.actor, now);
    }
    billing.follow_orders();
    match fact {
        Fact::PeriodPaid(period) if outcome == Outcome::Applied => {
            unexplained(billing, period, context).map_or(outcome, Outcome::NeedsOperator)
        }
        _ => outcome,
    }
}

/// Why a collected payment grants nothing, if neither a duplicate's refund nor the plan explains it: an operator has to
/// decide what happens to it.
fn unexplained(billing: &AccountBilling, fact: &PaidPeriod, context: &Context<'_>) -> Option<&'static str> {
    let (channel, now) = (context.source.channel, context.now);
    let known = billing.subscription(channel, &fact.subscription);
    let payment = billing.payment(channel, &fact.refs)?;
    let covered = payment.covers.as_ref()?;
    // A payment of zero, or one that was reversed in full, needs no operator.
    let is_kept = payment.permanently_reversed() < payment.paid.minor;
    let is_granted = !payment.grant_keys.is_empty() || known.is_some_and(|known| !known.role.is_active());
    if !is_kept || is_granted {
        return None;
    }
    if covered.brings.is_empty() && covered.change.is_none() {
        return Some("the invoice is neither for a period nor for a change of plan: it grants nothing");
    }
    let Some(change) = covered.change.as_ref().filter(|_| covered.brings.is_empty()) else {
        let brings = covered.brings.iter().any(|one| !one.terms.credits.is_zero());
        let over = covered.end() <= now;
        return brings.then_some(if over {
            "the period was over before its payment was reported: it granted nothing"
        } else {
            "the subscription had ended before its payment was reported: it granted nothing"
        });
    };
    let periods = PaidPeriods::of(billing.payments_for(channel, &fact.subscription));
    let has_credits = change.parts.iter().any(|part| !part.credits.is_zero());
    match periods.covering(change.rest) {
        _ if change.parts.is_empty() => Some(
            "it paid for a change in mid period that the provider does not describe: it grants nothing before the renewal",
        ),
        _ if !has_credits => None,
        None => Some("it paid for a part of a period that is not known: it granted nothing"),
        Some(covering) if covering.line.period.end <= now => {
            Some("the period was over before its payment was reported: it granted nothing")
        }
        _ if !change.prorates => {
            Some("it paid for a change in mid period: the plan's policy grants nothing for that")
        }
        _ => Some("it paid for a change in mid period that is worth no more than what was granted before"),
    }
}

/// The next checkout creates another customer. The deleted one's subscriptions end by their own events.
fn forget_customer(billing: &mut AccountBilling, customer: &str, context: &Context<'_>) -> Outcome {
    let is_it = |known: &&mut ProviderCustomer| {
        (known.channel, known.customer.as_str(), known.deleted) == (context.source.channel, customer, false)
    };
    match billing.customers.iter_mut().find(is_it) {
        Some(known) => {
            known.deleted = true;
            Outcome::Applied
        }
        None => Outcome::Nothing("it is not the account's current customer"),
    }
}

fn learn_refs(billing: &mut AccountBilling, refs: &PaymentRefs, context: &Context<'_>) -> Outcome {
    let Some(payment) = billing.payment(context.source.channel, refs) else {
        return Outcome::Unknown("the payment is not known");
    };
    let mut payment = payment.clone();
    payment.refs.learn(refs);
    billing.put_payment(payment);
    Outcome::Applied
}
