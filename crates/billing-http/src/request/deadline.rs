//! The deadline of a request.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::rt::time::timeout;
use actix_web::web::Data;

use crate::Api;
use crate::problem::Problem;

/// Answers 503 to a request without an answer in time. It may still take effect: writes are not cancelled, and a retry
/// with the same key answers the outcome.
pub(crate) async fn end_in_time<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let deadline = request.app_data::<Data<Api>>().map(|api| api.request_timeout);
    let Some(deadline) = deadline else { return next.call(request).await };
    let answered = timeout(deadline, next.call(request)).await;
    answered.unwrap_or_else(|_| {
        tracing::error!(seconds = deadline.as_secs(), "a request had no answer in time");
        let message = "the request had no answer in time; whether it was carried out is not known: send it again with \
                       the same idempotency key";
        Err(Problem::new("request_timeout", message).into())
    })
}
