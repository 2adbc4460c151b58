//! Opens and reads checkouts.

use billing_core::payments::{CheckoutFact, CheckoutRequest, CheckoutSession, Purchase};
use billing_core::ports::ProviderError;
use billing_core::values::Timestamp;

use crate::amount;
use crate::client::Client;
use crate::coupon;
use crate::form::Form;
use crate::webhook_read;
use crate::wire;

/// Opens the checkout of an order.
///
/// A pack or a gift has our own price, frozen on the order; a plan has a Stripe price, because only those renew. A
/// coupon's agreed discount is subtracted from the list price. Payment methods are configured in the account's
/// dashboard.
pub(crate) async fn create(
    client: &Client,
    request: &CheckoutRequest,
) -> Result<CheckoutSession, ProviderError> {
    let form = form(request)?;
    let form = match &request.discount {
        Some(discount) => form.with("discounts[0][coupon]", coupon::ensure(client, discount).await?),
        None => form,
    };
    // The key includes the customer: Stripe refuses other parameters under the same key.
    let key = match &request.customer {
        Some(customer) => format!("checkout:{}:{customer}", request.order),
        None => format!("checkout:{}", request.order),
    };
    let session: wire::CreatedSession = client.post("/v1/checkout/sessions", &key, &form).await?;
    let Some(url) = session.url else {
        let message = format!("the checkout {} has no page: it is not open", session.id);
        return Err(ProviderError::Unknown { message, request_id: None });
    };
    let expires_at = session.expires_at.map_or(request.expires_at, Timestamp::from_unix_seconds);
    Ok(CheckoutSession { id: session.id, url, expires_at })
}

/// The outcome of a checkout. See <https://docs.stripe.com/api/checkout/sessions/retrieve>.
pub(crate) async fn read(client: &Client, session: &str) -> Result<Option<CheckoutFact>, ProviderError> {
    let session: wire::Session = client.get(&format!("/v1/checkout/sessions/{session}")).await?;
    Ok(webhook_read::checkout_now(&session))
}

/// Expires a checkout. One that is not open any more is refused; then it is read. See
/// <https://docs.stripe.com/api/checkout/sessions/expire>.
pub(crate) async fn expire(client: &Client, session: &str) -> Result<Option<CheckoutFact>, ProviderError> {
    let (path, key) = (format!("/v1/checkout/sessions/{session}/expire"), format!("expire:{session}"));
    match client.post::<wire::Session>(&path, &key, &Form::default()).await {
        Ok(expired) => Ok(webhook_read::checkout_now(&expired)),
        Err(refused) if refused.is_refusal() => match read(client, session).await? {
            None => Err(ProviderError::Unknown {
                message: format!("the checkout {session} is open still: {refused}"),
                request_id: None,
            }),
            closed => Ok(closed),
        },
        Err(error) => Err(error),
    }
}

fn form(request: &CheckoutRequest) -> Result<Form, ProviderError> {
    let common = Form::default()
        .with("mode", mode(&request.purchase))
        .with("client_reference_id", request.order)
        .with("metadata[order_id]", request.order)
        .with("success_url", &request.success_url)
        .with("cancel_url", &request.cancel_url)
        .with("expires_at", request.expires_at.unix_seconds())
        .with("line_items[0][quantity]", 1);
    // Only one of the two: Stripe refuses both together.
    let common = match &request.customer {
        Some(customer) => common.with("customer", customer),
        None => common.with_some("customer_email", request.email.as_deref()),
    };
    // Stripe does not copy the session's metadata to the objects that it creates.
    match &request.purchase {
        Purchase::Pack { name, .. } | Purchase::Gift { name } => {
            let price = request.discount.as_ref().map_or(request.price, |discount| discount.list_price);
            let amount = amount::to_stripe(price).ok_or_else(|| unpayable(request))?;
            Ok(common
                .with(
                    "line_items[0][price_data][currency]",
                    request.price.currency.code().to_ascii_lowercase(),
                )
                .with("line_items[0][price_data][unit_amount]", amount)
                .with("line_items[0][price_data][product_data][name]", name)
                .with("payment_intent_data[metadata][order_id]", request.order))
        }
        Purchase::Plan { price: Some(price), trial_days, .. } => Ok(common
            .with("line_items[0][price]", price)
            .with_some("subscription_data[trial_period_days]", trial(*trial_days).as_deref())
            .with("subscription_data[metadata][order_id]", request.order)),
        Purchase::Plan { price: None, .. } => {
            Err(ProviderError::Unsupported("sell a plan that has none of its prices"))
        }
    }
}

/// The days of the trial; Stripe refuses 0.
fn trial(days: u32) -> Option<String> {
    (days > 0).then(|| days.to_string())
}

fn mode(purchase: &Purchase) -> &'static str {
    match purchase {
        Purchase::Pack { .. } | Purchase::Gift { .. } => "payment",
        Purchase::Plan { .. } => "subscription",
    }
}

fn unpayable(request: &CheckoutRequest) -> ProviderError {
    ProviderError::Refused {
        code: Some("amount_not_payable".to_owned()),
        message: format!("Stripe cannot ask for exactly {}", request.price),
        request_id: None,
    }
}
