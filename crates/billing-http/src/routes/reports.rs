//! `/credits`: reports.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use billing_core::ledger::UsageBy;
use billing_core::requests::ReadUsage;
use billing_core::values::{EntryId, Zone};
use serde::Deserialize;

use super::credits::AccountQuery;
use crate::Api;
use crate::auth::Caller;
use crate::dto::{ErrorBody, ExplainedView, ForecastView, GrantView, HoldView, Listing, Success, UsageView};
use crate::problem::Problem;
use crate::request::{PageQuery, Query, path_id, words};

/// A filter of holds.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HoldQuery {
    /// `open` (by default) or `all`.
    status: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

/// A query for sums of usage.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UsageQuery {
    /// `day` (by default), `type`, `meter` or the name of a dimension, such as `model`.
    group_by: Option<String>,
    /// Only this meter.
    meter: Option<String>,
    /// The time zone of days; the account's own by default, UTC if it has none.
    timezone: Option<String>,
    /// The start; RFC 3339. By default the beginning of the day 29 days before `to`.
    from: Option<String>,
    /// The end, exclusive; RFC 3339. Now by default, and at most 366 days after `from`.
    to: Option<String>,
    /// The account; for keys that are bound to none.
    account_id: Option<String>,
}

/// The basis of a forecast.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ForecastQuery {
    /// The days over which the rate is measured: 1 to 90; 7 by default, so that all days of the week have the same
    /// weight.
    #[param(value_type = Option<u32>)]
    days: Option<String>,
    /// The account; for keys that are bound to none.
    account_id: Option<String>,
}

/// Lists the account's holds, newest first.
#[utoipa::path(get, path = "/credits/holds", tag = "Holds", params(HoldQuery, PageQuery),
    responses((status = 200, body = Listing<HoldView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn holds(
    api: Data<Api>,
    caller: Caller,
    query: Query<HoldQuery>,
) -> Result<Json<Listing<HoldView>>, Problem> {
    let account = caller.account(query.0.page.account_id.as_deref())?;
    let all = match query.0.status.as_deref() {
        None | Some("open") => false,
        Some("all") => true,
        Some(_) => return Err(Problem::invalid("status", "must be `open` or `all`")),
    };
    let page = query.0.page.page()?;
    let found = api.billing.holds(&account, all, &page).await?;
    Ok(Json(Listing::new(&page, found, HoldView::from)))
}

/// Lists the account's grants, newest first, live and spent.
#[utoipa::path(get, path = "/credits/grants", tag = "Credits", params(PageQuery),
    responses((status = 200, body = Listing<GrantView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn grants(
    api: Data<Api>,
    caller: Caller,
    query: Query<PageQuery>,
) -> Result<Json<Listing<GrantView>>, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    let page = query.0.page()?;
    let found = api.billing.grants(&account, &page).await?;
    Ok(Json(Listing::new(&page, found, |grant| GrantView::from(&grant))))
}

/// Explains one entry: its grants, usage and price, hold, actor, and reversals.
#[utoipa::path(get, path = "/credits/transactions/{id}", tag = "Credits", params(("id" = String, Path), AccountQuery),
    responses((status = 200, body = Success<ExplainedView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn explain(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    query: Query<AccountQuery>,
) -> Result<Json<Success<ExplainedView>>, Problem> {
    let entry: EntryId = path_id(&request, "transaction")?;
    let account = match caller.account_if_named(query.0.account_id.as_deref())? {
        Some(account) => account,
        None => api.billing.owner_of_entry(entry).await?,
    };
    Ok(Json(Success::new(api.billing.explain(&account, entry).await?.into())))
}

/// Returns the account's usage, less reversals, summed up for a chart.
#[utoipa::path(get, path = "/credits/usage", tag = "Credits", params(UsageQuery),
    responses((status = 200, body = Success<UsageView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn usage(
    api: Data<Api>,
    caller: Caller,
    query: Query<UsageQuery>,
) -> Result<Json<Success<UsageView>>, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    let by = match query.0.group_by.as_deref() {
        None | Some("day") => UsageBy::Day,
        Some("type") => UsageBy::Type,
        Some("meter") => UsageBy::Meter,
        Some(name) => UsageBy::Dimension(name.to_owned()),
    };
    let zone = query.0.timezone.as_deref().map(str::parse::<Zone>).transpose();
    let wanted = ReadUsage {
        by: by.clone(),
        zone: zone.map_err(|problem| Problem::invalid("timezone", problem))?,
        meter: query.0.meter.clone(),
        from: words::moment("from", query.0.from.as_deref())?,
        to: words::moment("to", query.0.to.as_deref())?,
    };
    Ok(Json(Success::new(UsageView::new(&by, api.billing.usage(&account, wanted).await?))))
}

/// Forecasts when the account's credits run out at the recent rate, without further grants.
#[utoipa::path(get, path = "/credits/forecast", tag = "Credits", params(ForecastQuery),
    responses((status = 200, body = Success<ForecastView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn forecast(
    api: Data<Api>,
    caller: Caller,
    query: Query<ForecastQuery>,
) -> Result<Json<Success<ForecastView>>, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    let days = query.0.days.as_deref().map_or(Ok(7), str::parse);
    let days = days.map_err(|_| Problem::invalid("days", "must be a whole number from 1 to 90"))?;
    Ok(Json(Success::new(api.billing.forecast(&account, days).await?.into())))
}
