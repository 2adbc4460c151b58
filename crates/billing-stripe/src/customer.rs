//! Making a customer.

use billing_core::payments::CustomerRequest;
use billing_core::ports::ProviderError;

use crate::client::Client;
use crate::form::Form;
use crate::wire;

/// Makes the customer of an account. Stripe forgets the idempotency key after a day; the caller's unique row
/// is what keeps one customer per account.
pub(crate) async fn create(client: &Client, request: &CustomerRequest) -> Result<String, ProviderError> {
    let form = Form::default()
        .with_some("email", request.email.as_deref())
        .with_some("name", request.name.as_deref())
        .with("metadata[account_id]", request.account);
    let key = format!("customer:{}", request.account);
    let customer: wire::Customer = client.post("/v1/customers", &key, &form).await?;
    Ok(customer.id)
}
