//! Documents B and C: `/v1/billing`

use actix_web::web::{Data, Json};

use super::credits::AccountQuery;
use crate::Api;
use crate::auth::Caller;
use crate::dto::{
    ErrorBody, InvoiceView, InvoicesView, OverviewCredits, OverviewView, Success, SummaryErrorBody,
    SummaryView, UpcomingInvoiceView,
};
use crate::problem::Problem;
use crate::request::Query;

/// Returns subscription and payment method of the caller's account.
#[utoipa::path(get, path = "/v1/billing/summary", tag = "Overview", params(AccountQuery),
    responses((status = 200, body = SummaryView), (status = 401, body = SummaryErrorBody),
        (status = 403, body = SummaryErrorBody), (status = 404, body = SummaryErrorBody)))]
pub(crate) async fn summary(
    api: Data<Api>,
    caller: Caller,
    query: Query<AccountQuery>,
) -> Result<Json<SummaryView>, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    let summary = api.billing.summary(&account).await?;
    if summary.account.is_none() {
        return Err(Problem::new("not_found", "Subscription not found"));
    }
    Ok(Json(summary.into()))
}

/// Lists the latest payments of the caller's account, newest first.
#[utoipa::path(get, path = "/v1/billing/invoices", tag = "Overview", params(AccountQuery),
    responses((status = 200, body = InvoicesView), (status = 401, body = SummaryErrorBody),
        (status = 403, body = SummaryErrorBody)))]
pub(crate) async fn invoices(
    api: Data<Api>,
    caller: Caller,
    query: Query<AccountQuery>,
) -> Result<Json<InvoicesView>, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    let overview = api.billing.overview(&account).await?;
    Ok(Json(InvoicesView::from(overview.payments.as_slice())))
}

/// Returns subscription, credits and payments of the caller's account, for a "Manage subscription" page.
#[utoipa::path(get, path = "/v1/billing/overview", tag = "Overview", params(AccountQuery),
    responses((status = 200, body = Success<OverviewView>), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn overview(
    api: Data<Api>,
    caller: Caller,
    query: Query<AccountQuery>,
) -> Result<Json<Success<OverviewView>>, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    let overview = api.billing.overview(&account).await?;
    Ok(Json(Success::new(overview.into())))
}

/// Returns the credits of the caller's account, in the form of the overview.
#[utoipa::path(get, path = "/v1/billing/credits", tag = "Overview", params(AccountQuery),
    responses((status = 200, body = Success<OverviewCredits>), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn credits(
    api: Data<Api>,
    caller: Caller,
    query: Query<AccountQuery>,
) -> Result<Json<Success<OverviewCredits>>, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    let overview = api.billing.overview(&account).await?;
    let used = overview.used_this_month.get();
    Ok(Json(Success::new(OverviewCredits::of(overview.summary.credits.as_ref(), used))))
}

/// Lists the account's latest payments, newest first.
#[utoipa::path(get, path = "/invoices", tag = "Orders", params(AccountQuery),
    responses((status = 200, body = Success<Vec<InvoiceView>>), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn list_invoices(
    api: Data<Api>,
    caller: Caller,
    query: Query<AccountQuery>,
) -> Result<Json<Success<Vec<InvoiceView>>>, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    let overview = api.billing.overview(&account).await?;
    Ok(Json(Success::new(overview.payments.iter().map(InvoiceView::from).collect())))
}

/// Returns the account's next invoice, or null. It is previewed by the provider if it supports that.
#[utoipa::path(get, path = "/invoices/upcoming", tag = "Orders", params(AccountQuery),
    responses((status = 200, body = Success<Option<UpcomingInvoiceView>>), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 502, body = ErrorBody)))]
pub(crate) async fn upcoming_invoice(
    api: Data<Api>,
    caller: Caller,
    query: Query<AccountQuery>,
) -> Result<Json<Success<Option<UpcomingInvoiceView>>>, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    let upcoming = api.billing.upcoming_invoice(&account).await?;
    Ok(Json(Success::new(upcoming.map(UpcomingInvoiceView::from))))
}
