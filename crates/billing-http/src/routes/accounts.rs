//! `/accounts`

use actix_web::web::{Data, Json, Path};

use crate::Api;
use crate::auth::Caller;
use crate::dto::{AccountBody, AccountView, ErrorBody, Success};
use crate::problem::Problem;
use crate::request::Body;

/// Returns one customer.
#[utoipa::path(get, path = "/accounts/{external_id}", tag = "Accounts", params(("external_id" = String, Path)),
    responses((status = 200, body = Success<AccountView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn show(
    api: Data<Api>,
    caller: Caller,
    external_id: Path<String>,
) -> Result<Json<Success<AccountView>>, Problem> {
    let account = caller.account(Some(&external_id))?;
    Ok(Json(Success::new(api.billing.account(&account).await?.into())))
}

/// Stores the host product's data of a customer; creates the account if it is unknown.
#[utoipa::path(put, path = "/accounts/{external_id}", tag = "Accounts", params(("external_id" = String, Path)),
    request_body = AccountBody,
    responses((status = 200, body = Success<AccountView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn put(
    api: Data<Api>,
    caller: Caller,
    external_id: Path<String>,
    body: Body<AccountBody>,
) -> Result<Json<Success<AccountView>>, Problem> {
    let account = caller.account(Some(&external_id))?;
    let draft = body.value.into_draft()?;
    Ok(Json(Success::new(api.billing.put_account(&account, &draft).await?.into())))
}
