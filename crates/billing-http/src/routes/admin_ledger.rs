//! `/admin/ledger`

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use billing_core::accounts::ExternalId;
use billing_core::ports::AuditScope;
use billing_core::requests::VerifyLedger;
use billing_core::values::AccountId;

use crate::Api;
use crate::auth::Caller;
use crate::dto::{AccountView, ErrorBody, LedgerReportView, Success, VerifyBody};
use crate::problem::Problem;
use crate::request::OptionalBody;

/// The accounts that one request audits.
const PAGE: u32 = 100;

/// Audits one account, or the next hundred, from the first entry on. An account with a violation is frozen until an
/// operator has resolved it.
#[utoipa::path(post, path = "/admin/ledger/verify", tag = "Admin", request_body = VerifyBody,
    responses((status = 200, body = Success<LedgerReportView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn verify(
    api: Data<Api>,
    _caller: Caller,
    body: OptionalBody<VerifyBody>,
) -> Result<Json<Success<LedgerReportView>>, Problem> {
    let VerifyBody { account_id, cursor } = body.0.value;
    let report = if let Some(name) = account_id {
        let name = ExternalId::parse(&name).map_err(|problem| Problem::invalid("account_id", problem))?;
        api.billing.verify_account(&name, true).await?
    } else {
        let after = cursor.map(|cursor| cursor.parse::<AccountId>()).transpose();
        let after = after.map_err(|_| Problem::invalid("cursor", "is none of this list"))?;
        let (scope, whole, freeze) = (AuditScope::All, true, true);
        let ask = VerifyLedger { scope, whole, freeze, after, limit: PAGE, parallel: 1 };
        api.billing.verify_ledger(ask).await?
    };
    Ok(Json(Success::new(report.into())))
}

/// Unfreezes an account.
#[utoipa::path(post, path = "/admin/accounts/{external_id}/unfreeze", tag = "Admin",
    responses((status = 200, body = Success<AccountView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn unfreeze(
    request: HttpRequest,
    api: Data<Api>,
    _caller: Caller,
) -> Result<Json<Success<AccountView>>, Problem> {
    Ok(Json(Success::new(api.billing.thaw_account(&account(&request)?).await?.into())))
}

/// Erases personal data of an account: descriptions and metadata in its history, its e-mail address, name and
/// metadata. Amounts, times and keys stay, and still verify. The external id stays, too.
#[utoipa::path(post, path = "/admin/accounts/{external_id}/erase", tag = "Admin",
    responses((status = 200, body = Success<AccountView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn erase(
    request: HttpRequest,
    api: Data<Api>,
    _caller: Caller,
) -> Result<Json<Success<AccountView>>, Problem> {
    Ok(Json(Success::new(api.billing.erase_account(&account(&request)?).await?.into())))
}

/// The account in the path.
fn account(request: &HttpRequest) -> Result<ExternalId, Problem> {
    let name = ExternalId::parse(request.match_info().query("external_id"));
    name.map_err(|problem| Problem::invalid("external_id", problem))
}
