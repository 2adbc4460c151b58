//! Reads of payments.

use billing_core::payments::{Fact, PartialFact, PaymentRefs, PaymentReversal};
use billing_core::ports::ProviderError;
use billing_core::values::Timestamp;

use crate::client::Client;
use crate::wire::{self, Expandable};
use crate::{subscription, webhook_read};

/// Reads what an event did not carry: the invoice with all of its lines, or the payment of a charge.
pub(crate) async fn complete(
    client: &Client,
    partial: &PartialFact,
    now: Timestamp,
) -> Result<Fact, ProviderError> {
    match partial {
        PartialFact::Invoice(invoice) => subscription::read_paid(client, invoice, now).await,
        PartialFact::Charge(charge, update) => {
            let payment = of_charge(client, charge).await?;
            if payment.is_empty() {
                return Ok(Fact::Ignored("its charge has no payment"));
            }
            Ok(Fact::Reversal(PaymentReversal { payment, update: update.clone() }))
        }
    }
}

/// Reads what a PaymentIntent paid for: the period of its invoice, or its checkout; nothing if it has neither. See
/// <https://docs.stripe.com/api/invoice-payment/list> and <https://docs.stripe.com/api/checkout/sessions/list>.
pub(crate) async fn read(client: &Client, payment: &str, now: Timestamp) -> Result<Vec<Fact>, ProviderError> {
    let query = [("payment[type]", "payment_intent"), ("payment[payment_intent]", payment)];
    let paid: wire::List<wire::InvoicePayment> = client.find("/v1/invoice_payments", &query).await?;
    if let Some(paid) = paid.data.first() {
        let invoice = paid.invoice.id();
        let refs = PaymentRefs { payment: Some(payment.to_owned()), invoice: Some(invoice.to_owned()) };
        return Ok(vec![subscription::read_paid(client, invoice, now).await?, Fact::PaymentRefs(refs)]);
    }
    let query = [("payment_intent", payment)];
    let sessions: wire::List<wire::Session> = client.find("/v1/checkout/sessions", &query).await?;
    Ok(sessions.data.iter().filter_map(webhook_read::checkout_now).map(Fact::Checkout).collect())
}

/// The payment of a charge. See <https://docs.stripe.com/api/charges/retrieve>.
async fn of_charge(client: &Client, charge: &str) -> Result<PaymentRefs, ProviderError> {
    let charge: wire::Charge = client.get(&format!("/v1/charges/{charge}")).await?;
    let name = |of: Option<Expandable>| of.map(|of| of.id().to_owned());
    Ok(PaymentRefs { payment: name(charge.payment_intent), invoice: name(charge.invoice) })
}
