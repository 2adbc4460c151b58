//! `/admin/webhooks`

use actix_web::web::{Data, Json};
use serde::Deserialize;

use super::admin_sales::word;
use crate::Api;
use crate::auth::Caller;
use crate::dto::{ErrorBody, Listing, WebhookEventView};
use crate::problem::Problem;
use crate::request::{PageQuery, Query};

/// A filter of providers' events.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WebhooksQuery {
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
    /// `pending`, `processed`, `ignored`, `needs_operator`, `failed`, `orphan` or `dead`.
    state: Option<String>,
}

/// Lists the events that providers have sent, newest first. `needs_operator` are applied, and `note` says what somebody has
/// to decide, for example about money that grants nothing; `dead` were given up after three days of attempts.
#[utoipa::path(get, path = "/admin/webhooks", tag = "Admin", params(WebhooksQuery, PageQuery),
    responses((status = 200, body = Listing<WebhookEventView>), (status = 400, body = ErrorBody)))]
pub(crate) async fn list(
    api: Data<Api>,
    _caller: Caller,
    query: Query<WebhooksQuery>,
) -> Result<Json<Listing<WebhookEventView>>, Problem> {
    let (state, page) = (word("state", query.0.state.as_deref())?, query.0.page.page()?);
    if query.0.page.account_id.is_some() {
        return Err(Problem::invalid("account_id", "events are not listed by account"));
    }
    let found = api.billing.webhook_events(state, &page).await?;
    Ok(Json(Listing::new(&page, found, WebhookEventView::from)))
}
