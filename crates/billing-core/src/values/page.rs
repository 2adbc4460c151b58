//! Pages of a list.

use super::Timestamp;

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

    /// The cursor after which the page begins, if it begins after one.
    pub fn cursor(&self) -> Option<&Cursor> {
        match &self.position {
            Position::Offset(_) => None,
            Position::After(cursor) => Some(cursor),
        }
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

    /// The place of an entry in its account's history: its number.
    pub fn of_seq(seq: i64) -> Self {
        Self(seq.to_string())
    }

    /// The number that it names.
    ///
    /// # Errors
    ///
    /// [`InvalidPage::Cursor`] unless [`of_seq`](Self::of_seq) wrote it.
    pub fn seq(&self) -> Result<i64, InvalidPage> {
        let seq = self.0.parse().map_err(|_| InvalidPage::Cursor)?;
        self.if_written_as(&Self::of_seq(seq), seq)
    }

    /// The place of something in a list that goes by ids, which sort by when it was made.
    pub fn of_id(id: impl std::fmt::Display) -> Self {
        Self(id.to_string())
    }

    /// The id that it names.
    ///
    /// # Errors
    ///
    /// [`InvalidPage::Cursor`] unless [`of_id`](Self::of_id) wrote it for an id of that kind.
    pub fn id<T: std::str::FromStr>(&self) -> Result<T, InvalidPage> {
        self.0.parse().map_err(|_| InvalidPage::Cursor)
    }

    /// The place of something in a list by moments, of which several may have the same: the moment, and a number that
    /// tells those apart.
    pub fn of_moment(at: Timestamp, number: i64) -> Self {
        Self::of_pair(at.micros(), number)
    }

    /// A place in two lists that are shown as one: where each of them goes on.
    pub fn of_pair(one: i64, other: i64) -> Self {
        Self(format!("{one}.{other}"))
    }

    /// The two numbers that it names.
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

    /// One place has one spelling: `+7` and `007` are not what we issued for 7.
    fn if_written_as<T>(&self, written: &Self, place: T) -> Result<T, InvalidPage> {
        if self == written { Ok(place) } else { Err(InvalidPage::Cursor) }
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
