//! Document D's envelope.

use billing_core::values::{Page, PageRequest, Position};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// A successful response.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Success<T> {
    /// Always true.
    success: bool,
    /// The requested data.
    data: T,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listing<T> {
    /// Always true.
    success: bool,
    /// The items.
    data: Vec<T>,
    /// The position of the page.
    pagination: PageView,
}

/// The position of a page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PageView {
    /// The requested number of items.
    limit: u32,
    /// The number of skipped items; null with a cursor.
    offset: Option<u32>,
    /// Whether there is more.
    has_more: bool,
    /// The `cursor` of the next page.
    next_cursor: Option<String>,
}

/// An error.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    /// Always false.
    success: bool,
    error: ErrorView,
    /// The id of the request in the log.
    request_id: String,
}

/// The error.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorView {
    /// The stable error code.
    code: String,
    /// A message for people.
    message: String,
    /// Numbers and names for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<serde_json::Value>,
}

impl From<Problem> for ErrorView {
    fn from(problem: Problem) -> Self {
        Self { code: problem.code.to_owned(), message: problem.message, details: problem.details }
    }
}

impl<T> Success<T> {
    pub(crate) fn new(data: T) -> Self {
        Self { success: true, data }
    }
}

impl<T> Listing<T> {
    /// The page for `request`, with each item converted to its wire type.
    pub(crate) fn new<V>(request: &PageRequest, page: Page<V>, view: impl FnMut(V) -> T) -> Self {
        let offset = match request.position {
            Position::Offset(offset) => Some(offset),
            Position::After(_) => None,
        };
        let next_cursor = page.next.map(|cursor| cursor.as_str().to_owned());
        let pagination =
            PageView { limit: request.limit, offset, has_more: next_cursor.is_some(), next_cursor };
        Self { success: true, data: page.items.into_iter().map(view).collect(), pagination }
    }
}
