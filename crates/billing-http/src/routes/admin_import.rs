//! `/admin/credits/import`

use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Payload};
use billing_core::requests::ImportCredits;
use serde::Deserialize;

use crate::Api;
use crate::auth::Caller;
use crate::dto::{ErrorBody, ImportView, Success};
use crate::problem::Problem;
use crate::request::{Query, import_lines, raw_body};

/// The maximum size of a file with 10,000 rows.
const LARGEST: usize = 4 * 1024 * 1024;

/// The mode of an import.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportQuery {
    /// Reports what would be done, and does nothing; false by default.
    #[serde(default)]
    dry_run: bool,
}

/// Imports credits for many accounts: a CSV file with a first line of column names (`row_key`, `account_id`, `amount`,
/// and optionally `source`, `priority`, `expires_at`, `description`) and up to 10,000 rows. A file with an error is
/// refused as a whole. Each row has its own key and grants once, so the file is safe to send again, also with more
/// rows.
#[utoipa::path(post, path = "/admin/credits/import", tag = "Admin", params(ImportQuery),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = Success<ImportView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 415, body = ErrorBody)))]
pub(crate) async fn import(
    request: HttpRequest,
    api: Data<Api>,
    caller: Caller,
    query: Query<ImportQuery>,
    payload: Payload,
) -> Result<Json<Success<ImportView>>, Problem> {
    if !actix_web::HttpMessage::content_type(&request).eq_ignore_ascii_case("text/csv") {
        return Err(Problem::new("unsupported_media_type", "send the body as text/csv"));
    }
    let body = raw_body(payload.into_inner(), LARGEST).await?;
    let lines = import_lines(&body)?;
    let rows = lines.iter().map(|line| line.row.clone()).collect();
    let dry_run = query.0.dry_run;
    let report = api.billing.import(ImportCredits { rows, actor: caller.actor, dry_run }).await?;
    Ok(Json(Success::new(ImportView::new(dry_run, &lines, report))))
}
