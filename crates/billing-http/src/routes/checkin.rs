//! `/checkin`

use actix_web::web::{Data, Json};

use super::credits::AccountQuery;
use crate::Api;
use crate::auth::Caller;
use crate::dto::{CheckInStateView, CheckInView, ErrorBody, Success};
use crate::problem::Problem;
use crate::request::Query;

/// Gives today's credits, once a day.
#[utoipa::path(post, path = "/checkin", tag = "Check-in", params(AccountQuery),
    responses((status = 200, body = Success<CheckInView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "Checked in today, or check-in is off; `details.next_at` says when next")))]
pub(crate) async fn check_in(
    api: Data<Api>,
    caller: Caller,
    query: Query<AccountQuery>,
) -> Result<Json<Success<CheckInView>>, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    Ok(Json(Success::new(api.billing.check_in(&account).await?.into())))
}

/// Where the account stands: today, streak, this month's calendar.
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
