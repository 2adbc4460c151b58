//! Running queries and reading their rows.

use std::fmt::Display;
use std::str::FromStr;

use billing_core::ports::StoreError;
use billing_core::values::{Cursor, Page, PageRequest, Position};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};

use crate::SqlStore;
use crate::error::store_error;

impl SqlStore {
    /// The first row of `query`.
    pub(crate) async fn one<E: EntityTrait, T>(
        &self,
        query: Select<E>,
        read: impl FnOnce(E::Model) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        query.one(self.reader()).await.map_err(store_error)?.map(read).transpose()
    }

    /// All rows of `query`.
    pub(crate) async fn all<E: EntityTrait, T>(
        &self,
        query: Select<E>,
        read: impl FnMut(E::Model) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        query.all(self.reader()).await.map_err(store_error)?.into_iter().map(read).collect()
    }

    /// The page of `query`, newest first by `column`, which holds the `id` of each item. One more row is read to
    /// detect whether there is more.
    pub(crate) async fn newest_first<E: EntityTrait, T, I: FromStr + Display>(
        &self,
        query: Select<E>,
        page: &PageRequest,
        (column, uuid): (E::Column, impl Fn(I) -> Uuid),
        read: impl FnMut(E::Model) -> Result<T, StoreError>,
        id: impl Fn(&T) -> I,
    ) -> Result<Page<T>, StoreError> {
        let found = self.all(page_of(query, page, (column, uuid))?, read).await?;
        Ok(Page::cut(found, page.limit, |item| Cursor::of_id(id(item))))
    }
}

/// The rows of a page of `query`, newest first by `column`, and one more.
pub(crate) fn page_of<E: EntityTrait, I: FromStr + Display>(
    query: Select<E>,
    page: &PageRequest,
    (column, uuid): (E::Column, impl Fn(I) -> Uuid),
) -> Result<Select<E>, StoreError> {
    let query = query.order_by_desc(column).limit(u64::from(page.limit).saturating_add(1));
    Ok(match &page.position {
        Position::Offset(offset) => query.offset(u64::from(*offset)),
        Position::After(cursor) => {
            let after = cursor.id::<I>().map_err(|problem| StoreError::Corrupt(problem.to_string()))?;
            query.filter(column.lt(uuid(after)))
        }
    })
}
