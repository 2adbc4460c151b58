//! `/admin/billing/gifts`, and subscriptions that operators give or cancel

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use billing_core::accounts::ExternalId;
use billing_core::payments::SubscriptionChange;
use billing_core::requests::GiveSubscription;
use serde::Deserialize;

use super::admin_sales::{account, word};
use super::credits::replayable;
use crate::Api;
use crate::auth::Caller;
use crate::dto::{
    EndSubscriptionBody, ErrorBody, GiveSubscriptionBody, Listing, OwnedGiftView, OwnedSubscriptionView,
    Success,
};
use crate::problem::Problem;
use crate::request::{Body, OptionalBody, PageQuery, Query, optional_key, path_id, required_key, words};

/// A filter of gifts.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct GiftsQuery {
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
    /// `pending`, `paid`, `redeemed` or `refunded`.
    status: Option<String>,
}

/// Lists all gifts, newest first, or those that one account bought.
#[utoipa::path(get, path = "/admin/billing/gifts", tag = "Admin", params(GiftsQuery, PageQuery),
    responses((status = 200, body = Listing<OwnedGiftView>), (status = 404, body = ErrorBody)))]
pub(crate) async fn gifts(
    api: Data<Api>,
    _caller: Caller,
    query: Query<GiftsQuery>,
) -> Result<Json<Listing<OwnedGiftView>>, Problem> {
    let (buyer, page) = (account(&query.0.page)?, query.0.page.page()?);
    let status = word("status", query.0.status.as_deref())?;
    let found = api.billing.all_gifts(buyer.as_ref(), status, &page).await?;
    Ok(Json(Listing::new(&page, found, OwnedGiftView::from)))
}

/// Gives an account a plan for a number of months, free of charge: a subscription that is never charged, with the
/// plan's credits month by month.
#[utoipa::path(post, path = "/admin/billing/subscriptions", tag = "Admin", request_body = GiveSubscriptionBody,
    params(("Idempotency-Key" = String, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = Success<OwnedSubscriptionView>), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn give(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    body: Body<GiveSubscriptionBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.value;
    let no_plan = |_| Problem::new("not_found", format!("there is no plan `{}`", body.plan_id));
    let ask = GiveSubscription {
        account: ExternalId::parse(&body.account_id)
            .map_err(|problem| Problem::invalid("account_id", problem))?,
        plan: body.plan_id.parse().map_err(no_plan)?,
        months: body.months,
        reason: words::reason(body.reason)?,
        key: required_key(&request)?,
        actor: caller.actor,
    };
    let done = api.billing.give_subscription(&ask).await?;
    let view = OwnedSubscriptionView::from((ask.account, done.shown.subscription));
    Ok(replayable(done.replayed).json(Success::new(view)))
}

/// Cancels a subscription of any account: immediately, unless `when` is `period_end`. A gift ends here, any other at
/// its provider. Idempotent with an `Idempotency-Key`.
#[utoipa::path(post, path = "/admin/billing/subscriptions/{id}/cancel", tag = "Admin", request_body = EndSubscriptionBody,
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = Success<OwnedSubscriptionView>), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody), (status = 502, body = ErrorBody)))]
pub(crate) async fn end(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    body: OptionalBody<EndSubscriptionBody>,
) -> Result<HttpResponse, Problem> {
    let id = path_id(&request, "subscription")?;
    let change = match body.0.value.when.as_deref() {
        None | Some("now") => SubscriptionChange::CancelNow,
        Some("period_end") => SubscriptionChange::CancelAtPeriodEnd,
        Some(_) => return Err(Problem::invalid("when", "must be `now` or `period_end`")),
    };
    let key = optional_key(&request)?;
    let (owner, changed) = api.billing.end_subscription(id, change, key.as_ref(), caller.actor).await?;
    let view = OwnedSubscriptionView::from((owner, changed.shown.subscription));
    Ok(replayable(changed.replayed).json(Success::new(view)))
}
