//! `/checkin`

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};

use super::credits::{AccountQuery, replayable};
use crate::Api;
use crate::auth::Caller;
use crate::dto::{CheckInBody, CheckInStateView, CheckInView, ErrorBody, Success};
use crate::problem::Problem;
use crate::request::{OptionalBody, Query, optional_key};

/// Grants today's credits, once a day. Idempotent with an `Idempotency-Key`.
#[utoipa::path(post, path = "/checkin", tag = "Check-in", params(AccountQuery,
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request idempotent")),
    request_body = Option<CheckInBody>,
    responses((status = 200, body = Success<CheckInView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "Checked in today, or check-in is disabled; `details.next_at` says when next")))]
pub(crate) async fn check_in(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    query: Query<AccountQuery>,
    body: OptionalBody<CheckInBody>,
) -> Result<HttpResponse, Problem> {
    let named = body.0.value.account_id.as_deref().or(query.0.account_id.as_deref());
    let account = caller.account(named)?;
    let key = optional_key(&request)?;
    let done = api.billing.check_in(&account, key.as_ref()).await?;
    Ok(replayable(done.replayed).json(Success::new(CheckInView::from(done))))
}

/// Returns the account's check-in status: today, streak, this month's calendar.
#[utoipa::path(get, path = "/checkin", tag = "Check-in", params(AccountQuery),
    responses((status = 200, body = Success<CheckInStateView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn state(
    api: Data<Api>,
    caller: Caller,
    query: Query<AccountQuery>,
) -> Result<Json<Success<CheckInStateView>>, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    Ok(Json(Success::new(api.billing.check_in_state(&account).await?.into())))
}
