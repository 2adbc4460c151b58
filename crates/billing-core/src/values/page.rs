//! Pages of a list.

use super::Timestamp;

/// A request for a part of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// The maximum number of items: 1 to 100.
    pub limit: u32,
    /// The start.
    pub position: Position,
}

/// The start of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// After this many items. The cost grows with the offset, so it is bounded.
    Offset(u32),
    /// After the item of the cursor; the cost does not depend on the depth.
    After(Cursor),
}

/// The position of an item in a list, opaque to callers: its value in the list's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

/// Why a page request is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPage {
    /// The limit is not 1 to 100.
    #[error("`limit` must be a whole number from 1 to 100")]
    Limit,
    /// The offset is too deep.
    #[error("`offset` goes up to 10000; further pages are reached with `cursor`")]
    UseCursor,
    /// Both an offset and a cursor were sent.
    #[error("`offset` and `cursor` cannot be sent together")]
    OffsetAndCursor,
    /// The cursor was not issued here.
    #[error("this `cursor` was not issued for this list")]
    Cursor,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// The start of the next page, if there is more.
    pub next: Option<Cursor>,
}

impl PageRequest {
    /// The default number of items of a page.
    pub const DEFAULT_LIMIT: u32 = 20;
    /// The maximum number of items of a page.
    pub const MAX_LIMIT: u32 = 100;
    /// The maximum offset.
    pub const MAX_OFFSET: u32 = 10_000;

    /// The page request of `limit`, `offset` and `cursor`.
    ///
    /// # Errors
    ///
    /// [`InvalidPage`] names the invalid one.
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

    /// The cursor, if the page starts after one.
    pub fn cursor(&self) -> Option<&Cursor> {
        match &self.position {
            Position::Offset(_) => None,
            Position::After(cursor) => Some(cursor),
        }
    }
}

impl Cursor {
    /// The cursor with this `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The position of an entry in its account's history: its number.
    pub fn of_seq(seq: i64) -> Self {
        Self(seq.to_string())
    }

    /// Parses the number.
    ///
    /// # Errors
    ///
    /// [`InvalidPage::Cursor`] unless [`of_seq`](Self::of_seq) wrote it.
    pub fn seq(&self) -> Result<i64, InvalidPage> {
        let seq = self.0.parse().map_err(|_| InvalidPage::Cursor)?;
        self.if_written_as(&Self::of_seq(seq), seq)
    }

    /// The position in a list ordered by id, hence by creation time.
    pub fn of_id(id: impl std::fmt::Display) -> Self {
        Self(id.to_string())
    }

    /// Parses the id.
    ///
    /// # Errors
    ///
    /// [`InvalidPage::Cursor`] unless [`of_id`](Self::of_id) wrote it for an id of that kind.
    pub fn id<T: std::str::FromStr>(&self) -> Result<T, InvalidPage> {
        self.0.parse().map_err(|_| InvalidPage::Cursor)
    }

    /// The position in a list ordered by time: the time, and a number that orders items of the same time.
    pub fn of_moment(at: Timestamp, number: i64) -> Self {
        Self::of_pair(at.micros(), number)
    }

    /// A position in two merged lists: where each of them continues.
    pub fn of_pair(one: i64, other: i64) -> Self {
        Self(format!("{one}.{other}"))
    }

    /// Parses the two numbers.
    ///
    /// # Errors
    ///
    /// [`InvalidPage::Cursor`] unless [`of_pair`](Self::of_pair) or [`of_moment`](Self::of_moment) wrote it.
    pub fn pair(&self) -> Result<(i64, i64), InvalidPage> {
        let (one, other) = self.0.split_once('.').ok_or(InvalidPage::Cursor)?;
        let number = |text: &str| text.parse::<i64>().map_err(|_| InvalidPage::Cursor);
        let (one, other) = (number(one)?, number(other)?);
        self.if_written_as(&Self::of_pair(one, other), (one, other))
    }

    /// A position has one spelling: `+7` and `007` were not issued for 7.
    fn if_written_as<T>(&self, written: &Self, place: T) -> Result<T, InvalidPage> {
        if self == written { Ok(place) } else { Err(InvalidPage::Cursor) }
    }
}

impl<T> Page<T> {
    /// The page of `found`, which was read with one item more than `limit` to detect whether there is more.
    pub fn cut(mut found: Vec<T>, limit: u32, place: impl Fn(&T) -> Cursor) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let next = if more { found.last().map(place) } else { None };
        Self { items: found, next }
    }

    /// The same page with converted items.
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(each).collect(), next: self.next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::EntryId;

    #[test]
    fn a_cursor_reads_back_as_the_place_that_it_was_made_of() {
        let id = uuid::Uuid::from_u128(7);
        assert_eq!(Cursor::of_seq(17).seq(), Ok(17));
        assert_eq!(Cursor::of_id(EntryId::from_uuid(id)).id(), Ok(EntryId::from_uuid(id)));
    }

    #[test]
    fn a_cursor_that_nobody_issued_is_refused() {
        for text in ["", "x", "+7", "007", " 7", "7 ", "7.5", "99999999999999999999"] {
            assert_eq!(Cursor::new(text).seq(), Err(InvalidPage::Cursor), "{text}");
        }
        let id = "00000000000000000000000000000007";
        for text in ["", "7", id, "txn_7", &format!("ord_{id}"), "txn_00000000-0000-0000-0000-000000000007"] {
            assert_eq!(Cursor::new(text).id::<EntryId>(), Err(InvalidPage::Cursor), "{text}");
        }
        assert_eq!(Cursor::new(id).id::<EntryId>(), Err(InvalidPage::Cursor));
    }
}
