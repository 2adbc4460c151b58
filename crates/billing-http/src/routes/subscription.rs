//! `/subscription`

use actix_web::web::{Data, Json};
use billing_core::payments::SubscriptionChange;

use super::credits::AccountQuery;
use crate::Api;
use crate::auth::Caller;
use crate::dto::{
    CancelBody, ErrorBody, PortalBody, PortalView, ResumeBody, SubscriptionView, Success, SummaryErrorBody,
};
use crate::problem::Problem;
use crate::request::{Body, Query};

/// The account's live subscription, else the one that ended in the last 30 days, else null.
#[utoipa::path(get, path = "/subscription", tag = "Subscription", params(AccountQuery),
    responses((status = 200, body = Success<Option<SubscriptionView>>), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn show(
    api: Data<Api>,
    caller: Caller,
    query: Query<AccountQuery>,
) -> Result<Json<Success<Option<SubscriptionView>>>, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    let summary = api.billing.summary(&account).await?;
    Ok(Json(Success::new(summary.subscription.map(SubscriptionView::from))))
}

/// Ends the account's subscription with its period, or at once. What is so already stays as it is.
#[utoipa::path(post, path = "/subscription/cancel", tag = "Subscription", request_body = CancelBody,
    responses((status = 200, body = Success<SubscriptionView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 502, body = ErrorBody)))]
pub(crate) async fn cancel(
    api: Data<Api>,
    caller: Caller,
    body: Body<CancelBody>,
) -> Result<Json<Success<SubscriptionView>>, Problem> {
    let account = caller.account(body.value.account_id.as_deref())?;
    let changed = api.billing.change_subscription(&account, body.value.change()?).await?;
    Ok(Json(Success::new(changed.into())))
}

/// Sets the account's subscription aside: nothing is collected, and no credits come, until it is resumed.
#[utoipa::path(post, path = "/subscription/pause", tag = "Subscription", request_body = ResumeBody,
    responses((status = 200, body = Success<SubscriptionView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 502, body = ErrorBody)))]
pub(crate) async fn pause(
    api: Data<Api>,
    caller: Caller,
    body: Body<ResumeBody>,
) -> Result<Json<Success<SubscriptionView>>, Problem> {
    let account = caller.account(body.value.account_id.as_deref())?;
    let changed = api.billing.change_subscription(&account, SubscriptionChange::Pause).await?;
    Ok(Json(Success::new(changed.into())))
}

/// Lets the account's subscription go on that was to end, or was set aside.
#[utoipa::path(post, path = "/subscription/resume", tag = "Subscription", request_body = ResumeBody,
    responses((status = 200, body = Success<SubscriptionView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 502, body = ErrorBody)))]
pub(crate) async fn resume(
    api: Data<Api>,
    caller: Caller,
    body: Body<ResumeBody>,
) -> Result<Json<Success<SubscriptionView>>, Problem> {
    let account = caller.account(body.value.account_id.as_deref())?;
    let changed = api.billing.change_subscription(&account, SubscriptionChange::Resume).await?;
    Ok(Json(Success::new(changed.into())))
}

/// Opens the pages of the provider that owns the account's subscription, and answers where they are.
#[utoipa::path(post, path = "/subscription/portal", tag = "Subscription", request_body = PortalBody,
    responses((status = 200, body = Success<PortalView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 502, body = ErrorBody)))]
pub(crate) async fn portal(
    api: Data<Api>,
    caller: Caller,
    body: Body<PortalBody>,
) -> Result<Json<Success<PortalView>>, Problem> {
    Ok(Json(Success::new(opened(&api, &caller, &body.value).await?)))
}

/// The same as `POST /subscription/portal`, in document B's style.
#[utoipa::path(post, path = "/v1/billing/portal-session", tag = "Overview", request_body = PortalBody,
    responses((status = 200, body = PortalView), (status = 400, body = SummaryErrorBody), (status = 401, body = SummaryErrorBody),
        (status = 403, body = SummaryErrorBody), (status = 404, body = SummaryErrorBody), (status = 502, body = SummaryErrorBody)))]
pub(crate) async fn portal_session(
    api: Data<Api>,
    caller: Caller,
    body: Body<PortalBody>,
) -> Result<Json<PortalView>, Problem> {
    Ok(Json(opened(&api, &caller, &body.value).await?))
}

async fn opened(api: &Api, caller: &Caller, body: &PortalBody) -> Result<PortalView, Problem> {
    let account = caller.account(body.account_id.as_deref())?;
    Ok(PortalView { url: api.billing.open_portal(&account, &body.return_url).await? })
}
