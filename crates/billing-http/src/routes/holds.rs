//! `/credits/holds`

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use billing_core::accounts::ExternalId;
use billing_core::values::HoldId;

use super::credits::{AccountQuery, replayable};
use super::spending::asked;
use crate::Api;
use crate::auth::Caller;
use crate::dto::{
    CaptureBody, CaptureView, ErrorBody, ExtendHoldBody, HoldBody, HoldChangedView, HoldView, Listing,
    ReleaseBody, Success,
};
use crate::problem::Problem;
use crate::request::{Body, OptionalBody, PageQuery, Query, path_id, required_key};

/// Places a hold. Idempotent by its key.
#[utoipa::path(post, path = "/credits/holds", tag = "Holds", request_body = HoldBody,
    params(("Idempotency-Key" = String, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = Success<HoldChangedView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 402, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn place(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    body: Body<HoldBody>,
) -> Result<HttpResponse, Problem> {
    let account = caller.account(body.value.account_id.as_deref())?;
    let asked = asked(&caller, account, required_key(&request)?, body.fingerprint);
    let placed = api.billing.hold(body.value.into_request(asked)?).await?;
    let replayed = placed.replayed;
    Ok(replayable(replayed).json(Success::new(HoldChangedView::from(placed))))
}

/// Returns one hold.
#[utoipa::path(get, path = "/credits/holds/{id}", tag = "Holds", params(AccountQuery),
    responses((status = 200, body = Success<HoldView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn show(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    query: Query<AccountQuery>,
) -> Result<Json<Success<HoldView>>, Problem> {
    let hold = path_id(&request, "hold")?;
    let account = owner(&api, &caller, query.0.account_id.as_deref(), hold).await?;
    Ok(Json(Success::new(api.billing.hold_of(&account, hold).await?.into())))
}

/// Lists the captures of a hold, newest first.
#[utoipa::path(get, path = "/credits/holds/{id}/captures", tag = "Holds", params(PageQuery),
    responses((status = 200, body = Listing<CaptureView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn captures(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    query: Query<PageQuery>,
) -> Result<Json<Listing<CaptureView>>, Problem> {
    let hold = path_id(&request, "hold")?;
    let account = owner(&api, &caller, query.0.account_id.as_deref(), hold).await?;
    let page = query.0.page()?;
    let found = api.billing.captures(&account, hold, &page).await?;
    Ok(Json(Listing::new(&page, found, CaptureView::from)))
}

/// Captures a hold, in part or in full. Idempotent by its key.
#[utoipa::path(post, path = "/credits/holds/{id}/capture", tag = "Holds", request_body = CaptureBody,
    params(("Idempotency-Key" = String, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = Success<HoldChangedView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 402, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn capture(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    body: Body<CaptureBody>,
) -> Result<HttpResponse, Problem> {
    let key = required_key(&request)?;
    let hold = path_id(&request, "hold")?;
    let account = owner(&api, &caller, body.value.account_id.as_deref(), hold).await?;
    let asked = asked(&caller, account, key, body.fingerprint);
    let captured = api.billing.capture(body.value.into_request(asked, hold)?).await?;
    let replayed = captured.replayed;
    Ok(replayable(replayed).json(Success::new(HoldChangedView::from(captured))))
}

/// Releases the rest of a hold. Idempotent by its key.
#[utoipa::path(post, path = "/credits/holds/{id}/release", tag = "Holds", request_body = Option<ReleaseBody>,
    params(("Idempotency-Key" = String, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = Success<HoldChangedView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn release(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    OptionalBody(body): OptionalBody<ReleaseBody>,
) -> Result<HttpResponse, Problem> {
    let key = required_key(&request)?;
    let hold = path_id(&request, "hold")?;
    let account = owner(&api, &caller, body.value.account_id.as_deref(), hold).await?;
    let released = api.billing.release(asked(&caller, account, key, body.fingerprint), hold).await?;
    let replayed = released.replayed;
    Ok(replayable(replayed).json(Success::new(HoldChangedView::from(released))))
}

/// Sets a hold's expiry to this many seconds from now, or raises its amount. Idempotent by its key.
#[utoipa::path(post, path = "/credits/holds/{id}/extend", tag = "Holds", request_body = ExtendHoldBody,
    params(("Idempotency-Key" = String, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = Success<HoldChangedView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 402, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn extend(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    body: Body<ExtendHoldBody>,
) -> Result<HttpResponse, Problem> {
    let key = required_key(&request)?;
    let hold = path_id(&request, "hold")?;
    let account = owner(&api, &caller, body.value.account_id.as_deref(), hold).await?;
    let asked = asked(&caller, account, key, body.fingerprint);
    let extended = api.billing.raise_hold(body.value.into_request(asked, hold)?).await?;
    let replayed = extended.replayed;
    Ok(replayable(replayed).json(Success::new(HoldChangedView::from(extended))))
}

/// The account of the request: the caller's own, the one that it names, or the hold's.
async fn owner(api: &Api, caller: &Caller, named: Option<&str>, hold: HoldId) -> Result<ExternalId, Problem> {
    match caller.account_if_named(named)? {
        Some(account) => Ok(account),
        None => Ok(api.billing.owner_of_hold(hold).await?),
    }
}
