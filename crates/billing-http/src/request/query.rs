//! Query strings and path segments.

use std::str::FromStr;

use actix_web::FromRequest;
use actix_web::HttpRequest;
use actix_web::dev::Payload;
use billing_core::values::{Cursor, InvalidPage, PageRequest};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// A query string.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // Postgres cannot store NUL in text.
        if request.query_string().contains("%00") {
            let problem =
                Problem::new("invalid_request", "the query is malformed: a text may not contain NUL");
            return std::future::ready(Err(problem));
        }
        let read = actix_web::web::Query::<T>::from_query(request.query_string());
        std::future::ready(match read {
            Ok(query) => Ok(Self(query.into_inner())),
            Err(problem) => {
                // The library's message starts with its own description.
                let problem = problem.to_string();
                let problem = problem.rsplit_once("error: ").map_or(problem.as_str(), |(_, rest)| rest);
                Err(Problem::new("invalid_request", format!("the query is malformed: {problem}")))
            }
        })
    }
}

/// The page of a list, and the account. Numbers are parsed from text: a query string that is flattened into another
/// struct provides text only.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// The number of items, 1 to 100; 20 by default.
    #[param(value_type = Option<u32>)]
    pub(crate) limit: Option<String>,
    /// The number of items to skip, up to 10000.
    #[param(value_type = Option<u32>)]
    pub(crate) offset: Option<String>,
    /// The `next_cursor` of the previous page.
    pub(crate) cursor: Option<String>,
    /// The account; for keys that are bound to none.
    pub(crate) account_id: Option<String>,
}

impl PageQuery {
    /// The page request, if it is valid.
    pub(crate) fn page(&self) -> Result<PageRequest, Problem> {
        let number = |field, text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => text
                .parse::<u32>()
                .map(Some)
                .map_err(|_| Problem::invalid(field, "must be a whole number from 0")),
        };
        let (limit, offset) = (number("limit", &self.limit)?, number("offset", &self.offset)?);
        let cursor = self.cursor.as_ref().map(Cursor::new);
        PageRequest::try_new(limit, offset, cursor).map_err(|problem| {
            let code = if problem == InvalidPage::UseCursor { "use_cursor" } else { "invalid_request" };
            Problem::new(code, problem.to_string())
        })
    }
}

/// The id in the path. An invalid id is answered as not found.
pub(crate) fn path_id<T: FromStr>(request: &HttpRequest, kind: &str) -> Result<T, Problem> {
    let text = request.match_info().query("id");
    let code = match kind {
        "hold" => "hold_not_found",
        "transaction" => "transaction_not_found",
        "grant" => "grant_not_found",
        "usage" => "usage_not_found",
        _ => "not_found",
    };
    text.parse().map_err(|_| Problem::new(code, format!("there is no {kind} `{text}`")))
}
