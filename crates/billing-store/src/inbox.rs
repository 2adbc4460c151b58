//! The durable webhook inbox.

use async_trait::async_trait;
use billing_core::payments::Channel;
use billing_core::ports::{CommitError, Inbox, Received, StoreError};
use billing_core::values::{Cursor, InboxEventId, Page, PageRequest, Timestamp};
use billing_core::webhooks::{Attempt, InboxEvent, InboxState, ListedEvent};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{LockBehavior, LockType, OnConflict};
use sea_orm::{FromQueryResult, IntoActiveModel, QueryOrder, QueryResult, QuerySelect, QueryTrait};

use crate::SqlStore;
use crate::entity::webhook_inbox::{ActiveModel, Column, Entity, Listed, Model};
use crate::error::{commit_error, store_error};
use crate::literal::is;
use crate::row::{inbox_model, read_inbox_event, read_listed_event};
use crate::select::page_of;
use crate::transaction::Transaction;
use crate::unit_of_work::write;

/// The counter is bounded: an invalid value in one row must not fail the statement that claims others with it.
const ONE_MORE_ATTEMPT: &str = "CASE WHEN attempts BETWEEN 0 AND 1000000 THEN attempts + 1 ELSE 1000001 END";

/// For how long an unreadable event is excluded, in seconds.
const UNREADABLE_SECONDS: i64 = 3600;

/// The states of processed or dead events.
const DONE: [&str; 4] = [
    InboxState::Processed.as_str(),
    InboxState::Ignored.as_str(),
    InboxState::NeedsOperator.as_str(),
    InboxState::Dead.as_str(),
];

#[async_trait]
impl Inbox for SqlStore {
    async fn receive(&self, event: InboxEvent) -> Result<Received, StoreError> {
        let row: ActiveModel = inbox_model(event).into_active_model().reset_all();
        let received = write(
            self.writer(),
            Box::new(move |transaction| {
                Box::pin(async move {
                    let once =
                        OnConflict::columns([Column::Channel, Column::EventId]).do_nothing().to_owned();
                    let inserted = Entity::insert_many([row])
                        .on_conflict(once)
                        .exec_without_returning(transaction)
                        .await
                        .map_err(commit_error)?;
                    Ok(if inserted == 1 { Received::New } else { Received::Duplicate })
                })
            }),
        )
        .await;
        received.map_err(store_failure)
    }

