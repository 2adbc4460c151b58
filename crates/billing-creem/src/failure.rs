//! Classification of failed calls.

use billing_core::ports::ProviderError;
use reqwest::StatusCode;

use crate::wire::ErrorBody;

/// A failed call: the error, and whether the same call may be retried at once.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The error.
    pub(crate) error: ProviderError,
    /// Whether the call cannot have been executed, so that a retry is safe and may help.
    pub(crate) retry: bool,
    /// The status of the response, if any; for the log.
    pub(crate) status: Option<u16>,
}

impl Failure {
    /// An error response. The status decides; bodies have several shapes.
    pub(crate) fn refused(status: StatusCode, body: &[u8]) -> Self {
        let said: ErrorBody = serde_json::from_slice(body).unwrap_or_default();
        let request_id = said.request_id();
        let message = said.message().unwrap_or_else(|| format!("status {}", status.as_u16()));
        let error = match status.as_u16() {
            401 | 403 => ProviderError::Unauthorized { request_id },
            409 | 429 => ProviderError::Unknown { message, request_id },
            400..=499 => ProviderError::Refused { code: said.code(), message, request_id },
            _ => ProviderError::Unknown { message, request_id },
        };
        Self { error, retry: status == StatusCode::TOO_MANY_REQUESTS, status: Some(status.as_u16()) }
    }

    /// No response arrived, or only a part of it.
    pub(crate) fn broken(error: reqwest::Error) -> Self {
        // Only calls that never reached Creem are retried: Creem does not recognize a repeated call.
        let retry = error.is_connect();
        let message = chain(&error.without_url());
        Self { error: ProviderError::Unknown { message, request_id: None }, retry, status: None }
    }

    /// A successful response that cannot be parsed.
    pub(crate) fn unreadable(error: &serde_path_to_error::Error<serde_json::Error>) -> Self {
        let message = format!("the answer is not what was expected: {error}");
        Self { error: ProviderError::Unknown { message, request_id: None }, retry: false, status: None }
    }
}

/// An error with its causes; the HTTP client's own message only says that it failed.
fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(error.source(), |below| below.source())
        .fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Failure {
        Failure::refused(StatusCode::from_u16(status).unwrap(), body.as_bytes())
    }

    #[test]
    fn the_status_decides_and_the_body_explains_in_any_of_its_shapes() {
        for (body, message) in [
            (
                r#"{"trace_id":"t1","status":400,"error":"Bad Request","message":["no price","no name"]}"#,
                "no price; no name",
            ),
            (
                r#"{"trace_id":"t1","status":404,"error":"Bad Request","message":"Product not found"}"#,
                "Product not found",
            ),
            (r#"{"trace_id":"t1","status":403,"error":"Bad Request"}"#, "Bad Request"),
            (
                r#"{"error":{"type":"invalid_request_error","code":null,"message":"No.","request_id":"t1"}}"#,
                "No.",
            ),
        ] {
            let ProviderError::Refused { message: text, request_id, .. } = answer(404, body).error else {
                panic!("{body}")
            };
            assert_eq!((text.as_str(), request_id.as_deref()), (message, Some("t1")), "{body}");
        }
        assert!(matches!(answer(401, "").error, ProviderError::Unauthorized { request_id: None }));
        assert!(matches!(answer(403, "{}").error, ProviderError::Unauthorized { .. }));
        for status in [302, 409, 429, 500, 502] {
            let Failure { error, retry, .. } = answer(status, "<html>");
            let unknown = ProviderError::Unknown { message: format!("status {status}"), request_id: None };
            assert_eq!((error, retry), (unknown, status == 429));
        }
    }
}
