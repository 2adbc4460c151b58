//! Document D's envelope.

use billing_core::values::{Page, PageRequest, Position};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Success<T> {
    /// Always true.
    success: bool,
    /// What was asked for.
    data: T,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listing<T> {
    /// Always true.
    success: bool,
    /// What is on the page.
    data: Vec<T>,
    /// Where the page lies.
    pagination: PageView,
}

/// Where a page lies.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PageView {
    /// How many items were asked for.
    limit: u32,
    /// How many were passed over; none where a cursor was sent.
    offset: Option<u32>,
    /// Whether there is more.
    has_more: bool,
    /// What to send as `cursor` for the next page.
    next_cursor: Option<String>,
}

/// An error.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    /// Always false.
    success: bool,
    error: ErrorView,
    /// Under which the request is found in the log.
    request_id: String,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorView {
    /// The stable code.
    code: String,
    /// A sentence for people.
    message: String,
    /// Numbers and names that a program may want.
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
    /// The page that `request` asked for, each item made into what goes over the wire.
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
