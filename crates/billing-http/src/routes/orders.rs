//! `/orders`

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};

use super::credits::AccountQuery;
use crate::Api;
use crate::auth::Caller;
use crate::dto::{ErrorBody, Listing, OrderView, Success};
use crate::problem::Problem;
use crate::request::{PageQuery, Query, path_id};

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

/// Returns one order of the account, after reading its checkout from the provider. The page to which a buyer returns
/// calls it instead of waiting for the event.
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
    let order = api.billing.refresh_order(&account, path_id(&request, "order")?).await?;
    Ok(Json(Success::new(order.into())))
}

/// Returns one order of the account.
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
    let order = api.billing.order(&account, path_id(&request, "order")?).await?;
    Ok(Json(Success::new(order.into())))
}
