//! Payment method events.

use billing_core::payments::{Card, Fact, PaymentMethodFact};
use billing_core::values::Timestamp;

use crate::wire::{self, Expandable};

/// The fact of `method` as of `provider_updated_at`. A detached one has no customer, and `before` names the former
/// one. See <https://docs.stripe.com/api/payment_methods/object>.
pub(super) fn fact(
    method: &wire::PaymentMethod,
    before: Option<&str>,
    provider_updated_at: Timestamp,
    removed: bool,
) -> Fact {
    let customer = method.customer.as_ref().map(Expandable::id).or(before);
    let (Some(customer), Some(card)) = (customer, &method.card) else {
        return Fact::Ignored("it is no card, or nobody's");
    };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    Fact::PaymentMethod(PaymentMethodFact {
        id: method.id.clone(),
        customer: customer.to_owned(),
        card: Card {
            brand: text(&card.brand),
            last4: text(&card.last4),
            exp_month: card.exp_month,
            exp_year: card.exp_year,
        },
        removed,
        provider_updated_at,
    })
}
