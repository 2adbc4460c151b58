//! The deadline of the sandbox's pages.

use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::ErrorServiceUnavailable;
use actix_web::middleware::Next;
use actix_web::web::Data;
use tokio::time::timeout;

/// The time after which a request that the API did not end is ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PageDeadline(Duration);

/// The margin after the API's own deadline, so that its callers see its envelope.
const LATER: Duration = Duration::from_secs(5);

impl PageDeadline {
    /// A little later than the API's `request_timeout`.
    pub(crate) fn after(request_timeout: Duration) -> Self {
        Self(request_timeout.saturating_add(LATER))
    }
}

/// Answers 503 if there is no answer in time.
pub(crate) async fn end_page_in_time(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let deadline = request.app_data::<Data<PageDeadline>>().map(|deadline| deadline.0);
    let Some(deadline) = deadline else { return next.call(request).await };
    let answered = timeout(deadline, next.call(request)).await;
    answered.unwrap_or_else(|_| Err(ErrorServiceUnavailable("the page took too long; try again shortly")))
}
