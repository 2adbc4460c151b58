//! Applies the state of a payment method.

use crate::account_billing::{AccountBilling, Context, Outcome};
use crate::payments::{PaymentMethod, PaymentMethodFact};

pub(super) fn decide(
    billing: &mut AccountBilling,
    fact: &PaymentMethodFact,
    context: &Context<'_>,
) -> Outcome {
    let (channel, account) = (context.source.channel, billing.account.id);
    let known = billing
        .payment_methods
        .iter()
        .find(|known| known.channel == channel && known.provider_id == fact.id)
        .cloned();
    let method = match known {
        None => PaymentMethod::first_seen(fact, channel, account),
        Some(mut known) => {
            known.take_over(fact, account);
            known
        }
    };
    billing.put_payment_method(method);
    Outcome::Applied
}
