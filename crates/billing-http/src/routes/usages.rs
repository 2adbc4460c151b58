//! `/credits/usages`: usage records.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Json};
use billing_core::accounts::ExternalId;
use billing_core::ports::UsageFilter;
use billing_core::values::{Cursor, PageRequest, Position};
use futures_util::{TryStreamExt, stream};
use serde::Deserialize;

use crate::Api;
use crate::auth::Caller;
use crate::dto::{ErrorBody, Listing, UsageRecordView};
use crate::problem::Problem;
use crate::request::{PageQuery, Query, words};

/// A filter of usage records.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UsagesQuery {
    /// Only this meter.
    meter: Option<String>,
    /// Usage at or after this time; RFC 3339.
    from: Option<String>,
    /// Usage before this time; RFC 3339.
    to: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

/// A filter of the export, and its format.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    /// `csv` (by default) or `jsonl`.
    format: Option<String>,
    /// Only this meter.
    meter: Option<String>,
    /// Usage at or after this time; RFC 3339.
    from: Option<String>,
    /// Usage before this time; RFC 3339.
    to: Option<String>,
    /// The account; for keys that are bound to none.
    account_id: Option<String>,
}

/// Lists usage records, also those that took no whole credit, and reversals; latest first by the time of the usage.
#[utoipa::path(get, path = "/credits/usages", tag = "Credits", params(UsagesQuery, PageQuery),
    responses((status = 200, body = Listing<UsageRecordView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn list(
    api: Data<Api>,
    caller: Caller,
    query: Query<UsagesQuery>,
) -> Result<Json<Listing<UsageRecordView>>, Problem> {
    let account = caller.account(query.0.page.account_id.as_deref())?;
    let page = query.0.page.page()?;
    let filter = filter(query.0.meter, query.0.from.as_deref(), query.0.to.as_deref())?;
    let found = api.billing.usages(&account, &filter, &page).await?;
    Ok(Json(Listing::new(&page, found, |(usage, entry)| UsageRecordView::new(&usage, entry))))
}

/// Exports usage records as CSV or JSON lines, latest first by the time of the usage. The response is streamed: an
/// error cuts it off, which fails the download.
#[utoipa::path(get, path = "/credits/usages/export", tag = "Credits", params(ExportQuery),
    responses((status = 200, content_type = "text/csv", body = String), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn export(
    api: Data<Api>,
    caller: Caller,
    query: Query<ExportQuery>,
) -> Result<HttpResponse, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    let format = match query.0.format.as_deref() {
        None | Some("csv") => Format::Csv,
        Some("jsonl") => Format::JsonLines,
        Some(_) => return Err(Problem::invalid("format", "must be `csv` or `jsonl`")),
    };
    let filter = filter(query.0.meter, query.0.from.as_deref(), query.0.to.as_deref())?;
    let (kind, name) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "usage.csv"),
        Format::JsonLines => ("application/jsonl", "usage.jsonl"),
    };
    let begin = Export { api, account, filter, format, next: Next::Beginning };
    let first = begin.part().await?;
    let parts = stream::try_unfold(first, |state| async move {
        match state {
            (None, _) => Ok(None),
            (Some(bytes), None) => Ok(Some((bytes, (None, None)))),
            (Some(bytes), Some(rest)) => Ok::<_, Problem>(Some((bytes, rest.part().await?))),
        }
    });
    Ok(HttpResponse::Ok()
        .content_type(kind)
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{name}\"")))
        .streaming(parts.map_err(|problem: Problem| problem.message)))
}

fn filter(meter: Option<String>, from: Option<&str>, to: Option<&str>) -> Result<UsageFilter, Problem> {
    Ok(UsageFilter { meter, from: words::moment("from", from)?, to: words::moment("to", to)? })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    JsonLines,
}

/// An export in progress.
struct Export {
    api: Data<Api>,
    account: ExternalId,
    filter: UsageFilter,
    format: Format,
    next: Next,
}

enum Next {
    Beginning,
    After(Cursor),
}

impl Export {
    /// The next part, and the rest.
    async fn part(self) -> Result<(Option<Bytes>, Option<Self>), Problem> {
        let (position, header) = match self.next {
            Next::Beginning => (Position::Offset(0), true),
            Next::After(cursor) => (Position::After(cursor), false),
        };
        let page = PageRequest { limit: PART, position };
        let found = self.api.billing.usages(&self.account, &self.filter, &page).await?;
        let rows: Vec<_> =
            found.items.iter().map(|(usage, entry)| UsageRecordView::new(usage, *entry)).collect();
        let bytes = match self.format {
            Format::Csv => csv(&rows, header)?,
            Format::JsonLines => json_lines(&rows)?,
        };
        let rest = found.next.map(|cursor| Self { next: Next::After(cursor), ..self });
        Ok((Some(bytes.into()), rest))
    }
}

/// The rows that are read at once.
const PART: u32 = 1000;

fn csv(rows: &[UsageRecordView], header: bool) -> Result<Vec<u8>, Problem> {
    let mut writer = csv::WriterBuilder::new().has_headers(header).from_writer(Vec::new());
    for row in rows {
        writer.serialize(row.row()).map_err(unwritable)?;
    }
    if header && rows.is_empty() {
        writer.write_record(UsageRecordView::COLUMNS).map_err(unwritable)?;
    }
    writer.into_inner().map_err(unwritable)
}

fn json_lines(rows: &[UsageRecordView]) -> Result<Vec<u8>, Problem> {
    let mut lines = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut lines, row).map_err(unwritable)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

fn unwritable(problem: impl std::fmt::Display) -> Problem {
    Problem::new("internal", format!("a row cannot be written: {problem}"))
}
