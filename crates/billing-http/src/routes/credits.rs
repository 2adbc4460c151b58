//! `/credits`

use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use billing_core::ports::EntryFilter;
use billing_core::requests::ListEntries;
use serde::Deserialize;

use crate::Api;
use crate::auth::Caller;
use crate::dto::{BalanceAnswer, EntryView, ErrorBody, Listing, Success};
use crate::problem::Problem;
use crate::request::{PageQuery, Query, words};

/// The account, for keys that are bound to none.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AccountQuery {
    pub(crate) account_id: Option<String>,
}

/// The balance to read.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct BalanceQuery {
    /// The account; for keys that are bound to none.
    account_id: Option<String>,
    /// A past or future time; RFC 3339. Now by default.
    as_of: Option<String>,
}

/// A filter of entries.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EntryQuery {
    /// Only entries of this type.
    pub(crate) r#type: Option<String>,
    /// Only entries from this time on; RFC 3339.
    pub(crate) from: Option<String>,
    /// Only entries before this time; RFC 3339.
    pub(crate) to: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub(crate) page: PageQuery,
}

impl EntryQuery {
    pub(crate) fn filter(&self) -> Result<EntryFilter, Problem> {
        Ok(EntryFilter {
            kind: self.r#type.clone(),
            from: words::moment("from", self.from.as_deref())?,
            to: words::moment("to", self.to.as_deref())?,
        })
    }
}

/// Returns the account's balance; with `as_of` at another time, for a future one after all changes due by then.
#[utoipa::path(get, path = "/credits/balance", tag = "Credits", params(BalanceQuery),
    responses((status = 200, body = Success<BalanceAnswer>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn balance(
    api: Data<Api>,
    caller: Caller,
    query: Query<BalanceQuery>,
) -> Result<Json<Success<BalanceAnswer>>, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    let answer = match words::moment("as_of", query.0.as_of.as_deref())? {
        None => BalanceAnswer::Now(api.billing.balance(&account).await?.into()),
        Some(as_of) => BalanceAnswer::Then(api.billing.balance_then(&account, as_of).await?.into()),
    };
    Ok(Json(Success::new(answer)))
}

/// Lists the account's entries, newest first.
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

/// A response with the header that says whether it is a replay.
pub(crate) fn replayable(replayed: bool) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    if replayed {
        response.insert_header(("Idempotency-Replayed", "true"));
    }
    response
}
