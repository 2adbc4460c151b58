//! Classification of failed calls.

use billing_core::ports::ProviderError;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::wire::ErrorBody;

/// A failed call: the error, and whether the same call may be retried at once.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The error.
    pub(crate) error: ProviderError,
    /// Whether a retry under the same key can help.
    pub(crate) retry: bool,
    /// The status of the response, if any; for the log.
    pub(crate) status: Option<u16>,
    /// Whether it is the repeated result of an earlier call under the same key: nothing was attempted now.
    pub(crate) replayed: bool,
}

impl Failure {
    /// An error response.
    pub(crate) fn refused(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let request_id = request_id(headers);
        // A proxy may respond with its own page: then there is no error object.
        let said = serde_json::from_slice::<ErrorBody>(body).unwrap_or_default().error;
        let unknown_customer = said.is_unknown_customer();
        let message = said.message.unwrap_or_else(|| format!("status {}", status.as_u16()));
        let error = match status.as_u16() {
            401 | 403 => ProviderError::Unauthorized { request_id },
            // The key was used for a different call, whose outcome is not shown.
            _ if said.kind.as_deref() == Some("idempotency_error") => {
                ProviderError::Unknown { message, request_id }
            }
            409 | 424 | 429 => ProviderError::Unknown { message, request_id },
            400..=499 if unknown_customer => ProviderError::UnknownCustomer { message, request_id },
            400..=499 => ProviderError::Refused { code: said.code.or(said.kind), message, request_id },
            _ => ProviderError::Unknown { message, request_id },
        };
        let replayed = headers.get("idempotent-replayed").is_some_and(|said| said.as_bytes() == b"true");
        Self { error, retry: may_retry(status, headers), status: Some(status.as_u16()), replayed }
    }

    /// No response arrived, or only a part of it.
    pub(crate) fn broken(error: reqwest::Error, request_id: Option<String>) -> Self {
        // No retry after a full timeout, since the caller has waited long enough; except for a connection timeout.
        let retry = error.is_connect() || !error.is_timeout();
        let message = chain(&error.without_url());
        Self { error: ProviderError::Unknown { message, request_id }, retry, status: None, replayed: false }
    }

    /// A successful response that cannot be parsed. A truncated one counts as a broken connection.
    pub(crate) fn unreadable(
        error: &serde_path_to_error::Error<serde_json::Error>,
        request_id: Option<String>,
    ) -> Self {
        let message = format!("the answer is not what was expected: {error}");
        let retry = error.inner().is_eof();
        Self { error: ProviderError::Unknown { message, request_id }, retry, status: None, replayed: false }
    }
}

/// Stripe's request id; responses to an invalid key have none.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    headers.get("request-id")?.to_str().ok().map(str::to_owned)
}

/// The rule of Stripe's own libraries: the header decides, then the status.
fn may_retry(status: StatusCode, headers: &HeaderMap) -> bool {
    match headers.get("stripe-should-retry").map(reqwest::header::HeaderValue::as_bytes) {
        Some(b"true") => true,
        Some(b"false") => false,
        _ => status.is_server_error() || matches!(status.as_u16(), 409 | 424),
    }
}

/// An error with its causes; the HTTP client's own message only says that it failed.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut below = error.source();
    while let Some(cause) = below {
        text = format!("{text}: {cause}");
        below = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, should_retry: Option<&'static str>) -> Failure {
        let mut headers = HeaderMap::new();
        headers.insert("request-id", "req_1".parse().unwrap());
        if let Some(value) = should_retry {
            headers.insert("stripe-should-retry", value.parse().unwrap());
        }
        let body = br#"{"error":{"type":"invalid_request_error","code":"some_code","message":"No."}}"#;
        Failure::refused(StatusCode::from_u16(status).unwrap(), &headers, body)
    }

    #[test]
    fn the_status_decides_what_it_means() {
        for status in [400, 402, 404, 422] {
            let error = answer(status, None).error;
            let ProviderError::Refused { code, message, request_id } = error else { panic!("{status}") };
            assert_eq!(
                (code.as_deref(), &*message, request_id.as_deref()),
                (Some("some_code"), "No.", Some("req_1"))
            );
        }
        for status in [401, 403] {
            assert!(matches!(answer(status, None).error, ProviderError::Unauthorized { .. }), "{status}");
        }
        for status in [302, 409, 424, 429, 500, 503] {
            assert!(matches!(answer(status, None).error, ProviderError::Unknown { .. }), "{status}");
        }
    }

    #[test]
    fn the_header_decides_about_a_retry_before_the_status_does() {
        for (status, header, retry) in [
            (400, None, false),
            (409, None, true),
            (424, None, true),
            (429, None, false),
            (500, None, true),
            (500, Some("false"), false),
            (409, Some("false"), false),
            (429, Some("true"), true),
            (400, Some("true"), true),
            (503, Some("maybe"), true),
        ] {
            assert_eq!(answer(status, header).retry, retry, "{status} {header:?}");
        }
    }

    #[test]
    fn a_page_of_a_proxy_is_no_error_object() {
        let failure =
            Failure::refused(StatusCode::BAD_GATEWAY, &HeaderMap::new(), b"<html>Bad gateway</html>");
        let unknown = ProviderError::Unknown { message: "status 502".to_owned(), request_id: None };
        assert_eq!(failure.error, unknown);
        assert!(failure.retry);
    }
}
