//! What a fact changes.

mod checkout;
mod payment_method;
mod period;
mod reversal;
mod subscription;
mod subscription_credits;

pub(crate) use checkout::pack_posting;
pub(super) use subscription_credits::end_credits;

use super::{AccountBilling, Context, Outcome};
use crate::payments::{Fact, PaymentRefs};

/// Decides what `fact` changes of `billing`, which is as of now. Of an [`Outcome`] that changes nothing, `billing` is to
/// be thrown away.
///
/// - The same fact again changes nothing more.
/// - Facts may come in any order: an older description never takes the place of a newer one, and credits end up the
///   same.
/// - Credits come from what was agreed and from our catalogue, never from what a fact says they are.
pub fn decide(billing: &mut AccountBilling, fact: &Fact, context: &Context<'_>) -> Outcome {
    let outcome = match fact {
        Fact::Checkout(checkout) => checkout::decide(billing, checkout, context),
        Fact::Subscription(subscription) => subscription::decide(billing, subscription, context),
        Fact::PeriodPaid(period) => {
            // Its subscription's description comes first: it says whether the subscription counts.
            let described = period.subscription_now.as_deref();
            let described = described.map(|now| subscription::decide(billing, now, context));
            match (period::decide(billing, period, context), described) {
                (Outcome::Nothing(_), Some(described)) if described.changes() => described,
                (outcome, _) => outcome,
            }
        }
        Fact::Reversal(reversal) => reversal::decide(billing, reversal, context),
        Fact::PaymentMethod(method) => payment_method::decide(billing, method, context),
        Fact::PaymentRefs(refs) => learn_refs(billing, refs, context),
        Fact::Ignored(why) => Outcome::Nothing(why),
    };
    billing.follow_orders();
    outcome
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
