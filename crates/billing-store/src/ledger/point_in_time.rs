//! The state of an account at a past time.
//!
//! Entries are ordered by the time at which they take effect, so a time is found by binary search: one statement with
//! as many lookups by primary key as the number of entries has binary digits.

use std::collections::BTreeMap;

use billing_core::ledger::PastBalance;
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, Credits, Timestamp};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{Condition, FromQueryResult, QuerySelect, Statement};

use crate::entity::{entries, holds};
use crate::error::store_error;
use crate::transaction::Transaction;

/// The lookups are subqueries: a join may read all entries of the account first if the planner does not know how many
/// there are.
const FIRST_SINCE: &str = "
WITH RECURSIVE search(low, high) AS (
    SELECT CAST(1 AS bigint), seq + 1 FROM balances WHERE account_id = $1
    UNION ALL
    SELECT
        CASE WHEN (SELECT effective_at FROM entries WHERE account_id = $1 AND seq = (low + high) / 2) < $2
            THEN (low + high) / 2 + 1 ELSE low END,
        CASE WHEN (SELECT effective_at FROM entries WHERE account_id = $1 AND seq = (low + high) / 2) < $2
            THEN high ELSE (low + high) / 2 END
    FROM search WHERE low < high
)
SELECT low FROM search WHERE low = high";

/// The number of the first entry that took effect at or after `moment`, or that of the next one to come.
pub(super) async fn first_since(
    read: &impl ConnectionTrait,
    account: Uuid,
    moment: Timestamp,
) -> Result<i64, StoreError> {
    let values = [account.into(), moment.micros().into()];
    let ask = Statement::from_sql_and_values(read.get_database_backend(), FIRST_SINCE, values);
    let row = read.query_one_raw(ask).await.map_err(store_error)?;
    let found = row.map(|row| row.try_get::<i64>("", "low")).transpose().map_err(store_error)?;
    Ok(found.unwrap_or(1))
}

/// The number of the first entry that took effect after `moment`, or that of the next one to come.
pub(super) async fn first_after(
    read: &impl ConnectionTrait,
    account: Uuid,
    moment: Timestamp,
) -> Result<i64, StoreError> {
    first_since(read, account, Timestamp::from_micros(moment.micros().saturating_add(1))).await
}

/// The sums of entries and holds at the end of `moment`.
pub(super) async fn past_balance(
    read: &Transaction,
    account: AccountId,
    moment: Timestamp,
) -> Result<PastBalance, StoreError> {
    let account = account.uuid();
    let next = first_after(read, account, moment).await?;
    let last = entries::Entity::find_by_id((account, next.saturating_sub(1))).one(read);
    let posted = last.await.map_err(store_error)?.map_or(0, |entry| entry.balance_after);
    let held = held_then(read, account, moment, next).await?;
    Ok(PastBalance { posted: Credits::new(posted), held: Credits::new(held) })
}

#[derive(FromQueryResult)]
struct Alive {
    id: Uuid,
    amount: i64,
    captured: i64,
    placed_at: i64,
}

#[derive(FromQueryResult)]
struct Captured {
    hold_id: Uuid,
    amount: i64,
}

/// The credits held at the end of `moment`, less what entries with numbers below `next` had captured by then.
async fn held_then(
    read: &Transaction,
    account: Uuid,
    moment: Timestamp,
    next: i64,
) -> Result<i64, StoreError> {
    let lives_on = Condition::any()
        .add(holds::Column::EndedAt.is_null())
        .add(holds::Column::EndedAt.gt(moment.micros()));
    let alive: Vec<Alive> = holds::Entity::find()
        .select_only()
        .columns([holds::Column::Id, holds::Column::Amount, holds::Column::Captured, holds::Column::PlacedAt])
        .filter(holds::Column::AccountId.eq(account))
        .filter(holds::Column::PlacedAt.lte(moment.micros()))
        .filter(lives_on)
        .into_model()
        .all(read)
        .await
        .map_err(store_error)?;
    let touched = alive.iter().filter(|hold| hold.captured > 0).map(|hold| hold.placed_at);
    let captured = match touched.min() {
        None => BTreeMap::new(),
        Some(placed_at) => captured_since(read, account, Timestamp::from_micros(placed_at), next).await?,
    };
    let left = alive.iter().map(|hold| {
        let captured = captured.get(&hold.id).copied().unwrap_or_default();
        // Captures may exceed the hold.
        Ord::max(hold.amount.saturating_sub(captured), 0)
    });
    Ok(left.fold(0, i64::saturating_add))
}

/// How much entries from `since` on, with numbers below `next`, captured from each hold.
async fn captured_since(
    read: &Transaction,
    account: Uuid,
    since: Timestamp,
    next: i64,
) -> Result<BTreeMap<Uuid, i64>, StoreError> {
    let first = first_since(read, account, since).await?;
    let rows: Vec<Captured> = entries::Entity::find()
        .select_only()
        .column(entries::Column::HoldId)
        .column_as(entries::Column::Amount.sum().cast_as("bigint"), "amount")
        .filter(entries::Column::AccountId.eq(account))
        .filter(entries::Column::Seq.gte(first))
        .filter(entries::Column::Seq.lt(next))
        .filter(entries::Column::HoldId.is_not_null())
        .group_by(entries::Column::HoldId)
        .into_model()
        .all(read)
        .await
        .map_err(store_error)?;
    Ok(rows.into_iter().map(|row| (row.hold_id, row.amount.saturating_neg())).collect())
}
