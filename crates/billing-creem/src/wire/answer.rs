//! What calls answer.

use serde::Deserialize;
use serde_json::Value;

/// A checkout, just opened.
#[derive(Debug, Deserialize)]
pub(crate) struct CreatedCheckout {
    pub(crate) id: String,
    /// Where it is paid.
    pub(crate) checkout_url: Option<String>,
}

/// A discount, just made.
#[derive(Debug, Deserialize)]
pub(crate) struct CreatedDiscount {}

/// The customer's pages, just opened.
#[derive(Debug, Deserialize)]
pub(crate) struct Portal {
    /// Where they are; for one visit.
    pub(crate) customer_portal_link: String,
}

/// A refund, just asked for. Neither an id nor an amount comes with it.
#[derive(Debug, Deserialize)]
pub(crate) struct Refunded {
    /// `pending`, `requiresAction`, `succeeded`, `failed` or `canceled`.
    pub(crate) status: Option<String>,
}

/// The body of an answer that is an error, in either of its shapes. None of it is reliable.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ErrorBody {
    trace_id: Option<String>,
    /// A word, or an object with all of it.
    error: Option<Value>,
    /// One text or several.
    message: Option<Value>,
}

impl ErrorBody {
    /// Creem's id of the request.
    pub(crate) fn request_id(&self) -> Option<String> {
        self.trace_id.clone().or_else(|| self.of_object("request_id"))
    }

    /// A code for programs, where there is one.
    pub(crate) fn code(&self) -> Option<String> {
        self.of_object("code").or_else(|| self.of_object("type"))
    }

    /// What it says to people.
    pub(crate) fn message(&self) -> Option<String> {
        let told = match &self.message {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Array(texts)) => {
                let texts: Vec<&str> = texts.iter().filter_map(Value::as_str).collect();
                Some(texts.join("; ")).filter(|text| !text.is_empty())
            }
            _ => None,
        };
        let word = || self.error.as_ref().and_then(Value::as_str).map(str::to_owned);
        told.or_else(|| self.of_object("message")).or_else(word)
    }

    fn of_object(&self, field: &str) -> Option<String> {
        self.error.as_ref()?.get(field)?.as_str().map(str::to_owned)
    }
}
