//! Pages of lists.

use billing_core::ports::StoreError;
use billing_core::values::{Cursor, InvalidPage, Page, PageRequest, Position};

/// The requested page of a list, newest first, ordered by `place`; `read` and `write` convert a position from and to a
/// cursor.
pub(super) fn page<T, K: Ord>(
    newest_first: impl Iterator<Item = T>,
    wanted: &PageRequest,
    read: impl Fn(&Cursor) -> Result<K, InvalidPage>,
    place: impl Fn(&T) -> K,
    write: impl Fn(K) -> Cursor,
) -> Result<Page<T>, StoreError> {
    let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX).saturating_add(1);
    let found = match &wanted.position {
        Position::Offset(offset) => {
            newest_first.skip(usize::try_from(*offset).unwrap_or(usize::MAX)).take(limit).collect()
        }
        Position::After(cursor) => {
            let after = read(cursor).map_err(|problem| StoreError::Corrupt(problem.to_string()))?;
            newest_first.skip_while(|item| place(item) >= after).take(limit).collect()
        }
    };
    Ok(Page::cut(found, wanted.limit, |item| write(place(item))))
}
