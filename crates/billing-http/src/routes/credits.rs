//! `/credits`

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use billing_core::ledger::SpendType;
use billing_core::ports::EntryFilter;
use billing_core::requests::{ListEntries, Spend};
use billing_core::values::{Credits, Metadata};
use serde::Deserialize;

use crate::Api;
use crate::auth::Caller;
use crate::dto::{BalanceView, ConsumeBody, ConsumedView, EntryView, ErrorBody, Listing, Success};
use crate::problem::Problem;
use crate::request::{Body, PageQuery, Query, required_key};

/// Whose account, for keys that are bound to none.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AccountQuery {
    pub(crate) account_id: Option<String>,
}

/// Which entries.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EntryQuery {
    /// Only entries of this type.
    pub(crate) r#type: Option<String>,
    /// Only entries from this moment on; RFC 3339.
    pub(crate) from: Option<String>,
    /// Only entries before this moment; RFC 3339.
    pub(crate) to: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub(crate) page: PageQuery,
}

impl EntryQuery {
    pub(crate) fn filter(&self) -> Result<EntryFilter, Problem> {
        let moment = |field, text: &Option<String>| {
            let moment = text.as_deref().map(str::parse).transpose();
            moment.map_err(|problem: billing_core::values::ParseTimestampError| {
                Problem::invalid(field, problem)
            })
        };
        Ok(EntryFilter {
            kind: self.r#type.clone(),
            from: moment("from", &self.from)?,
            to: moment("to", &self.to)?,
        })
    }
}

/// What the account can spend.
#[utoipa::path(get, path = "/credits/balance", tag = "Credits", params(AccountQuery),
    responses((status = 200, body = Success<BalanceView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn balance(
    api: Data<Api>,
    caller: Caller,
    query: Query<AccountQuery>,
) -> Result<Json<Success<BalanceView>>, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    Ok(Json(Success::new(api.billing.balance(&account).await?.into())))
}

/// The account's history, newest first.
#[utoipa::path(get, path = "/credits/transactions", tag = "Credits", params(EntryQuery, PageQuery),
    responses((status = 200, body = Listing<EntryView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn transactions(
    api: Data<Api>,
    caller: Caller,
    query: Query<EntryQuery>,
) -> Result<Json<Listing<EntryView>>, Problem> {
    let account = caller.account(query.0.page.account_id.as_deref())?;
    let page = query.0.page.page()?;
    let wanted = ListEntries { account: Some(account), filter: query.0.filter()?, page: page.clone() };
    let found = api.billing.entries(wanted).await?;
    Ok(Json(Listing::new(&page, found, |(_, entry)| entry.into())))
}

/// Takes credits, all or nothing. Safe to repeat with the same `Idempotency-Key`.
#[utoipa::path(post, path = "/credits/consume", tag = "Credits", request_body = ConsumeBody,
    params(("Idempotency-Key" = String, Header, description = "Makes the request safe to repeat")),
    responses((status = 200, body = Success<ConsumedView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 402, body = ErrorBody, description = "Not enough credits; `details` has required, available and held"),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn consume(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    body: Body<ConsumeBody>,
) -> Result<HttpResponse, Problem> {
    let key = required_key(&request)?;
    let Body { value, fingerprint } = body;
    let kind = match &value.r#type {
        Some(text) => SpendType::parse(text).map_err(|problem| Problem::invalid("type", problem))?,
        None => SpendType::default(),
    };
    let description = value.description.unwrap_or_else(|| "Usage".to_owned());
    if description.chars().count() > 500 {
        return Err(Problem::invalid("description", "takes at most 500 characters"));
    }
    let metadata = Metadata::try_new(value.metadata.unwrap_or_default());
    let wanted = Spend {
        account: caller.account(value.account_id.as_deref())?,
        amount: Credits::new(value.amount.0),
        kind,
        description,
        metadata: metadata.map_err(|problem| Problem::invalid("metadata", problem))?,
        key,
        fingerprint,
        actor: caller.actor,
    };
    let spent = api.billing.spend(wanted).await?;
    Ok(replayable(spent.replayed).json(Success::new(ConsumedView::from(&spent))))
}

/// An answer that says whether it repeats an earlier one.
pub(crate) fn replayable(replayed: bool) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    if replayed {
        response.insert_header(("Idempotency-Replayed", "true"));
    }
    response
}
