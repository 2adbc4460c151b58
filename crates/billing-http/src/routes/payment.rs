//! `/payment`

use actix_web::web::{Data, Json, Payload};
use actix_web::{HttpRequest, HttpResponse};
use billing_core::catalog::Interval;
use billing_core::orders::{OrderKind, RequestMark};
use billing_core::payments::{Channel, WebhookHeaders};
use billing_core::requests::{PurchaseItem, StartCheckout};

use super::coupons::code as coupon_code;
use super::credits::replayable;
use crate::Api;
use crate::auth::Caller;
use crate::dto::{CreateSessionBody, ErrorBody, ReceivedView, SessionGiftView, SessionView, Success};
use crate::problem::Problem;
use crate::request::{Body, optional_key, raw_body};

/// Providers' events are larger than other bodies.
const LARGEST_EVENT: usize = 1024 * 1024;

/// Opens a checkout and returns its URL. The same request again returns the same checkout while it is open.
#[utoipa::path(post, path = "/payment/create-session", tag = "Payment", request_body = CreateSessionBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = Success<SessionView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 502, body = ErrorBody)))]
pub(crate) async fn create_session(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    body: Body<CreateSessionBody>,
) -> Result<HttpResponse, Problem> {
    let Body { value, fingerprint } = body;
    let ask = StartCheckout {
        account: caller.account(value.account_id.as_deref())?,
        channel: value.channel.parse().map_err(|problem| Problem::invalid("channel", problem))?,
        wanted: wanted(&value)?,
        gift: value.wrapping(),
        coupon: value.coupon_code.as_deref().map(coupon_code).transpose()?,
        success_url: value.success_url,
        cancel_url: value.cancel_url,
        request: RequestMark { key: optional_key(&request)?, fingerprint },
    };
    let started = api.billing.start_checkout(&ask).await?;
    let mut view = SessionView::from(&started);
    if started.order.kind() == OrderKind::Gift {
        view.gift = api.billing.gift_of_order(started.order.id).await?.map(SessionGiftView::from);
    }
    Ok(replayable(started.replayed).json(Success::new(view)))
}

/// Receives a provider's event. Public: the signature over the raw body is the credential.
#[utoipa::path(post, path = "/payment/webhook/{provider}", tag = "Payment", params(("provider" = String, Path)),
    request_body(content = String, content_type = "application/json"),
    responses((status = 200, body = Success<ReceivedView>), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn webhook(
    request: HttpRequest,
    api: Data<Api>,
    payload: Payload,
) -> Result<Json<Success<ReceivedView>>, Problem> {
    let channel = request.match_info().query("provider").parse::<Channel>();
    let channel = channel.map_err(|_| Problem::new("not_found", "there is no such payment provider"))?;
    let body = raw_body(payload.into_inner(), LARGEST_EVENT).await?;
    let headers =
        request.headers().iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
    api.billing.receive_webhook(channel, &WebhookHeaders::new(headers), &body).await?;
    Ok(Json(Success::new(ReceivedView { received: true })))
}

/// The item in the body; fields of other kinds are refused, so that a mistake buys nothing.
fn wanted(body: &CreateSessionBody) -> Result<PurchaseItem, Problem> {
    let missing = |field| Problem::invalid(field, "is required for this type");
    let unwanted = |field| Problem::invalid(field, "does not belong to this type");
    let of_gifts = [
        ("months", body.months.is_some()),
        ("recipient_email", body.recipient_email.is_some()),
        ("recipient_name", body.recipient_name.is_some()),
        ("message", body.message.is_some()),
        ("redeem_url", body.redeem_url.is_some()),
    ];
    if body.r#type != "gift"
        && let Some((field, _)) = of_gifts.into_iter().find(|(_, sent)| *sent)
    {
        return Err(unwanted(field));
    }
    match body.r#type.as_str() {
        "gift" => {
            if body.pack_id.is_some() {
                return Err(unwanted("pack_id"));
            }
            if body.interval.is_some() {
                return Err(unwanted("interval"));
            }
            let id = body.plan_id.as_deref().ok_or_else(|| missing("plan_id"))?;
            let months = body.months.ok_or_else(|| missing("months"))?;
            let id = id.parse().map_err(|_| Problem::new("not_found", format!("there is no plan `{id}`")))?;
            Ok(PurchaseItem::Gift(id, months))
        }
        "subscription" => {
            if body.pack_id.is_some() {
                return Err(unwanted("pack_id"));
            }
            let id = body.plan_id.as_deref().ok_or_else(|| missing("plan_id"))?;
            wanted_plan(id, body.interval.as_deref())
        }
        "credits" => {
            if body.plan_id.is_some() {
                return Err(unwanted("plan_id"));
            }
            if body.interval.is_some() {
                return Err(unwanted("interval"));
            }
            let id = body.pack_id.as_deref().ok_or_else(|| missing("pack_id"))?;
            wanted_pack(id)
        }
        _ => Err(Problem::invalid("type", "must be `subscription`, `credits` or `gift`")),
    }
}

/// A monthly plan, unless `interval` says otherwise.
pub(super) fn wanted_plan(id: &str, interval: Option<&str>) -> Result<PurchaseItem, Problem> {
    let id = id.parse().map_err(|_| Problem::new("not_found", format!("there is no plan `{id}`")))?;
    let interval = interval.map(str::parse::<Interval>).transpose();
    let interval = interval.map_err(|problem| Problem::invalid("interval", problem))?;
    Ok(PurchaseItem::Plan(id, interval.unwrap_or(Interval::Monthly)))
}

/// A pack.
pub(super) fn wanted_pack(id: &str) -> Result<PurchaseItem, Problem> {
    let id = id.parse().map_err(|_| Problem::new("not_found", format!("there is no pack `{id}`")))?;
    Ok(PurchaseItem::Pack(id))
}
