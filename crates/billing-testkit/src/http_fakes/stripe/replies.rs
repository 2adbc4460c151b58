//! Faults and recorded requests.

use super::api_error::ApiError;

/// A fault of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is executed, and this is returned.
    Refuse {
        /// The status.
        status: u16,
        /// The error's code, such as `rate_limit` or `card_declined`.
        code: Option<&'static str>,
        /// The `Stripe-Should-Retry` header, if any.
        should_retry: Option<bool>,
    },
    /// Nothing is executed, and exactly this is returned, with a `Request-Id`.
    Answer(u16, &'static str),
    /// The request is executed, and the connection breaks during the response.
    CutAfterEffect,
}

impl Fault {
    /// Too many requests; with or without `Stripe-Should-Retry`.
    pub const fn rate_limited(should_retry: Option<bool>) -> Self {
        Self::Refuse { status: 429, code: Some("rate_limit"), should_retry }
    }

    /// An internal error before anything is executed.
    pub const fn server_error() -> Self {
        Self::Refuse { status: 500, code: None, should_retry: None }
    }

    /// The error, and its retry header; none if the request is executed first.
    pub(super) fn refusal(&self) -> Option<(ApiError, Option<bool>)> {
        let Self::Refuse { status, code, should_retry } = self else { return None };
        let kind = match status {
            402 => "card_error",
            500.. => "api_error",
            _ => "invalid_request_error",
        };
        let code = code.map(str::to_owned);
        let message = format!("Injected: status {status}.");
        Some((ApiError { status: *status, kind, code, message, param: None }, *should_retry))
    }
}

/// A recorded request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedRequest {
    /// `GET` or `POST`.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// `Stripe-Version`.
    pub version: Option<String>,
    /// The form, in order.
    pub params: Vec<(String, String)>,
    /// The returned `Request-Id`; a request with an invalid key has none.
    pub request_id: Option<String>,
    /// The returned status.
    pub status: u16,
}

impl RecordedRequest {
    /// The value of one parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}
