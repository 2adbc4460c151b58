//! Responses of calls.

use serde::Deserialize;

/// A new customer.
#[derive(Debug, Deserialize)]
pub(crate) struct Customer {
    pub(crate) id: String,
}

/// Another new object.
#[derive(Debug, Deserialize)]
pub(crate) struct Created {
    pub(crate) id: String,
}

/// A new checkout session.
#[derive(Debug, Deserialize)]
pub(crate) struct CreatedSession {
    pub(crate) id: String,
    /// The URL of the payment page, with its `#fragment`; null once it is closed.
    pub(crate) url: Option<String>,
    /// Unix seconds.
    pub(crate) expires_at: Option<i64>,
}

/// A customer portal session.
#[derive(Debug, Deserialize)]
pub(crate) struct Portal {
    /// Its URL; it expires soon.
    pub(crate) url: String,
}

/// A previewed invoice.
#[derive(Debug, Deserialize)]
pub(crate) struct Preview {
    /// In Stripe's unit.
    pub(crate) amount_due: i64,
    pub(crate) currency: String,
}

/// The body of an error response.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ErrorBody {
    pub(crate) error: ErrorObject,
}

impl ErrorObject {
    /// Whether the call named an unknown customer: it was deleted, or created with another key.
    pub(crate) fn is_unknown_customer(&self) -> bool {
        self.code.as_deref() == Some("resource_missing") && self.param.as_deref() == Some("customer")
    }
}

/// The error.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ErrorObject {
    /// `invalid_request_error`, `card_error`, `idempotency_error`, `api_error`, …
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    /// `resource_missing`, `card_declined`, …; optional.
    pub(crate) code: Option<String>,
    /// The parameter in question.
    pub(crate) param: Option<String>,
    /// The message.
    pub(crate) message: Option<String>,
}
