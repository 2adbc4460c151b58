//! Items on sale: `/subscription/plans`, `/credits/packs`

use actix_web::web::{Data, Json};

use crate::Api;
use crate::auth::Caller;
use crate::dto::{ErrorBody, OfferedPlan, PackView, Success};
use crate::problem::Problem;

/// Lists the plans on sale.
#[utoipa::path(get, path = "/subscription/plans", tag = "Subscriptions",
    responses((status = 200, body = Success<Vec<OfferedPlan>>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn plans(
    api: Data<Api>,
    _caller: Caller,
) -> Result<Json<Success<Vec<OfferedPlan>>>, Problem> {
    let plans = api.billing.plans().await?.into_iter();
    Ok(Json(Success::new(plans.filter(|plan| plan.public && plan.active).map(OfferedPlan::from).collect())))
}

/// Lists the packs of credits on sale.
#[utoipa::path(get, path = "/credits/packs", tag = "Credits",
    responses((status = 200, body = Success<Vec<PackView>>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn packs(api: Data<Api>, _caller: Caller) -> Result<Json<Success<Vec<PackView>>>, Problem> {
    let packs = api.billing.packs().await?.into_iter();
    Ok(Json(Success::new(packs.filter(|pack| pack.active).map(PackView::from).collect())))
}
