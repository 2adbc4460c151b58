//! Responses of calls.

use serde::Deserialize;
use serde_json::Value;

/// A new checkout.
#[derive(Debug, Deserialize)]
pub(crate) struct CreatedCheckout {
    pub(crate) id: String,
    /// The URL of the payment page.
    pub(crate) checkout_url: Option<String>,
}

/// A new discount.
#[derive(Debug, Deserialize)]
pub(crate) struct CreatedDiscount {}

/// A customer portal session.
#[derive(Debug, Deserialize)]
pub(crate) struct Portal {
    /// Its URL; for one visit.
    pub(crate) customer_portal_link: String,
}

/// A requested refund. It has neither an id nor an amount.
#[derive(Debug, Deserialize)]
pub(crate) struct Refunded {
    /// `pending`, `requiresAction`, `succeeded`, `failed` or `canceled`.
    pub(crate) status: Option<String>,
}

/// The body of an error response, in either of its shapes. All fields are optional.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ErrorBody {
    trace_id: Option<String>,
    /// A text, or an object with everything.
    error: Option<Value>,
    /// One text or several.
    message: Option<Value>,
}

impl ErrorBody {
    /// Creem's request id.
    pub(crate) fn request_id(&self) -> Option<String> {
        self.trace_id.clone().or_else(|| self.of_object("request_id"))
    }

    /// The error code, if any.
    pub(crate) fn code(&self) -> Option<String> {
        self.of_object("code").or_else(|| self.of_object("type"))
    }

    /// The message.
    pub(crate) fn message(&self) -> Option<String> {
        let message = match &self.message {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Array(texts)) => {
                let texts: Vec<&str> = texts.iter().filter_map(Value::as_str).collect();
                Some(texts.join("; ")).filter(|text| !text.is_empty())
            }
            _ => None,
        };
        let word = || self.error.as_ref().and_then(Value::as_str).map(str::to_owned);
        message.or_else(|| self.of_object("message")).or_else(word)
    }

    fn of_object(&self, field: &str) -> Option<String> {
        self.error.as_ref()?.get(field)?.as_str().map(str::to_owned)
    }
}
