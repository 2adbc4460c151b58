//! `/admin/checkin`

use actix_web::web::{Data, Json};

use crate::Api;
use crate::auth::Caller;
use crate::dto::{CheckInConfigBody, CheckInConfigView, ErrorBody, Success};
use crate::problem::Problem;
use crate::request::Body;

/// Returns the check-in configuration.
#[utoipa::path(get, path = "/admin/checkin/config", tag = "Admin",
    responses((status = 200, body = Success<CheckInConfigView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn show(
    api: Data<Api>,
    _caller: Caller,
) -> Result<Json<Success<CheckInConfigView>>, Problem> {
    Ok(Json(Success::new(api.billing.check_in_config().await?.into())))
}

/// Sets the check-in configuration.
#[utoipa::path(put, path = "/admin/checkin/config", tag = "Admin", request_body = CheckInConfigBody,
    responses((status = 200, body = Success<CheckInConfigView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn put(
    api: Data<Api>,
    _caller: Caller,
    body: Body<CheckInConfigBody>,
) -> Result<Json<Success<CheckInConfigView>>, Problem> {
    let config = api.billing.set_check_in(&body.value.into()).await?;
    Ok(Json(Success::new(config.into())))
}
