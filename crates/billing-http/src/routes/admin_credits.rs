//! `/admin/credits`

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use billing_core::accounts::ExternalId;
use billing_core::requests::{AdjustCredits, ChangeGrant, GrantChange, ListEntries};
use billing_core::values::{Credits, Fingerprint, RequestKey};

use super::credits::{EntryQuery, replayable};
use super::spending::asked;
use crate::Api;
use crate::auth::Caller;
use crate::dto::{
    ErrorBody, ExtendGrantBody, GrantView, Listing, ManualBody, ManualView, OwnedEntryView, Success, VoidBody,
};
use crate::problem::Problem;
use crate::request::{Body, PageQuery, Query, optional_key, path_id, words};

/// Lists the entries of all accounts, newest first, or those of one account. With a filter by time a page of all
/// accounts may hold fewer items than its limit, even none: `next_cursor` continues.
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

/// Grants or takes credits by an operator. Idempotent with an `Idempotency-Key`.
#[utoipa::path(post, path = "/admin/credits/manual", tag = "Admin", request_body = ManualBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes the request idempotent")),
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
    let adjustment = AdjustCredits {
        request: asked(&caller, named(&value.account_id)?, key_or_fresh(&request, &api)?, fingerprint),
        amount: Credits::new(value.amount.0),
        reason: words::reason(value.reason)?,
        expires_at: words::moment("expires_at", value.expires_at.as_deref())?,
    };
    let done = api.billing.adjust(adjustment).await?;
    Ok(replayable(done.replayed).json(Success::new(ManualView::from(&done))))
}

/// Voids a grant: the rest of it is gone. Idempotent with an `Idempotency-Key`.
#[utoipa::path(post, path = "/admin/credits/grants/{id}/void", tag = "Admin", request_body = VoidBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = Success<GrantView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn void_grant(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    body: Body<VoidBody>,
) -> Result<HttpResponse, Problem> {
    let change = GrantChange::Void { reason: words::reason(body.value.reason)? };
    change_grant(&request, &api, caller, body.fingerprint, change).await
}

/// Moves a grant's end to a later time. Idempotent with an `Idempotency-Key`.
#[utoipa::path(post, path = "/admin/credits/grants/{id}/extend", tag = "Admin", request_body = ExtendGrantBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = Success<GrantView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn extend_grant(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    body: Body<ExtendGrantBody>,
) -> Result<HttpResponse, Problem> {
    let expires_at = words::moment("expires_at", body.value.expires_at.as_deref())?;
    change_grant(&request, &api, caller, body.fingerprint, GrantChange::Extend { expires_at }).await
}

async fn change_grant(
    request: &HttpRequest,
    api: &Api,
    caller: Caller,
    fingerprint: Fingerprint,
    change: GrantChange,
) -> Result<HttpResponse, Problem> {
    let (grant, key) = (path_id(request, "grant")?, key_or_fresh(request, api)?);
    let ask = ChangeGrant { grant, change, key, fingerprint, actor: caller.actor };
    let (grant, replayed) = api.billing.change_grant(ask).await?;
    Ok(replayable(replayed).json(Success::new(GrantView::from(&grant))))
}

fn key_or_fresh(request: &HttpRequest, api: &Api) -> Result<RequestKey, Problem> {
    Ok(optional_key(request)?.unwrap_or_else(|| api.billing.fresh_key()))
}

fn named(text: &str) -> Result<ExternalId, Problem> {
    ExternalId::parse(text).map_err(|problem| Problem::invalid("account_id", problem))
}
