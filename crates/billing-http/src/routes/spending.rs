//! `/credits`: backend operations.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use billing_core::accounts::ExternalId;
use billing_core::ledger::Taken;
use billing_core::requests::{LedgerRequest, Reverse};
use billing_core::values::{Credits, EntryId, Fingerprint, RequestKey, UsageId};

use super::credits::replayable;
use crate::Api;
use crate::auth::Caller;
use crate::dto::{
    CheckBody, CheckView, ConsumeBody, ConsumeManyBody, ConsumedManyView, ConsumedView, ErrorBody, GivenView,
    GrantBody, ReverseBody, ReversedView, Success,
};
use crate::problem::Problem;
use crate::request::{Asked, Body, OptionalBody, path_id, required_key, words};

/// The maximum size of a request with 1,000 spends.
const LARGE: usize = 2 * 1024 * 1024;

/// Takes credits: all or nothing, or with `partial` what is available. Idempotent by its key.
#[utoipa::path(post, path = "/credits/consume", tag = "Credits", request_body = ConsumeBody,
    params(("Idempotency-Key" = String, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = Success<ConsumedView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 402, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn consume(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    body: Body<ConsumeBody>,
) -> Result<HttpResponse, Problem> {
    let account = caller.account(body.value.account_id.as_deref())?;
    let asked = asked(&caller, account, required_key(&request)?, body.fingerprint);
    let spent = api.billing.spend(body.value.into_spend(asked)?).await?;
    Ok(replayable(spent.replayed).json(Success::new(ConsumedView::from(&spent))))
}

/// Takes credits for each of up to 1,000 independent spends. Idempotent by its key: accepted spends are answered
/// again, refused ones are retried.
#[utoipa::path(post, path = "/credits/consume/batch", tag = "Credits", request_body = ConsumeManyBody,
    params(("Idempotency-Key" = String, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = Success<ConsumedManyView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn consume_many(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    body: Body<ConsumeManyBody, LARGE>,
) -> Result<HttpResponse, Problem> {
    let key = required_key(&request)?;
    let spend = |(place, item): (usize, ConsumeBody)| {
        let spend = caller
            .account(item.account_id.as_deref())
            .and_then(|account| item.into_spend(asked(&caller, account, key.clone(), body.fingerprint)));
        spend.map_err(|problem| problem.within(&format!("items[{place}]")))
    };
    let spends = body.value.items.into_iter().enumerate().map(spend).collect::<Result<Vec<_>, _>>()?;
    let outcomes = api.billing.spend_many(&key, spends).await?;
    let mut carried_out = outcomes.iter().flatten().peekable();
    let replayed = carried_out.peek().is_some() && carried_out.all(|spent| spent.replayed);
    Ok(replayable(replayed).json(Success::new(ConsumedManyView::new(outcomes))))
}

/// Checks whether the account could cover an amount now. It guarantees nothing; a hold does.
#[utoipa::path(post, path = "/credits/check", tag = "Credits", request_body = CheckBody,
    responses((status = 200, body = Success<CheckView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn check(
    api: Data<Api>,
    caller: Caller,
    body: Body<CheckBody>,
) -> Result<Json<Success<CheckView>>, Problem> {
    let account = caller.account(body.value.account_id.as_deref())?;
    let CheckBody { amount, usage, usages, .. } = body.value;
    let how_much = Asked { amount, usage, usages }.how_much()?;
    Ok(Json(Success::new(api.billing.check(&account, &how_much).await?.into())))
}

/// Grants credits. Idempotent by its key; creates the account if it is unknown.
#[utoipa::path(post, path = "/credits/grants", tag = "Credits", request_body = GrantBody,
    params(("Idempotency-Key" = String, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = Success<GivenView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn give(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    body: Body<GrantBody>,
) -> Result<HttpResponse, Problem> {
    let account = caller.account(body.value.account_id.as_deref())?;
    let asked = asked(&caller, account, required_key(&request)?, body.fingerprint);
    let given = api.billing.give(body.value.into_request(asked)?).await?;
    Ok(replayable(given.replayed).json(Success::new(GivenView::from(&given))))
}

/// Reverses a spend, to the grants it drew on. Idempotent by its key.
#[utoipa::path(post, path = "/credits/transactions/{id}/reverse", tag = "Credits", request_body = Option<ReverseBody>,
    params(("Idempotency-Key" = String, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = Success<ReversedView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn reverse(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    OptionalBody(body): OptionalBody<ReverseBody>,
) -> Result<HttpResponse, Problem> {
    let key = required_key(&request)?;
    let entry: EntryId = path_id(&request, "transaction")?;
    let account = match caller.account_if_named(body.value.account_id.as_deref())? {
        Some(account) => account,
        None => api.billing.owner_of_entry(entry).await?,
    };
    let reverse = Reverse {
        request: asked(&caller, account, key, body.fingerprint),
        taken: Taken::Entry(entry),
        amount: body.value.amount.map(|amount| Credits::new(amount.0)),
        description: words::description(body.value.description, "Reversed")?,
        metadata: words::metadata(body.value.metadata)?,
    };
    let reversed = api.billing.reverse(reverse).await?;
    Ok(replayable(reversed.replayed).json(Success::new(ReversedView::from(&reversed))))
}

/// Reverses usage: its exact price, fractions included, even if it took no whole credit. Idempotent by its key.
#[utoipa::path(post, path = "/credits/usages/{id}/reverse", tag = "Credits", request_body = Option<ReverseBody>,
    params(("Idempotency-Key" = String, Header, description = "Makes the request idempotent")),
    responses((status = 200, body = Success<ReversedView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn reverse_usage(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    OptionalBody(body): OptionalBody<ReverseBody>,
) -> Result<HttpResponse, Problem> {
    let key = required_key(&request)?;
    let usage: UsageId = path_id(&request, "usage")?;
    let account = match caller.account_if_named(body.value.account_id.as_deref())? {
        Some(account) => account,
        None => api.billing.owner_of_usage(usage).await?,
    };
    let reverse = Reverse {
        request: asked(&caller, account, key, body.fingerprint),
        taken: Taken::Usage(usage),
        amount: body.value.amount.map(|amount| Credits::new(amount.0)),
        description: words::description(body.value.description, "Reversed")?,
        metadata: words::metadata(body.value.metadata)?,
    };
    let reversed = api.billing.reverse(reverse).await?;
    Ok(replayable(reversed.replayed).json(Success::new(ReversedView::from(&reversed))))
}

/// The request: account, key and actor.
pub(super) fn asked(
    caller: &Caller,
    account: ExternalId,
    key: RequestKey,
    fingerprint: Fingerprint,
) -> LedgerRequest {
    LedgerRequest { account, key, fingerprint, actor: caller.actor.clone() }
}
