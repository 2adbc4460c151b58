//! `/subscription`

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use billing_core::payments::SubscriptionChange;
use billing_core::requests::{ChangePlan, ChangeSubscription};

use super::credits::{AccountQuery, replayable};
use crate::Api;
use crate::auth::Caller;
use crate::dto::{
    CancelBody, ChangeBody, ChangeView, ErrorBody, PortalBody, PortalView, ResumeBody, SubscriptionView,
    Success, SummaryErrorBody, SummaryView,
};
use crate::problem::Problem;
use crate::request::{Body, Query, optional_key};

/// Returns the account's live subscription, else the one that ended in the last 30 days, else null.
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

/// Cancels the account's subscription at the period's end, or immediately. A change that is already in effect is not
/// repeated. Idempotent with an `Idempotency-Key`.
#[utoipa::path(post, path = "/subscription/cancel", tag = "Subscription", request_body = CancelBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = Success<SubscriptionView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody), (status = 502, body = ErrorBody)))]
pub(crate) async fn cancel(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    body: Body<CancelBody>,
) -> Result<HttpResponse, Problem> {
    let account = caller.account(body.value.account_id.as_deref())?;
    let key = optional_key(&request)?;
    let (change, reason) = (body.value.change()?, body.value.reason()?);
    let changed =
        api.billing.change_subscription(&ChangeSubscription { account, change, reason, key }).await?;
    Ok(replayable(changed.replayed).json(Success::new(SubscriptionView::from(changed.shown))))
}

/// Changes the plan of the account's subscription; with `preview` it only returns the effect: the amount due now, and
/// the credits of each date. A change to a plan that costs the same or less takes effect at the renewal.
/// Idempotent with an `Idempotency-Key`: the same request charges once, and answers with the effect that it had.
#[utoipa::path(post, path = "/subscription/change", tag = "Subscription", request_body = ChangeBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = Success<ChangeView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody), (status = 502, body = ErrorBody)))]
pub(crate) async fn change(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    body: Body<ChangeBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.value;
    let account = caller.account(body.account_id.as_deref())?;
    let no_plan = |_| Problem::new("not_found", format!("there is no plan `{}`", body.plan_id));
    let plan = body.plan_id.parse().map_err(no_plan)?;
    let interval = body.interval.as_deref().map(str::parse).transpose();
    let interval = interval.map_err(|problem| Problem::invalid("interval", problem))?;
    let key = optional_key(&request)?;
    let ask = ChangePlan { account, plan, interval, preview: body.preview, key };
    let changed = api.billing.change_plan(&ask).await?;
    let replayed = changed.replayed;
    Ok(replayable(replayed).json(Success::new(ChangeView::new(changed, body.preview))))
}

/// Pauses the account's subscription: nothing is charged and no credits are granted until it is resumed.
/// Idempotent with an `Idempotency-Key`.
#[utoipa::path(post, path = "/subscription/pause", tag = "Subscription", request_body = ResumeBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = Success<SubscriptionView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody), (status = 502, body = ErrorBody)))]
pub(crate) async fn pause(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    body: Body<ResumeBody>,
) -> Result<HttpResponse, Problem> {
    let account = caller.account(body.value.account_id.as_deref())?;
    let key = optional_key(&request)?;
    let ask = ChangeSubscription { key, ..ChangeSubscription::new(account, SubscriptionChange::Pause) };
    let changed = api.billing.change_subscription(&ask).await?;
    Ok(replayable(changed.replayed).json(Success::new(SubscriptionView::from(changed.shown))))
}

/// Resumes the account's paused subscription, or undoes its scheduled cancellation. Idempotent with an
/// `Idempotency-Key`.
#[utoipa::path(post, path = "/subscription/resume", tag = "Subscription", request_body = ResumeBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = Success<SubscriptionView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody), (status = 502, body = ErrorBody)))]
pub(crate) async fn resume(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    body: Body<ResumeBody>,
) -> Result<HttpResponse, Problem> {
    let account = caller.account(body.value.account_id.as_deref())?;
    let key = optional_key(&request)?;
    let ask = ChangeSubscription { key, ..ChangeSubscription::new(account, SubscriptionChange::Resume) };
    let changed = api.billing.change_subscription(&ask).await?;
    Ok(replayable(changed.replayed).json(Success::new(SubscriptionView::from(changed.shown))))
}

/// Opens the customer portal of the subscription's provider, and returns its URL.
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

/// The same as `POST /subscription/pause`, in document B's style.
#[utoipa::path(post, path = "/v1/billing/subscription/pause", tag = "Overview", request_body = ResumeBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = SummaryView), (status = 400, body = SummaryErrorBody), (status = 401, body = SummaryErrorBody),
        (status = 403, body = SummaryErrorBody), (status = 404, body = SummaryErrorBody), (status = 409, body = SummaryErrorBody), (status = 422, body = SummaryErrorBody), (status = 502, body = SummaryErrorBody)))]
pub(crate) async fn pause_as_b(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    body: Body<ResumeBody>,
) -> Result<HttpResponse, Problem> {
    let account = caller.account(body.value.account_id.as_deref())?;
    let key = optional_key(&request)?;
    let ask =
        ChangeSubscription { key, ..ChangeSubscription::new(account.clone(), SubscriptionChange::Pause) };
    let changed = api.billing.change_subscription(&ask).await?;
    let summary = SummaryView::from(api.billing.summary(&account).await?);
    Ok(replayable(changed.replayed).json(summary))
}

async fn opened(api: &Api, caller: &Caller, body: &PortalBody) -> Result<PortalView, Problem> {
    let account = caller.account(body.account_id.as_deref())?;
    let flow = body.flow.as_deref().map(str::parse).transpose();
    let flow = flow.map_err(|problem| Problem::invalid("flow", problem))?;
    Ok(PortalView { url: api.billing.open_portal(&account, flow, &body.return_url).await? })
}
