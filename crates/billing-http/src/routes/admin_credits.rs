//! `/admin/credits`

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use billing_core::accounts::ExternalId;
use billing_core::requests::{AdjustCredits, ListEntries};
use billing_core::values::Credits;

use super::credits::{EntryQuery, replayable};
use crate::Api;
use crate::auth::Caller;
use crate::dto::{ErrorBody, Listing, ManualBody, ManualView, OwnedEntryView, Success};
use crate::problem::Problem;
use crate::request::{Body, PageQuery, Query, optional_key};

/// All accounts' history, newest first, or one account's.
#[utoipa::path(get, path = "/admin/credits/transactions", tag = "Admin", params(EntryQuery, PageQuery),
    responses((status = 200, body = Listing<OwnedEntryView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn transactions(
    api: Data<Api>,
    _caller: Caller,
    query: Query<EntryQuery>,
) -> Result<Json<Listing<OwnedEntryView>>, Problem> {
    let account = query.0.page.account_id.as_deref().map(named).transpose()?;
    let page = query.0.page.page()?;
    let wanted = ListEntries { account, filter: query.0.filter()?, page: page.clone() };
    let found = api.billing.entries(wanted).await?;
    Ok(Json(Listing::new(&page, found, OwnedEntryView::new)))
}

/// Gives or takes credits by hand. With an `Idempotency-Key` it is safe to repeat.
#[utoipa::path(post, path = "/admin/credits/manual", tag = "Admin", request_body = ManualBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat")),
    responses((status = 200, body = Success<ManualView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 402, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn manual(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    body: Body<ManualBody>,
) -> Result<HttpResponse, Problem> {
    let Body { value, fingerprint } = body;
    if value.reason.trim().is_empty() || value.reason.chars().count() > 500 {
        return Err(Problem::invalid("reason", "takes 1 to 500 characters"));
    }
    let expires_at = value.expires_at.as_deref().map(str::parse).transpose();
    let adjustment = AdjustCredits {
        account: named(&value.account_id)?,
        amount: Credits::new(value.amount.0),
        reason: value.reason,
        expires_at: expires_at.map_err(|problem: billing_core::values::ParseTimestampError| {
            Problem::invalid("expires_at", problem)
        })?,
        key: optional_key(&request)?.unwrap_or_else(|| api.billing.fresh_key()),
        fingerprint,
        actor: caller.actor,
    };
    let done = api.billing.adjust(adjustment).await?;
    Ok(replayable(done.replayed).json(Success::new(ManualView::from(&done))))
}

fn named(text: &str) -> Result<ExternalId, Problem> {
    ExternalId::parse(text).map_err(|problem| Problem::invalid("account_id", problem))
}
