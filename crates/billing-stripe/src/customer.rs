//! Creates customers.

use billing_core::payments::CustomerRequest;
use billing_core::ports::ProviderError;
use billing_core::values::Fingerprint;

use crate::client::Client;
use crate::form::Form;
use crate::wire;

/// Creates the customer of an account. Stripe forgets the idempotency key after a day; the caller's unique row
/// guarantees one customer per account.
pub(crate) async fn create(client: &Client, request: &CustomerRequest) -> Result<String, ProviderError> {
    let form = Form::default()
        .with_some("email", request.email.as_deref())
        .with_some("name", request.name.as_deref())
        .with("metadata[account_id]", request.account);
    let key = key(request);
    let customer: wire::Customer = client.post("/v1/customers", &key, &form).await?;
    Ok(customer.id)
}

/// The customer's data is part of the key: Stripe refuses another request under the same key for a day, and an account
/// whose e-mail changed after a crash must not wait that long.
fn key(request: &CustomerRequest) -> String {
    let said = [request.email.as_deref(), request.name.as_deref(), request.replaces.as_deref()];
    let said = Fingerprint::of(said.map(|text| text.unwrap_or_default().as_bytes()));
    format!("customer:{}:{}", request.account, hex::encode(said.bytes()))
}
