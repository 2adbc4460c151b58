//! Refunds.

use billing_core::payments::{PaymentReversalUpdate, RefundRequest};
use billing_core::ports::ProviderError;
use billing_core::values::Money;
use serde::Serialize;

use crate::client::Client;
use crate::wire;

#[derive(Debug, Serialize)]
struct NewRefund<'a> {
    transaction_id: &'a str,
}

/// Refunds the whole rest of a transaction: Creem's API takes no amount. Creem does not recognize a repeated call, so
/// the transaction is read first: a refunded one is not refunded again. See
/// <https://docs.creem.io/api-reference/endpoint/create-refund>.
pub(crate) async fn refund(
    client: &Client,
    request: &RefundRequest,
) -> Result<Option<PaymentReversalUpdate>, ProviderError> {
    if !request.all {
        return Err(ProviderError::Unsupported("refund a part of a payment"));
    }
    let transaction = request.payment.payment.as_deref();
    let transaction = transaction.ok_or(ProviderError::Unsupported("refund without a transaction"))?;
    let known = read(client, transaction).await?;
    if known.is_refunded() {
        return Ok(Some(in_all(&known, request)));
    }
    let answer: wire::Refunded =
        client.post("/v1/refunds", &NewRefund { transaction_id: transaction }).await?;
    match answer.status.as_deref() {
        Some("succeeded") => {
            let refunded = known.amount_paid.unwrap_or(request.amount.minor);
            Ok(Some(PaymentReversalUpdate::RefundedInAll(Money::new(refunded, request.amount.currency))))
        }
        Some("failed" | "canceled") => Err(ProviderError::Refused {
            code: answer.status,
            message: "Creem did not refund the transaction".to_owned(),
            request_id: None,
        }),
        // In progress; `refund.created` reports its completion.
        _ => Ok(None),
    }
}

async fn read(client: &Client, transaction: &str) -> Result<wire::Transaction, ProviderError> {
    client.get("/v1/transactions", &[("transaction_id", transaction)]).await
}

fn in_all(known: &wire::Transaction, request: &RefundRequest) -> PaymentReversalUpdate {
    let refunded = known.refunded_amount.or(known.amount_paid).unwrap_or(request.amount.minor);
    PaymentReversalUpdate::RefundedInAll(Money::new(refunded, request.amount.currency))
}
