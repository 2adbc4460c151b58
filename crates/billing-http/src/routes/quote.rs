//! `/credits/quote`

use actix_web::web::{Data, Json};

use crate::Api;
use crate::auth::Caller;
use crate::dto::{ErrorBody, QuoteBody, QuoteView, Success};
use crate::problem::Problem;
use crate::request::Body;

/// Quotes usage at the current rates. Nothing is charged or stored: the answered `quote` names the immutable version
/// of the rate card. Monthly tiers continue from the account's usage of the month; a later spend or hold may find a
/// later position.
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
