//! What tests put in and look at.

use super::api_error::ApiError;

/// Something that goes wrong with one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is done, and this is answered.
    Refuse {
        /// The status.
        status: u16,
        /// The error's code, such as `rate_limit` or `card_declined`.
        code: Option<&'static str>,
        /// What `Stripe-Should-Retry` says, if it is sent.
        should_retry: Option<bool>,
    },
    /// Nothing is done, and exactly this is answered, with a `Request-Id`.
    Answer(u16, &'static str),
    /// Everything is done, and the connection breaks off in the middle of the answer.
    CutAfterEffect,
}

impl Fault {
    /// Too many requests; with or without `Stripe-Should-Retry`.
    pub const fn rate_limited(should_retry: Option<bool>) -> Self {
        Self::Refuse { status: 429, code: Some("rate_limit"), should_retry }
    }

    /// Stripe's own trouble, before anything was done.
    pub const fn server_error() -> Self {
        Self::Refuse { status: 500, code: None, should_retry: None }
    }

    /// The error to answer, and its advice; none if the request is carried out first.
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

/// A request that came.
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
    /// The form, in the order in which it came.
    pub params: Vec<(String, String)>,
    /// The id that was answered as `Request-Id`; a request with a wrong key has none.
    pub request_id: Option<String>,
    /// The status that was answered.
    pub status: u16,
}

impl RecordedRequest {
    /// The value of one parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}
