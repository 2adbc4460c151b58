//! `/orders`

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use billing_core::BillingError;
use billing_core::accounts::ExternalId;
use billing_core::orders::Order;

use super::credits::AccountQuery;
use crate::Api;
use crate::auth::Caller;
use crate::dto::{ErrorBody, Listing, OrderView, Success};
use crate::problem::Problem;
use crate::request::{PageQuery, Query};

/// Lists the account's orders, newest first.
#[utoipa::path(get, path = "/orders", tag = "Orders", params(PageQuery),
    responses((status = 200, body = Listing<OrderView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn list(
    api: Data<Api>,
    caller: Caller,
    query: Query<PageQuery>,
) -> Result<Json<Listing<OrderView>>, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    let page = query.0.page()?;
    let found = api.billing.orders(&account, &page).await?;
    Ok(Json(Listing::new(&page, found, OrderView::from)))
}

/// One order of the account, by its id or by that of its provider's checkout, after reading it from the
/// provider. The page to which a buyer returns calls it instead of waiting for the event.
#[utoipa::path(post, path = "/orders/{id}/refresh", tag = "Orders", params(("id" = String, Path), AccountQuery),
    responses((status = 200, body = Success<OrderView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 502, body = ErrorBody)))]
pub(crate) async fn refresh(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    query: Query<AccountQuery>,
) -> Result<Json<Success<OrderView>>, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    let order = named(&api, &account, &request).await?;
    let order = api.billing.refresh_order(&account, order.id).await?;
    Ok(Json(Success::new(order.into())))
}

/// Cancels a pending order: its checkout is closed, and its coupon can be used again. An order that has failed or
/// expired before is returned unchanged.
#[utoipa::path(post, path = "/orders/{id}/cancel", tag = "Orders", params(("id" = String, Path), AccountQuery),
    responses((status = 200, body = Success<OrderView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 502, body = ErrorBody)))]
pub(crate) async fn cancel(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    query: Query<AccountQuery>,
) -> Result<Json<Success<OrderView>>, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    let order = named(&api, &account, &request).await?;
    let order = api.billing.cancel_order(&account, order.id).await?;
    Ok(Json(Success::new(order.into())))
}

/// One order of the account, by its id or by that of its provider's checkout.
#[utoipa::path(get, path = "/orders/{id}", tag = "Orders", params(("id" = String, Path), AccountQuery),
    responses((status = 200, body = Success<OrderView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn show(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    query: Query<AccountQuery>,
) -> Result<Json<Success<OrderView>>, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    let order = named(&api, &account, &request).await?;
    Ok(Json(Success::new(order.into())))
}

/// The account's order that the path names.
async fn named(api: &Api, account: &ExternalId, request: &HttpRequest) -> Result<Order, BillingError> {
    api.billing.order_by_name(account, request.match_info().query("id")).await
}
