//! Errors: one internal type, three envelopes.

mod envelope;
mod render;
mod status;

use actix_web::http::StatusCode;
use billing_core::BillingError;
use serde_json::Value;

pub(crate) use envelope::Surface;
pub(crate) use render::{RequestId, render_problems};
pub use status::{CODES, status_of};

/// RFC 6750 §3 requires at least one parameter after the scheme.
const REALM: &str = "Bearer realm=\"billing\"";

/// An error response.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The stable error code.
    pub code: &'static str,
    /// A message for people.
    pub message: String,
    /// Numbers and names for programs.
    pub details: Option<Value>,
    /// The value of `WWW-Authenticate`, for invalid credentials.
    pub(crate) challenge: Option<String>,
    /// The value of `Allow`, for a wrong method.
    pub(crate) allow: Option<String>,
}

impl Problem {
    /// A problem with `code` and `message`.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: None, challenge: None, allow: None }
    }

    /// The same, with details.
    #[must_use]
    pub fn with(mut self, details: Value) -> Self {
        self.details = Some(details);
        self
    }

    /// An invalid field of the request.
    pub fn invalid(field: &str, problem: impl std::fmt::Display) -> Self {
        let message = if field.is_empty() || field == "." {
            problem.to_string()
        } else {
            format!("`{field}`: {problem}")
        };
        Self::new("invalid_request", message).with(serde_json::json!({ "field": field }))
    }

    /// The same problem of an item at `place` in a list.
    #[must_use]
    pub(crate) fn within(mut self, place: &str) -> Self {
        self.message = format!("{place}: {}", self.message);
        if let Some(field) = self.details.as_mut().and_then(|details| details.get_mut("field")) {
            *field = format!("{place}.{}", field.as_str().unwrap_or_default()).into();
        }
        self
    }

    /// Missing or invalid credentials.
    pub(crate) fn unauthorized(sent_something: bool) -> Self {
        // RFC 6750 §3.1: a request without credentials gets no error code.
        let error = if sent_something { ", error=\"invalid_token\"" } else { "" };
        let challenge = format!("{REALM}{error}");
        Self { challenge: Some(challenge), ..Self::new("unauthorized", "Authentication required") }
    }

    /// The caller lacks a permission.
    pub(crate) fn missing_scope(scope: &str) -> Self {
        let challenge = format!("{REALM}, error=\"insufficient_scope\", scope=\"{scope}\"");
        Self {
            challenge: Some(challenge),
            ..Self::new("forbidden", format!("Missing required scope: {scope}"))
        }
    }

    /// The route does not support this method.
    pub(crate) fn method_not_allowed(allow: &str) -> Self {
        let message = format!("this address takes {allow}");
        Self { allow: Some(allow.to_owned()), ..Self::new("method_not_allowed", message) }
    }

    /// The HTTP status of the code.
    pub fn status(&self) -> StatusCode {
        status_of(self.code)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl actix_web::ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status()
    }
}

impl From<BillingError> for Problem {
    fn from(error: BillingError) -> Self {
        let code = error.code();
        // Under overload a log line per refused request would add to it.
        if status_of(code).is_server_error() && code != "overloaded" {
            tracing::error!(error = %Chain(&error), request_id = provider_request(&error), "a request failed");
        }
        // Internal errors are logged only; the caller is told what to do.
        let message = match code {
            "internal" => "something went wrong on our side; the request id finds it in the log".to_owned(),
            "overloaded" | "unavailable" => "the service is busy; try again shortly".to_owned(),
            "provider_unavailable" => {
                "the payment provider gave no usable answer; try again shortly".to_owned()
            }
            _ => error.to_string(),
        };
        let mut problem = Self::new(code, message);
        problem.details = envelope::details(&error);
        problem
    }
}

fn provider_request(error: &BillingError) -> Option<&str> {
    match error {
        BillingError::Provider(error) => error.request_id(),
        _ => None,
    }
}

/// An error with all its causes, in one line.
struct Chain<'a>(&'a dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(deeper) = cause {
            write!(f, ": {deeper}")?;
            cause = deeper.source();
        }
        Ok(())
    }
}
