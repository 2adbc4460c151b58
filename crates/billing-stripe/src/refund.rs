//! Refunds.

use billing_core::payments::{Fact, PaymentReversal, PaymentReversalUpdate, RefundRequest};
use billing_core::ports::ProviderError;

use crate::amount;
use crate::client::Client;
use crate::form::Form;
use crate::webhook_read;
use crate::wire;

/// Refunds a payment, in part or in full, by its PaymentIntent. If only the invoice is known, its payment is read from
/// Stripe first. See <https://docs.stripe.com/api/refunds/create>.
pub(crate) async fn refund(
    client: &Client,
    request: &RefundRequest,
) -> Result<Option<PaymentReversalUpdate>, ProviderError> {
    let payment = match (&request.payment.payment, &request.payment.invoice) {
        (Some(payment), _) => payment.clone(),
        (None, Some(invoice)) => payment_of(client, invoice).await?,
        (None, None) => return Err(ProviderError::Unsupported("refund a payment without a name")),
    };
    let unsayable = || ProviderError::Unsupported("say this amount exactly");
    let mut form = Form::default().with("payment_intent", &payment);
    // Without an amount Stripe refunds the whole rest, including concurrent changes.
    if !request.all {
        form = form.with("amount", amount::to_stripe(request.amount).ok_or_else(unsayable)?);
    }
    let refunded: wire::Refund = match client.post("/v1/refunds", &request.key, &form).await {
        // It was refunded before, under another key or in the dashboard: the refunded amount is read and returned.
        Err(ProviderError::Refused { code: Some(code), .. }) if code == "charge_already_refunded" => {
            return in_all(client, &payment).await;
        }
        answered => answered?,
    };
    let unknown = |message: String| ProviderError::Unknown { message, request_id: None };
    match webhook_read::refund(&refunded).map_err(unknown)? {
        Fact::Reversal(PaymentReversal { update, .. }) => Ok(Some(update)),
        _ => Ok(None),
    }
}

/// The cumulative refunded amount of the payment.
async fn in_all(client: &Client, payment: &str) -> Result<Option<PaymentReversalUpdate>, ProviderError> {
    let query = [("payment_intent", payment), ("limit", "100")];
    let known: wire::List<wire::Refund> = client.find("/v1/refunds", &query).await?;
    let arrived = known.data.iter().filter(|refund| refund.status.as_deref() == Some("succeeded"));
    let sum = arrived.clone().fold(0_i64, |sum, refund| sum.saturating_add(refund.amount));
    let currency = arrived.map(|refund| refund.currency.as_str()).next();
    Ok(amount::read(Some(sum), currency).map(PaymentReversalUpdate::RefundedInAll))
}

/// The payment of the invoice. Since basil the invoice itself does not name it, and before it the list does not exist.
async fn payment_of(client: &Client, invoice: &str) -> Result<String, ProviderError> {
    let query = [("invoice", invoice), ("status", "paid")];
    let paid: wire::List<wire::InvoicePayment> = client.find("/v1/invoice_payments", &query).await?;
    let with = paid.data.into_iter().find_map(|paid| paid.payment?.payment_intent);
    let refused = || ProviderError::Refused {
        code: None,
        message: format!("no payment of the invoice {invoice} is known"),
        request_id: None,
    };
    Ok(with.ok_or_else(refused)?.id().to_owned())
}
