//! Document A: `/api/external/v2/billing`

use actix_web::HttpMessage;
use actix_web::HttpRequest;
use actix_web::web::{Data, Json};

use super::credits::AccountQuery;
use crate::Api;
use crate::auth::Caller;
use crate::dto::{External, ExternalCredits, ExternalErrorBody, ExternalSummary};
use crate::problem::{Problem, RequestId};
use crate::request::Query;

/// Returns subscription and credits of the caller's account.
#[utoipa::path(get, path = "/api/external/v2/billing/summary", tag = "External", params(AccountQuery),
    responses((status = 200, body = External<ExternalSummary>), (status = 401, body = ExternalErrorBody),
        (status = 403, body = ExternalErrorBody)))]
pub(crate) async fn summary(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    query: Query<AccountQuery>,
) -> Result<Json<External<ExternalSummary>>, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    let summary = api.billing.summary(&account).await?;
    Ok(Json(External::new(request_id(&request), api.billing.now(), summary.into())))
}

/// Returns the credits of the caller's account.
#[utoipa::path(get, path = "/api/external/v2/billing/credits/balance", tag = "External", params(AccountQuery),
    responses((status = 200, body = External<ExternalCredits>), (status = 401, body = ExternalErrorBody),
        (status = 403, body = ExternalErrorBody)))]
pub(crate) async fn credits(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    query: Query<AccountQuery>,
) -> Result<Json<External<ExternalCredits>>, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    let summary = api.billing.summary(&account).await?;
    Ok(Json(External::new(request_id(&request), api.billing.now(), summary.credits.as_ref().into())))
}

fn request_id(request: &HttpRequest) -> String {
    request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default()
}
