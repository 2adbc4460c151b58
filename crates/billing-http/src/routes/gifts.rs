//! `/gifts`

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use billing_core::requests::RedeemedGift;

use super::credits::replayable;
use crate::Api;
use crate::auth::Caller;
use crate::dto::{ErrorBody, GiftView, Listing, RedeemGiftBody, RedeemedGiftView, Success, SummaryErrorBody};
use crate::problem::Problem;
use crate::request::{Body, PageQuery, Query, optional_key};

/// Lists the gifts that the account bought, newest first, with their codes.
#[utoipa::path(get, path = "/gifts", tag = "Gifts", params(PageQuery),
    responses((status = 200, body = Listing<GiftView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn list(
    api: Data<Api>,
    caller: Caller,
    query: Query<PageQuery>,
) -> Result<Json<Listing<GiftView>>, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    let page = query.0.page()?;
    let found = api.billing.gifts(&account, &page).await?;
    Ok(Json(Listing::new(&page, found, GiftView::from)))
}

/// Redeems a gift, once: starts its subscription. Idempotent with an `Idempotency-Key`.
#[utoipa::path(post, path = "/gifts/redeem", tag = "Gifts", request_body = RedeemGiftBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = Success<RedeemedGiftView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody, description = "No gift has this code"),
        (status = 409, body = ErrorBody, description = "Redeemed, refunded or disputed, or the account has a subscription"),
        (status = 412, body = ErrorBody, description = "It is not paid yet"), (status = 422, body = ErrorBody)))]
pub(crate) async fn redeem(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    body: Body<RedeemGiftBody>,
) -> Result<HttpResponse, Problem> {
    let done = redeemed(&request, &api, &caller, body.value).await?;
    Ok(replayable(done.replayed).json(Success::new(RedeemedGiftView::from(done))))
}

/// The same as `POST /gifts/redeem`, in document B's style.
#[utoipa::path(post, path = "/v1/billing/gifts/redeem", tag = "Overview", request_body = RedeemGiftBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = RedeemedGiftView), (status = 400, body = SummaryErrorBody), (status = 401, body = SummaryErrorBody),
        (status = 403, body = SummaryErrorBody), (status = 404, body = SummaryErrorBody), (status = 409, body = SummaryErrorBody),
        (status = 412, body = SummaryErrorBody), (status = 422, body = SummaryErrorBody)))]
pub(crate) async fn redeem_neighbour(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    body: Body<RedeemGiftBody>,
) -> Result<HttpResponse, Problem> {
    let done = redeemed(&request, &api, &caller, body.value).await?;
    Ok(replayable(done.replayed).json(RedeemedGiftView::from(done)))
}

async fn redeemed(
    request: &HttpRequest,
    api: &Api,
    caller: &Caller,
    body: RedeemGiftBody,
) -> Result<RedeemedGift, Problem> {
    let account = caller.account(body.account_id.as_deref())?;
    let key = optional_key(request)?;
    Ok(api.billing.redeem_gift(&account, &body.code, key.as_ref()).await?)
}
