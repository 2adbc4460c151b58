//! Customers.

use std::collections::BTreeMap;

use billing_core::values::Timestamp;
use serde_json::{Value, json};

use super::api_error::ApiError;
use super::params::Params;

const KNOWN: &[&str] = &["email", "name", "metadata[*]"];

/// A created customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FakeCustomer {
    /// Its id.
    pub id: String,
    /// The address for receipts.
    pub email: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The metadata.
    pub metadata: BTreeMap<String, String>,
    /// When it was created.
    pub created: Timestamp,
}

/// The customer of `params`.
pub(super) fn create(params: &Params, id: String, now: Timestamp) -> Result<FakeCustomer, ApiError> {
    params.check_names(KNOWN)?;
    if let Some(email) = params.get("email").filter(|email| !email.contains('@')) {
        let message = format!("Invalid email address: {email}");
        return Err(ApiError::invalid("email_invalid", "email", message));
    }
    Ok(FakeCustomer {
        id,
        email: params.get("email").map(str::to_owned),
        name: params.get("name").map(str::to_owned),
        metadata: params.metadata()?,
        created: now,
    })
}

/// The customer in Stripe's format.
pub(super) fn object(customer: &FakeCustomer) -> Value {
    json!({
        "id": customer.id,
        "object": "customer",
        "address": null,
        "balance": 0,
        "created": customer.created.unix_seconds(),
        "currency": null,
        "default_source": null,
        "delinquent": false,
        "description": null,
        "discount": null,
        "email": customer.email,
        "invoice_prefix": "FAKE0001",
        "invoice_settings": {
            "custom_fields": null,
            "default_payment_method": null,
            "footer": null,
            "rendering_options": null,
        },
        "livemode": false,
        "metadata": customer.metadata,
        "name": customer.name,
        "next_invoice_sequence": 1,
        "phone": null,
        "preferred_locales": [],
        "shipping": null,
        "tax_exempt": "none",
        "test_clock": null,
    })
}
