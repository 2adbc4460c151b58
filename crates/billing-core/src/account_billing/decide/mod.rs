//! What a fact changes.

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
use crate::payments::{Covered, Fact, PaidPeriod, PaymentRefs, PeriodTerms};

/// Decides what `fact` changes of `billing`, which is as of now. Of an [`Outcome`] that changes nothing, `billing` is to
/// be thrown away.
///
/// - The same fact again changes nothing more.
/// - Facts may come in any order: an older description never takes the place of a newer one, and credits end up the
///   same.
/// - Credits come from what was agreed and from our catalogue, never from what a fact says they are.
pub fn decide(billing: &mut AccountBilling, fact: &Fact, context: &Context<'_>) -> Outcome {
    let before = billing.clone();
    let outcome = match fact {
        Fact::Checkout(checkout) => checkout::decide(billing, checkout, context),
        Fact::Subscription(subscription) => subscription::decide(billing, subscription, context),
        Fact::PeriodPaid(period) => {
            // Its subscription's description comes first: it says whether the subscription counts.
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
        Fact::Partial(_) => Outcome::Unknown("its invoice has to be read"),
        Fact::Ignored(why) => Outcome::Nothing(why),
    };
    if let Some(id) = fact.refs().subscription.filter(|_| outcome.changes()) {
        let Context { source, policy, now, .. } = *context;
        settle_credits(&before, billing, (source.channel, id), policy, &source.actor, now);
    }
    billing.follow_orders();
    match fact {
        Fact::PeriodPaid(period) if outcome == Outcome::Applied => what_is_left(billing, period, context),
        _ => outcome,
    }
}

/// Money that came for a period which is over by now grants nothing: a person has to say what becomes of it.
fn what_is_left(billing: &AccountBilling, fact: &PaidPeriod, context: &Context<'_>) -> Outcome {
    let channel = context.source.channel;
    let is_active =
        billing.subscription(channel, &fact.subscription).is_none_or(|known| known.role.is_active());
    let payment = billing.payment(channel, &fact.refs);
    // What went back needs nobody.
    let payment = payment.filter(|payment| payment.permanently_reversed() < payment.paid.minor);
    let covered = payment.and_then(|payment| payment.covers.as_ref());
    let brought = |one: &PeriodTerms| !one.terms.credits.is_zero();
    let changed =
        |covered: &Covered| covered.change.iter().flat_map(|change| &change.nets).any(|net| net.net > 0);
    let all_over = covered.is_some_and(|covered| {
        (covered.brings.iter().any(brought) || changed(covered)) && covered.end() <= context.now
    });
    let granted = payment.is_some_and(|payment| !payment.grant_keys.is_empty());
    if is_active && all_over && !granted {
        return Outcome::NeedsOperator("the period was over before its payment was told: it granted nothing");
    }
    Outcome::Applied
}

/// The next checkout makes another customer. What the deleted one was subscribed to, its own events end.
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
        return Outcome::Unknown("no payment of ours is called so");
    };
    let mut payment = payment.clone();
    payment.refs.learn(refs);
    billing.put_payment(payment);
    Outcome::Applied
}