    async fn claim(
        &self,
        now: Timestamp,
        leased_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<InboxEvent>, StoreError> {
        let claimed = write(
            self.writer(),
            Box::new(move |transaction| {
                Box::pin(async move { claim_in(transaction, now, leased_until, limit).await })
            }),
        )
        .await;
        claimed.map_err(store_failure)
    }

    async fn record_attempt(&self, event: InboxEventId, attempt: Attempt) -> Result<(), StoreError> {
        let kept = write(
            self.writer(),
            Box::new(move |transaction| {
                Box::pin(async move {
                    Entity::update_many()
                        .col_expr(Column::State, Expr::value(attempt.state.as_str()))
                        .col_expr(Column::Note, Expr::value(attempt.note))
                        .col_expr(
                            Column::NextAttemptAt,
                            Expr::value(attempt.next_attempt_at.map(Timestamp::micros)),
                        )
                        .filter(Column::Id.eq(event.uuid()))
                        .filter(Column::State.is_not_in(DONE))
                        .exec(transaction)
                        .await
                        .map_err(commit_error)?;
                    Ok(())
                })
            }),
        )
        .await;
        kept.map_err(store_failure)
    }

    async fn event(&self, channel: Channel, event_id: &str) -> Result<Option<InboxEvent>, StoreError> {
        let row = Entity::find()
            .filter(Column::Channel.eq(channel.as_str()))
            .filter(Column::EventId.eq(event_id))
            .one(self.reader())
            .await
            .map_err(store_error)?;
        row.map(read_inbox_event).transpose()
    }

    async fn events(
        &self,
        state: Option<InboxState>,
        page: &PageRequest,
    ) -> Result<Page<ListedEvent>, StoreError> {
        let query =
            Entity::find().apply_if(state, |query, state| query.filter(is(Column::State, state.as_str())));
        let query = page_of(query, page, (Column::Id, InboxEventId::uuid))?;
        let rows = query.into_partial_model::<Listed>().all(self.reader()).await.map_err(store_error)?;
        let page = Page::cut(rows, page.limit, |row: &Listed| Cursor::of_id(InboxEventId::from_uuid(row.id)));
        // An unreadable event must not hide the others.
        let read = |row: Listed| {
            read_listed_event(row)
                .inspect_err(|error| tracing::error!(%error, "an event in the inbox cannot be read"))
                .ok()
        };
        Ok(Page { items: page.items.into_iter().filter_map(read).collect(), next: page.next })
    }
}

/// Claims due events by writing a lease: after the commit no lock is held.
async fn claim_in(
    transaction: &Transaction,
    now: Timestamp,
    leased_until: Timestamp,
    limit: u32,
) -> Result<Vec<InboxEvent>, CommitError> {
    // Events that are being claimed concurrently are skipped.
    let due = Entity::find()
        .filter(Column::NextAttemptAt.lte(now.micros()))
        .filter(Column::State.is_not_in(DONE))
        .order_by_asc(Column::NextAttemptAt)
        .order_by_asc(Column::ReceivedAt)
        .order_by_asc(Column::Id)
        .limit(u64::from(limit))
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    let due = transaction.query_all(due.as_query()).await.map_err(commit_error)?;
    // One by one: an unreadable event must not block the others.
    let due: Vec<Model> = due.iter().filter_map(read_row).collect();
    if due.is_empty() {
        return Ok(Vec::new());
    }
    Entity::update_many()
        .col_expr(Column::NextAttemptAt, Expr::value(leased_until.micros()))
        .col_expr(Column::Attempts, Expr::cust(ONE_MORE_ATTEMPT))
        .filter(Column::Id.is_in(due.iter().map(|row| row.id)))
        .exec(transaction)
        .await
        .map_err(commit_error)?;
    let mut claimed = Vec::with_capacity(due.len());
    for mut row in due {
        row.next_attempt_at = Some(leased_until.micros());
        row.attempts = row.attempts.saturating_add(1);
        let id = row.id;
        match read_inbox_event(row) {
            Ok(event) => claimed.push(event),
            Err(error) => set_aside(transaction, id, &error, now).await?,
        }
    }
    Ok(claimed)
}

/// A row that the mapper cannot read has no id by which it could be excluded.
fn read_row(row: &QueryResult) -> Option<Model> {
    let read = Model::from_query_result(row, "");
    read.inspect_err(|error| tracing::error!(%error, "a row of the inbox cannot be read")).ok()
}

/// Excludes an unreadable event for an hour, so that it does not block others.
async fn set_aside(
    transaction: &Transaction,
    id: Uuid,
    error: &StoreError,
    now: Timestamp,
) -> Result<(), CommitError> {
    tracing::error!(event = %id, %error, "an event in the inbox cannot be read");
    Entity::update_many()
        .col_expr(Column::State, Expr::value(InboxState::Failed.as_str()))
        .col_expr(Column::Note, Expr::value(error.to_string()))
        .col_expr(Column::NextAttemptAt, Expr::value(now.plus_seconds(UNREADABLE_SECONDS).micros()))
        .filter(Column::Id.eq(id))
        .exec(transaction)
        .await
        .map_err(commit_error)?;
    Ok(())
}

/// The inbox's own writes cannot be refused: a conflict means contention.
fn store_failure(error: CommitError) -> StoreError {
    match error {
        CommitError::Store(error) => error,
        CommitError::Conflict => StoreError::Busy,
        other => StoreError::Unexpected(std::sync::Arc::new(other)),
    }
}
