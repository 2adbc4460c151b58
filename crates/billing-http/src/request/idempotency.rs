//! The `Idempotency-Key` header.

use actix_web::HttpRequest;
use actix_web::http::header::HeaderName;
use billing_core::values::RequestKey;

use crate::problem::Problem;

const HEADER: &str = "Idempotency-Key";
static NAME: HeaderName = HeaderName::from_static("idempotency-key");

/// The key, if there is one.
pub(crate) fn optional_key(request: &HttpRequest) -> Result<Option<RequestKey>, Problem> {
    let mut sent = request.headers().get_all(&NAME);
    let Some(header) = sent.next() else { return Ok(None) };
    let text = header.to_str().ok().filter(|_| sent.next().is_none());
    let key = text.and_then(|text| RequestKey::parse(text).ok());
    key.map(Some).ok_or_else(|| Problem::invalid(HEADER, "takes 1 to 255 visible ASCII characters, once"))
}

/// The required key: without it a retry could not be told from a second request.
pub(crate) fn required_key(request: &HttpRequest) -> Result<RequestKey, Problem> {
    optional_key(request)?.ok_or_else(|| {
        Problem::new(
            "idempotency_key_required",
            "send an `Idempotency-Key` header, so that the request can be repeated safely",
        )
    })
}
