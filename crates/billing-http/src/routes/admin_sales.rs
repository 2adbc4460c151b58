//! `/admin/billing/orders`, `/payments` and `/subscriptions`

use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use billing_core::accounts::ExternalId;
use billing_core::requests::{RefundPayment, Refunded};
use serde::Deserialize;

use crate::Api;
use crate::auth::Caller;
use crate::dto::{
    ErrorBody, InvoiceView, Listing, OwnedOrderView, OwnedPaymentView, OwnedSubscriptionView, RefundBody,
    Success,
};
use crate::problem::Problem;
use crate::request::{OptionalBody, PageQuery, Query, optional_key, path_id};

/// A filter of orders.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OrdersQuery {
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
    /// `pending`, `completed`, `failed`, `expired`, `refunded` or `partially_refunded`.
    status: Option<String>,
}

/// A filter of subscriptions.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SubscriptionsQuery {
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
    /// As in `GET /subscription`.
    status: Option<String>,
    /// `active`, `duplicate`, `duplicate_refunded` or `duplicate_unresolved`.
    role: Option<String>,
}

/// Lists all accounts' orders, newest first, or those of one account.
#[utoipa::path(get, path = "/admin/billing/orders", tag = "Admin", params(OrdersQuery, PageQuery),
    responses((status = 200, body = Listing<OwnedOrderView>), (status = 404, body = ErrorBody)))]
pub(crate) async fn orders(
    api: Data<Api>,
    _caller: Caller,
    query: Query<OrdersQuery>,
) -> Result<Json<Listing<OwnedOrderView>>, Problem> {
    let (account, page) = (account(&query.0.page)?, query.0.page.page()?);
    let status = word("status", query.0.status.as_deref())?;
    let found = api.billing.all_orders(account.as_ref(), status, &page).await?;
    Ok(Json(Listing::new(&page, found, OwnedOrderView::from)))
}

/// Lists all accounts' payments, newest first, or those of one account.
#[utoipa::path(get, path = "/admin/billing/payments", tag = "Admin", params(PageQuery),
    responses((status = 200, body = Listing<OwnedPaymentView>), (status = 404, body = ErrorBody)))]
pub(crate) async fn payments(
    api: Data<Api>,
    _caller: Caller,
    query: Query<PageQuery>,
) -> Result<Json<Listing<OwnedPaymentView>>, Problem> {
    let (account, page) = (account(&query.0)?, query.0.page()?);
    let found = api.billing.all_payments(account.as_ref(), &page).await?;
    Ok(Json(Listing::new(&page, found, OwnedPaymentView::from)))
}

/// Lists all accounts' subscriptions, newest first, or those of one account. Those that were paid while another was
/// live have the role `duplicate` until they are canceled and refunded.
#[utoipa::path(get, path = "/admin/billing/subscriptions", tag = "Admin", params(SubscriptionsQuery, PageQuery),
    responses((status = 200, body = Listing<OwnedSubscriptionView>), (status = 404, body = ErrorBody)))]
pub(crate) async fn subscriptions(
    api: Data<Api>,
    _caller: Caller,
    query: Query<SubscriptionsQuery>,
) -> Result<Json<Listing<OwnedSubscriptionView>>, Problem> {
    let (account, page) = (account(&query.0.page)?, query.0.page.page()?);
    let status = word("status", query.0.status.as_deref())?;
    let role = word("role", query.0.role.as_deref())?;
    let found = api.billing.all_subscriptions(account.as_ref(), (status, role), &page).await?;
    Ok(Json(Listing::new(&page, found, OwnedSubscriptionView::from)))
}

/// Refunds the payment of an order at its provider, in part or in full, and claws back the same fraction of its
/// credits. Idempotent with an `Idempotency-Key`.
#[utoipa::path(post, path = "/admin/billing/orders/{id}/refund", tag = "Admin", request_body = RefundBody,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = Success<InvoiceView>), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 502, body = ErrorBody)))]
pub(crate) async fn refund_order(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    body: OptionalBody<RefundBody>,
) -> Result<Json<Success<InvoiceView>>, Problem> {
    let what = Refunded::Order(path_id(&request, "order")?);
    refund(&request, &api, caller, what, body).await
}

/// Refunds a payment, for example that of a renewal. Idempotent with an `Idempotency-Key`.
#[utoipa::path(post, path = "/admin/billing/payments/{id}/refund", tag = "Admin", request_body = RefundBody,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = Success<InvoiceView>), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 502, body = ErrorBody)))]
pub(crate) async fn refund_payment(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    body: OptionalBody<RefundBody>,
) -> Result<Json<Success<InvoiceView>>, Problem> {
    let what = Refunded::Payment(path_id(&request, "payment")?);
    refund(&request, &api, caller, what, body).await
}

async fn refund(
    request: &HttpRequest,
    api: &Api,
    caller: Caller,
    what: Refunded,
    body: OptionalBody<RefundBody>,
) -> Result<Json<Success<InvoiceView>>, Problem> {
    let amount = body.0.value.amount.map(|amount| amount.0);
    let ask = RefundPayment { what, amount, key: optional_key(request)?, actor: caller.actor };
    let payment = api.billing.refund(&ask).await?;
    Ok(Json(Success::new(InvoiceView::from(&payment))))
}

pub(super) fn account(query: &PageQuery) -> Result<Option<ExternalId>, Problem> {
    let parsed = query.account_id.as_deref().map(ExternalId::parse).transpose();
    parsed.map_err(|problem| Problem::invalid("account_id", problem))
}

pub(super) fn word<T: FromStr>(field: &'static str, text: Option<&str>) -> Result<Option<T>, Problem>
where
    T::Err: std::fmt::Display,
{
    text.map(str::parse).transpose().map_err(|problem: T::Err| Problem::invalid(field, problem))
}
