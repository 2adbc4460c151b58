//! Pages of a list.

/// Which part of a list is wanted, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// How many items at most: 1 to 100.
    pub limit: u32,
    /// Where to begin.
    pub position: Position,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// After this many items; stays honest but not fast, hence bounded.
    Offset(u32),
    /// After the item that the cursor names; fast however deep.
    After(Cursor),
}

/// The place of one item in a list, opaque to callers: it is whatever the list is ordered by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

/// Why a page cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPage {
    /// The limit is not 1 to 100.
    #[error("`limit` must be a whole number from 1 to 100")]
    Limit,
    /// The offset is deeper than can be served well.
    #[error("`offset` goes up to 10000; further pages are reached with `cursor`")]
    UseCursor,
    /// Both an offset and a cursor were sent.
    #[error("`offset` and `cursor` cannot be sent together")]
    OffsetAndCursor,
    /// The cursor is not one of ours.
    #[error("this `cursor` was not issued for this list")]
    Cursor,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one begins, if there is more.
    pub next: Option<Cursor>,
}

impl PageRequest {
    /// How many items a page has when nothing is said.
    pub const DEFAULT_LIMIT: u32 = 20;
    /// How many items a page has at most.
    pub const MAX_LIMIT: u32 = 100;
    /// How deep an offset may go.
    pub const MAX_OFFSET: u32 = 10_000;

    /// The page that `limit`, `offset` and `cursor` ask for.
    ///
    /// # Errors
    ///
    /// [`InvalidPage`] says which of them is off.
    pub fn try_new(
        limit: Option<u32>,
        offset: Option<u32>,
        cursor: Option<Cursor>,
    ) -> Result<Self, InvalidPage> {
        let limit = limit.unwrap_or(Self::DEFAULT_LIMIT);
        if !(1..=Self::MAX_LIMIT).contains(&limit) {
            return Err(InvalidPage::Limit);
        }
        let position = match (offset, cursor) {
            (Some(_), Some(_)) => return Err(InvalidPage::OffsetAndCursor),
            (None, Some(cursor)) => Position::After(cursor),
            (offset, None) => Position::Offset(offset.unwrap_or(0)),
        };
        if matches!(position, Position::Offset(offset) if offset > Self::MAX_OFFSET) {
            return Err(InvalidPage::UseCursor);
        }
        Ok(Self { limit, position })
    }
}

impl Cursor {
    /// The cursor that says `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// What it says.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<T> Page<T> {
    /// The page made of `found`, which was asked for with one item more than `limit`, so that "is there
    /// more" needs no second question.
    pub fn cut(mut found: Vec<T>, limit: u32, place: impl Fn(&T) -> Cursor) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let next = if more { found.last().map(place) } else { None };
        Self { items: found, next }
    }

    /// The same page with each item made into something else.
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(each).collect(), next: self.next }
    }
}
