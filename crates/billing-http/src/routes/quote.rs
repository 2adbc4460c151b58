//! `/credits/quote`

use actix_web::web::{Data, Json};

use crate::Api;
use crate::auth::Caller;
use crate::dto::{ErrorBody, QuoteBody, QuoteView, Success};
use crate::problem::Problem;
use crate::request::Body;

/// What usage would cost now. Nothing is taken, and nothing is kept: the answered `quote` names the version of
/// the rate card, and versions never change. Tiers of a month go on from what the account has used in it; a spend or a hold
/// that comes later may find it further on.
#[utoipa::path(post, path = "/credits/quote", tag = "Credits", request_body = QuoteBody,
    responses((status = 200, body = Success<QuoteView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody, description = "No rate card prices it")))]
pub(crate) async fn quote(
    api: Data<Api>,
    caller: Caller,
    body: Body<QuoteBody>,
) -> Result<Json<Success<QuoteView>>, Problem> {
    let account = caller.account_if_named(body.value.account_id.as_deref())?;
    let (asked, list) = body.value.into_requests()?;
    let quoted = api.billing.quote(account.as_ref(), &asked).await?;
    Ok(Json(Success::new(QuoteView::new(&quoted, list))))
}
