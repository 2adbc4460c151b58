//! Envelopes of errors, and headers of all responses.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{
    ALLOW, CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpResponse};

use tracing::Instrument;

use super::{Problem, Surface};
use crate::Api;
use crate::request::end_in_time;

/// The id of a request in the log; a bare UUID.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub(crate) String);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Renders any error of a handler, an extractor or the framework, and timeouts, in the envelope of the path, and adds
/// the request id to every response.
pub(crate) async fn render_problems<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let request_id = match request.app_data::<Data<Api>>() {
        Some(api) => api.billing.fresh_uuid().to_string(),
        None => String::new(),
    };
    request.extensions_mut().insert(RequestId(request_id.clone()));
    // The path only: keeping the request would block the router's pool.
    let surface = Surface::of(request.path());
    // All log lines of the request carry the id that the caller gets.
    let span = tracing::info_span!("request", request_id);
    rendered(request, next, surface, request_id).instrument(span).await
}

async fn rendered<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
    surface: Surface,
    request_id: String,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut response = match end_in_time(request, next).await {
        Ok(response) => match response.response().error().map(problem_of) {
            Some(problem) => response.into_response(answer(&problem, surface, &request_id)),
            None => response.map_into_boxed_body(),
        },
        Err(error) => {
            let mut answer = answer(&problem_of(&error), surface, &request_id);
            add_headers(answer.headers_mut(), &request_id);
            return Err(InternalError::from_response(error, answer).into());
        }
    };
    add_headers(response.headers_mut(), &request_id);
    Ok(response)
}

fn add_headers(headers: &mut HeaderMap, request_id: &str) {
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

/// The problem of `error`: our own, or the translation of a framework error.
fn problem_of(error: &Error) -> Problem {
    if let Some(problem) = error.as_error::<Problem>() {
        return problem.clone();
    }
    let status = error.as_response_error().status_code();
    match status.as_u16() {
        404 => Problem::new("not_found", "there is nothing at this address"),
        408 => Problem::new("body_timeout", "the request took too long to arrive"),
        413 => Problem::new("body_too_large", "the body is too large"),
        400..=499 => Problem::new("invalid_request", error.to_string()),
        _ => {
            tracing::error!(%error, "a request failed");
            Problem::new("internal", "something went wrong on our side; the request id finds it in the log")
        }
    }
}

fn answer(problem: &Problem, surface: Surface, request_id: &str) -> HttpResponse {
    let status = problem.status();
    let mut response = HttpResponse::build(status);
    for (name, value) in [(WWW_AUTHENTICATE, &problem.challenge), (ALLOW, &problem.allow)] {
        if let Some(value) = value {
            response.insert_header((name, value.as_str()));
        }
    }
    if matches!(status.as_u16(), 408 | 413) {
        // The rest of the body is not read, so the connection cannot be reused.
        response.force_close();
    }
    if status.as_u16() == 503 {
        response.insert_header((RETRY_AFTER, "1"));
    }
    response.json(surface.body(problem, request_id))
}
