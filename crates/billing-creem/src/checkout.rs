//! Opens and reads checkouts.

use billing_core::payments::{CheckoutFact, CheckoutRequest, CheckoutSession, Fact, Purchase};
use billing_core::ports::ProviderError;
use serde::Serialize;

use crate::client::Client;
use crate::discount;
use crate::{webhook_read, wire};

/// The request body. It has no price, cancel URL or expiry: the price belongs to the product, the buyer cancels with
/// the browser's back button, and a checkout does not expire.
#[derive(Debug, Serialize)]
struct NewCheckout<'a> {
    product_id: &'a str,
    /// For our own lookup; Creem does not enforce uniqueness.
    request_id: String,
    success_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<Buyer<'a>>,
    /// The code of a Creem discount.
    #[serde(skip_serializing_if = "Option::is_none")]
    discount_code: Option<String>,
    metadata: Hint,
}

#[derive(Debug, Serialize)]
struct Buyer<'a> {
    email: &'a str,
}

#[derive(Debug, Serialize)]
struct Hint {
    order_id: String,
}

/// Opens the checkout of an order.
pub(crate) async fn create(
    client: &Client,
    request: &CheckoutRequest,
) -> Result<CheckoutSession, ProviderError> {
    let product = match &request.purchase {
        Purchase::Pack { product, .. } => product,
        Purchase::Plan { price, .. } => price,
        Purchase::Gift { .. } => &None,
    };
    let product = product.as_deref().ok_or(ProviderError::Unsupported("sell what has no product"))?;
    let discount_code = match &request.discount {
        Some(discount) => Some(discount::ensure(client, discount, product).await?),
        None => None,
    };
    let new = NewCheckout {
        product_id: product,
        request_id: request.order.to_string(),
        success_url: &request.success_url,
        customer: request.email.as_deref().map(|email| Buyer { email }),
        discount_code,
        metadata: Hint { order_id: request.order.to_string() },
    };
    let opened: wire::CreatedCheckout = client.post("/v1/checkouts", &new).await?;
    let Some(url) = opened.checkout_url else {
        let message = format!("the checkout {} has no page", opened.id);
        return Err(ProviderError::Unknown { message, request_id: None });
    };
    Ok(CheckoutSession { id: opened.id, url, expires_at: request.expires_at })
}

/// The outcome of a checkout; none while it is unpaid.
pub(crate) async fn read(client: &Client, id: &str) -> Result<Option<CheckoutFact>, ProviderError> {
    let known: wire::Checkout = client.get("/v1/checkouts", &[("checkout_id", id)]).await?;
    let done = matches!(known.status.as_deref(), Some("completed" | "processing"));
    if !done {
        return Ok(None);
    }
    let unknown = |message: String| ProviderError::Unknown { message, request_id: None };
    match webhook_read::checkout(&known).map_err(unknown)? {
        Fact::Checkout(fact) => Ok(Some(fact)),
        _ => Ok(None),
    }
}
