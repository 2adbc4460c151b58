//! `/admin/billing`

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};

use crate::Api;
use crate::auth::Caller;
use crate::dto::{ErrorBody, PackBody, PackView, PlanBody, PlanView, Success};
use crate::problem::Problem;
use crate::request::{Body, path_id};

/// Lists all plans.
#[utoipa::path(get, path = "/admin/billing/plans", tag = "Admin",
    responses((status = 200, body = Success<Vec<PlanView>>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn list_plans(
    api: Data<Api>,
    _caller: Caller,
) -> Result<Json<Success<Vec<PlanView>>>, Problem> {
    let plans = api.billing.plans().await?;
    Ok(Json(Success::new(plans.into_iter().map(PlanView::from).collect())))
}

/// Publishes a plan.
#[utoipa::path(post, path = "/admin/billing/plans", tag = "Admin", request_body = PlanBody,
    responses((status = 200, body = Success<PlanView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn create_plan(
    api: Data<Api>,
    _caller: Caller,
    body: Body<PlanBody>,
) -> Result<Json<Success<PlanView>>, Problem> {
    let plan = api.billing.publish_plan(None, &body.value.into_draft()?).await?;
    Ok(Json(Success::new(plan.into())))
}

/// Replaces a plan.
#[utoipa::path(put, path = "/admin/billing/plans/{id}", tag = "Admin", params(("id" = String, Path)), request_body = PlanBody,
    responses((status = 200, body = Success<PlanView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn update_plan(
    request: HttpRequest,
    api: Data<Api>,
    _caller: Caller,
    body: Body<PlanBody>,
) -> Result<Json<Success<PlanView>>, Problem> {
    let id = path_id(&request, "plan")?;
    let plan = api.billing.publish_plan(Some(id), &body.value.into_draft()?).await?;
    Ok(Json(Success::new(plan.into())))
}

/// Lists all packs.
#[utoipa::path(get, path = "/admin/billing/packs", tag = "Admin",
    responses((status = 200, body = Success<Vec<PackView>>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn list_packs(
    api: Data<Api>,
    _caller: Caller,
) -> Result<Json<Success<Vec<PackView>>>, Problem> {
    let packs = api.billing.packs().await?;
    Ok(Json(Success::new(packs.into_iter().map(PackView::from).collect())))
}

/// Publishes a pack.
#[utoipa::path(post, path = "/admin/billing/packs", tag = "Admin", request_body = PackBody,
    responses((status = 200, body = Success<PackView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn create_pack(
    api: Data<Api>,
    _caller: Caller,
    body: Body<PackBody>,
) -> Result<Json<Success<PackView>>, Problem> {
    let pack = api.billing.publish_pack(None, &body.value.into_draft()?).await?;
    Ok(Json(Success::new(pack.into())))
}

/// Replaces a pack.
#[utoipa::path(put, path = "/admin/billing/packs/{id}", tag = "Admin", params(("id" = String, Path)), request_body = PackBody,
    responses((status = 200, body = Success<PackView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn update_pack(
    request: HttpRequest,
    api: Data<Api>,
    _caller: Caller,
    body: Body<PackBody>,
) -> Result<Json<Success<PackView>>, Problem> {
    let id = path_id(&request, "pack")?;
    let pack = api.billing.publish_pack(Some(id), &body.value.into_draft()?).await?;
    Ok(Json(Success::new(pack.into())))
}
