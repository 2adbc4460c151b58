//! `/admin/billing/coupons`

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};

use crate::Api;
use crate::auth::Caller;
use crate::dto::{CouponBody, CouponView, ErrorBody, Success};
use crate::problem::Problem;
use crate::request::{Body, path_id};

/// Lists all coupons.
#[utoipa::path(get, path = "/admin/billing/coupons", tag = "Admin",
    responses((status = 200, body = Success<Vec<CouponView>>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn list(api: Data<Api>, _caller: Caller) -> Result<Json<Success<Vec<CouponView>>>, Problem> {
    let coupons = api.billing.coupons().await?;
    Ok(Json(Success::new(coupons.into_iter().map(CouponView::from).collect())))
}

/// Publishes a coupon.
#[utoipa::path(post, path = "/admin/billing/coupons", tag = "Admin", request_body = CouponBody,
    responses((status = 200, body = Success<CouponView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn create(
    api: Data<Api>,
    _caller: Caller,
    body: Body<CouponBody>,
) -> Result<Json<Success<CouponView>>, Problem> {
    let coupon = api.billing.publish_coupon(None, &body.value.into_draft()?).await?;
    Ok(Json(Success::new(coupon.into())))
}

/// Replaces a coupon: activates or deactivates it, and changes its limits and dates. Its effect and duration can
/// change only before its first use.
#[utoipa::path(put, path = "/admin/billing/coupons/{id}", tag = "Admin", params(("id" = String, Path)), request_body = CouponBody,
    responses((status = 200, body = Success<CouponView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn update(
    request: HttpRequest,
    api: Data<Api>,
    _caller: Caller,
    body: Body<CouponBody>,
) -> Result<Json<Success<CouponView>>, Problem> {
    let id = path_id(&request, "coupon")?;
    let coupon = api.billing.publish_coupon(Some(id), &body.value.into_draft()?).await?;
    Ok(Json(Success::new(coupon.into())))
}
