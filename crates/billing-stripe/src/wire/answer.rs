//! What calls answer.

use serde::Deserialize;

/// A customer, just made.
#[derive(Debug, Deserialize)]
pub(crate) struct Customer {
    pub(crate) id: String,
}

/// Something else, just made.
#[derive(Debug, Deserialize)]
pub(crate) struct Created {
    pub(crate) id: String,
}

/// A checkout session, just opened.
#[derive(Debug, Deserialize)]
pub(crate) struct CreatedSession {
    pub(crate) id: String,
    /// Where it is paid, its `#fragment` included; null once it is not open any more.
    pub(crate) url: Option<String>,
    /// Unix seconds.
    pub(crate) expires_at: Option<i64>,
}

/// The customer portal, just opened.
#[derive(Debug, Deserialize)]
pub(crate) struct Portal {
    /// Where it is; not for long.
    pub(crate) url: String,
}

/// An invoice that nobody made.
#[derive(Debug, Deserialize)]
pub(crate) struct Preview {
    /// In Stripe's unit.
    pub(crate) amount_due: i64,
    pub(crate) currency: String,
}

/// The body of every answer that is an error.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ErrorBody {
    pub(crate) error: ErrorObject,
}

impl ErrorObject {
    /// Whether the call named a customer that does not exist: it was deleted, or made with another key.
    pub(crate) fn is_unknown_customer(&self) -> bool {
        self.code.as_deref() == Some("resource_missing") && self.param.as_deref() == Some("customer")
    }
}

/// What went wrong.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ErrorObject {
    /// `invalid_request_error`, `card_error`, `idempotency_error`, `api_error`, …
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    /// `resource_missing`, `card_declined`, …; not always there.
    pub(crate) code: Option<String>,
    /// Which parameter is meant.
    pub(crate) param: Option<String>,
    /// For people.
    pub(crate) message: Option<String>,
}
