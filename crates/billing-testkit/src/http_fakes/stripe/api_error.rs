//! Stripe's error object.

use serde_json::{Value, json};

/// An error response.
#[derive(Debug, Clone)]
pub(super) struct ApiError {
    pub(super) status: u16,
    pub(super) kind: &'static str,
    pub(super) code: Option<String>,
    pub(super) message: String,
    pub(super) param: Option<String>,
}

impl ApiError {
    /// An invalid parameter.
    pub(super) fn invalid(code: &str, param: &str, message: impl Into<String>) -> Self {
        Self {
            status: 400,
            kind: "invalid_request_error",
            code: Some(code.to_owned()),
            message: message.into(),
            param: Some(param.to_owned()),
        }
    }

    /// A missing parameter.
    pub(super) fn missing(param: &str) -> Self {
        Self::invalid("parameter_missing", param, format!("Missing required param: {param}."))
    }

    /// An invalid request.
    pub(super) fn request(status: u16, message: impl Into<String>) -> Self {
        Self { status, kind: "invalid_request_error", code: None, message: message.into(), param: None }
    }

    /// The object.
    pub(super) fn body(&self) -> Value {
        let mut error = json!({ "type": self.kind, "message": self.message });
        if let (Some(code), Some(object)) = (&self.code, error.as_object_mut()) {
            let page = format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-"));
            object.insert("code".to_owned(), json!(code));
            object.insert("doc_url".to_owned(), json!(page));
        }
        if let (Some(param), Some(object)) = (&self.param, error.as_object_mut()) {
            object.insert("param".to_owned(), json!(param));
        }
        json!({ "error": error })
    }
}
