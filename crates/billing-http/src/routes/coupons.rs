//! `/coupons`

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use billing_core::coupons::CouponCode;
use billing_core::requests::PurchaseItem;

use super::credits::replayable;
use super::payment::{wanted_pack, wanted_plan};
use crate::Api;
use crate::auth::Caller;
use crate::dto::{
    ErrorBody, RedeemCouponBody, RedeemedCouponView, Success, ValidCouponView, ValidateCouponBody,
};
use crate::problem::Problem;
use crate::request::{Body, optional_key};

/// Returns the effect of a code for the account, on the price of a plan or pack if one is named. Nothing is reserved.
#[utoipa::path(post, path = "/coupons/validate", tag = "Coupons", request_body = ValidateCouponBody,
    responses((status = 200, body = Success<ValidCouponView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "It cannot be used; see code and `details`")))]
pub(crate) async fn validate(
    api: Data<Api>,
    caller: Caller,
    body: Body<ValidateCouponBody>,
) -> Result<Json<Success<ValidCouponView>>, Problem> {
    let body = body.value;
    let account = caller.account(body.account_id.as_deref())?;
    let code = code(&body.code)?;
    let valid = api.billing.validate_coupon(&account, &code, wanted(&body)?).await?;
    Ok(Json(Success::new(valid.into())))
}

/// Grants the credits of a code, once per account. Idempotent with an `Idempotency-Key`.
#[utoipa::path(post, path = "/coupons/redeem", tag = "Coupons", request_body = RedeemCouponBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = Success<RedeemedCouponView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "It cannot be redeemed; see code and `details`")))]
pub(crate) async fn redeem(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    body: Body<RedeemCouponBody>,
) -> Result<HttpResponse, Problem> {
    let body = body.value;
    let account = caller.account(body.account_id.as_deref())?;
    let (code, key) = (code(&body.code)?, optional_key(&request)?);
    let done = api.billing.redeem_coupon(&account, &code, key.as_ref()).await?;
    Ok(replayable(done.replayed).json(Success::new(RedeemedCouponView::from(done))))
}

/// An invalid code is answered as unknown, so that a typo is reported as such.
pub(super) fn code(text: &str) -> Result<CouponCode, Problem> {
    CouponCode::parse(text).map_err(|_| Problem::new("coupon_not_found", "there is no coupon with this code"))
}

fn wanted(body: &ValidateCouponBody) -> Result<Option<PurchaseItem>, Problem> {
    match (&body.plan_id, &body.pack_id) {
        (Some(_), Some(_)) => Err(Problem::invalid("pack_id", "cannot be sent together with `plan_id`")),
        (Some(plan), None) => wanted_plan(plan, body.interval.as_deref()).map(Some),
        (_, _) if body.interval.is_some() => Err(Problem::invalid("interval", "belongs to `plan_id`")),
        (None, Some(pack)) => wanted_pack(pack).map(Some),
        (None, None) => Ok(None),
    }
}
