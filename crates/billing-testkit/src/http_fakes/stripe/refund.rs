//! Payments added by tests, and their refunds.

use serde_json::{Value, json};

use super::api_error::ApiError;
use super::params::Params;

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FakePayment {
    /// The PaymentIntent's id.
    pub id: String,
    /// The invoice that it paid, if any.
    pub invoice: Option<String>,
    /// In Stripe's unit.
    pub amount: i64,
    /// Three small letters.
    pub currency: String,
    /// The refunded amount, in Stripe's unit.
    pub refunded: i64,
}

/// Refunds the amount in `params`, or the whole rest.
pub(super) fn create(payments: &mut [FakePayment], params: &Params, id: &str) -> Result<Value, ApiError> {
    params.check_names(&["payment_intent", "amount", "reason"])?;
    let name = params.need("payment_intent")?;
    let payment = payments.iter_mut().find(|payment| payment.id == name).ok_or_else(|| {
        let message = format!("No such payment_intent: '{name}'");
        ApiError::invalid("resource_missing", "payment_intent", message)
    })?;
    let left = payment.amount - payment.refunded;
    if left == 0 {
        let message = format!("Charge of {name} has already been refunded.");
        return Err(ApiError { param: None, ..ApiError::invalid("charge_already_refunded", "", message) });
    }
    let wanted = match params.get("amount") {
        None => left,
        Some(amount) => amount.parse().unwrap_or_default(),
    };
    if !(1..=left).contains(&wanted) {
        let message =
            format!("Refund amount ({wanted}) is greater than unrefunded amount on charge ({left})");
        return Err(ApiError::invalid("amount_too_large", "amount", message));
    }
    payment.refunded += wanted;
    Ok(json!({
        "id": id, "object": "refund", "amount": wanted, "currency": payment.currency,
        "payment_intent": payment.id, "status": "succeeded", "reason": null, "metadata": {},
    }))
}

/// The refunds of the payment in `query`, as one refund.
pub(super) fn of_payment(payments: &[FakePayment], query: &Params) -> Result<Value, ApiError> {
    let name = query.need("payment_intent")?;
    let paid = payments.iter().filter(|payment| payment.id == name && payment.refunded > 0);
    let data: Vec<_> = paid
        .map(|payment| {
            json!({
                "id": format!("re_{name}"), "object": "refund", "amount": payment.refunded,
                "currency": payment.currency, "payment_intent": name, "status": "succeeded",
            })
        })
        .collect();
    Ok(json!({ "object": "list", "data": data, "has_more": false, "url": "/v1/refunds" }))
}

/// The invoice payments of the invoice or of the PaymentIntent in `query`. See
/// <https://docs.stripe.com/api/invoice-payment/list>.
pub(super) fn of_invoice(payments: &[FakePayment], query: &Params) -> Result<Value, ApiError> {
    let of_payment = query.get("payment[payment_intent]");
    if of_payment.is_none() {
        query.need("invoice")?;
    }
    let of_invoice = query.get("invoice");
    let fits = |payment: &&FakePayment| {
        payment.invoice.is_some()
            && of_payment.is_none_or(|id| payment.id == id)
            && of_invoice.is_none_or(|id| payment.invoice.as_deref() == Some(id))
    };
    let paid = payments.iter().filter(fits);
    let data: Vec<_> = paid
        .map(|payment| {
            json!({
                "id": format!("inpay_{}", payment.id), "object": "invoice_payment", "invoice": payment.invoice,
                "payment": { "type": "payment_intent", "payment_intent": payment.id }, "status": "paid",
            })
        })
        .collect();
    Ok(json!({ "object": "list", "data": data, "has_more": false, "url": "/v1/invoice_payments" }))
}

/// The charge of a payment, `ch_` and the payment's id. See <https://docs.stripe.com/api/charges/object>.
pub(super) fn charge(payments: &[FakePayment], id: &str) -> Option<Value> {
    let payment = payments.iter().find(|payment| id.strip_prefix("ch_") == Some(payment.id.as_str()))?;
    Some(json!({
        "id": id, "object": "charge", "payment_intent": payment.id, "amount": payment.amount,
        "amount_refunded": payment.refunded, "currency": payment.currency,
    }))
}
