//! Reports for people.

use async_trait::async_trait;
use billing_core::ledger::{Capture, EntryRecord, Grant, Hold, PastBalance, UsageRecord, UsageSum};
use billing_core::ports::{HoldFilter, LedgerReports, StoreError, UsageFilter, UsageQuery};
use billing_core::values::{
    AccountId, BusinessKey, Credits, Cursor, EntryId, GrantId, HoldId, Page, PageRequest, Position, Timestamp,
};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};

use super::burning_grant::find_grants;
use super::captures::captures;
use super::load_live::with_slices;
use super::point_in_time::past_balance;
use super::query::wrong_cursor;
use super::record::entry_record;
use super::usage::{net_usage, usage};
use super::usages::usages;
use crate::SqlStore;
use crate::entity::{grants, holds};
use crate::error::store_error;
use crate::row::read_grant;
use crate::unit_of_work::snapshot;

#[async_trait]
impl LedgerReports for SqlStore {
    async fn holds(
        &self,
        account: AccountId,
        filter: HoldFilter,
        page: &PageRequest,
    ) -> Result<Page<Hold>, StoreError> {
        let mut query = holds::Entity::find().filter(holds::Column::AccountId.eq(account.uuid()));
        if let HoldFilter::Open(now) = filter {
            query = query
                .filter(holds::Column::EndedAt.is_null())
                .filter(holds::Column::ExpiresAt.gt(now.micros()))
                // None of these has ended: the order follows the index, and is that of the ids.
                .order_by_desc(holds::Column::EndedAt);
        }
        query = query.order_by_desc(holds::Column::Id).limit(u64::from(page.limit).saturating_add(1));
        query = match &page.position {
            Position::Offset(offset) => query.offset(u64::from(*offset)),
            Position::After(cursor) => {
                let before = cursor.id::<HoldId>().map_err(|problem| wrong_cursor(&problem))?;
                query.filter(holds::Column::Id.lt(before.uuid()))
            }
        };
        let limit = page.limit;
        snapshot(
            self.reader(),
            Box::new(move |read| {
                Box::pin(async move {
                    let rows = query.all(read).await.map_err(store_error)?;
                    let found = with_slices(read, rows).await?.remove(&account);
                    Ok(Page::cut(found.unwrap_or_default(), limit, |hold| Cursor::of_id(hold.id)))
                })
            }),
        )
        .await
    }

    async fn grants(&self, account: AccountId, page: &PageRequest) -> Result<Page<Grant>, StoreError> {
        let own = find_grants().filter(grants::Column::AccountId.eq(account.uuid()));
        self.newest_first(own, page, (grants::Column::Id, GrantId::uuid), read_grant, |grant| grant.id).await
    }

    async fn grants_by_key(&self, facts: &[BusinessKey]) -> Result<Vec<Grant>, StoreError> {
        let mut found = Vec::new();
        for facts in facts.chunks(1000) {
            let rows = find_grants()
                .filter(grants::Column::BusinessKey.is_in(facts.iter().map(BusinessKey::as_str)))
                .all(self.reader())
                .await
                .map_err(store_error)?;
            found.extend(rows.into_iter().map(read_grant).collect::<Result<Vec<_>, _>>()?);
        }
        Ok(found)
    }

    async fn entry_record(&self, account: AccountId, id: EntryId) -> Result<Option<EntryRecord>, StoreError> {
        snapshot(
            self.reader(),
            Box::new(move |read| Box::pin(async move { entry_record(read, account, id).await })),
        )
        .await
    }

    async fn usage(&self, account: AccountId, query: &UsageQuery) -> Result<Vec<UsageSum>, StoreError> {
        let query = query.clone();
        snapshot(
            self.reader(),
            Box::new(move |read| Box::pin(async move { usage(read, account, &query).await })),
        )
        .await
    }

    async fn usages(
        &self,
        account: AccountId,
        filter: &UsageFilter,
        page: &PageRequest,
    ) -> Result<Page<(UsageRecord, Option<EntryId>)>, StoreError> {
        usages(self, account, filter, page).await
    }

    async fn captures(
        &self,
        account: AccountId,
        hold: HoldId,
        page: &PageRequest,
    ) -> Result<Page<Capture>, StoreError> {
        let page = page.clone();
        snapshot(
            self.reader(),
            Box::new(move |read| Box::pin(async move { captures(read, account, hold, &page).await })),
        )
        .await
    }

    async fn net_usage(
        &self,
        account: AccountId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Credits, StoreError> {
        snapshot(
            self.reader(),
            Box::new(move |read| Box::pin(async move { net_usage(read, account, from, to).await })),
        )
        .await
    }

    async fn past_balance(&self, account: AccountId, at: Timestamp) -> Result<PastBalance, StoreError> {
        snapshot(
            self.reader(),
            Box::new(move |read| Box::pin(async move { past_balance(read, account, at).await })),
        )
        .await
    }
}
