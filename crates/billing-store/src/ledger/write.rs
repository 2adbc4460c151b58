//! Writes the changes of a batch.

use std::collections::BTreeMap;
use std::sync::Arc;

use billing_core::ledger::{Grant, Stage, Writes};
use billing_core::ports::{CommitError, StoreError};
use billing_core::values::AccountId;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::burning_grant::BurningGrant;
use super::due::{AUDIT_DUE, CHECKPOINT_DUE};
use super::json_rows;
use super::months;
use super::postgres;
use super::rows::insert;
use crate::entity::{
    balances, debts, entries, grants, hold_slices, holds, posting_keys, usage_carries, usage_months, usages,
};
use crate::error::{commit_error, did_not_add_up};
use crate::row::{
    balance_model, debt_model, entry_model, grant_model, hold_model, posting_key_model, slice_models,
    usage_model, usage_month_model,
};
use crate::transaction::Transaction;

/// Writes everything, in a fixed order of tables. On Postgres, a batch of spends takes one statement; each rarer kind
/// of row adds one.
pub(super) async fn write_out(transaction: &Transaction, writes: &Writes) -> Result<(), CommitError> {
    if writes.is_empty() {
        return Ok(());
    }
    if crate::is_postgres(transaction) {
        let made = writes.grants.values().filter(|grant| writes.made.contains(&grant.id));
        insert::<grants::Entity, _>(transaction, made.map(|grant| grant_model(grant)), None).await?;
        write_sets(transaction, writes).await?;
    } else {
        write_rows(transaction, writes).await?;
    }
    write_rest(transaction, writes).await
}

async fn write_sets(transaction: &Transaction, writes: &Writes) -> Result<(), CommitError> {
    transaction.query_one_raw(postgres::write(writes)).await.map(drop).map_err(|error| {
        if did_not_add_up(&error) {
            CommitError::Store(StoreError::Corrupt("a row that a batch changes is gone".to_owned()))
        } else {
            commit_error(error)
        }
    })
}

async fn write_rows(transaction: &Transaction, writes: &Writes) -> Result<(), CommitError> {
    let changed_grant = OnConflict::columns([grants::Column::AccountId, grants::Column::Id])
        .update_columns([
            grants::Column::Remaining,
            grants::Column::Pinned,
            grants::Column::Forfeited,
            grants::Column::Clawed,
            grants::Column::ExpiresAt,
            grants::Column::LateUntil,
            grants::Column::RolloverCap,
            grants::Column::RolloverUntil,
            grants::Column::Stage,
            grants::Column::Live,
        ])
        .to_owned();
    // The overdraft limit and the freeze belong to the account; no posting writes them.
    let changed_balance = OnConflict::column(balances::Column::AccountId)
        .update_columns([
            balances::Column::Posted,
            balances::Column::Held,
            balances::Column::OpenHolds,
            balances::Column::Debt,
            balances::Column::Late,
            balances::Column::Upcoming,
            balances::Column::BucketPlan,
            balances::Column::BucketPurchased,
            balances::Column::BucketBonus,
            balances::Column::Seq,
            balances::Column::LastAt,
            balances::Column::NextChangeAt,
            balances::Column::BurningGrant,
            balances::Column::BurningLeft,
            balances::Column::Head,
            balances::Column::Usages,
            balances::Column::UsageHead,
        ])
        .value(AUDIT_DUE, true)
        .value(
            CHECKPOINT_DUE,
            Expr::cust(
                "balances.checkpoint_due OR balances.seq <> excluded.seq OR balances.usages <> excluded.usages",
            ),
        )
        .to_owned();
    let burning = burning_after(writes);
    settle(transaction, writes).await?;
    let is_current =
        |grant: &&Arc<Grant>| burning.get(&grant.account).is_none_or(|row| row.grant != grant.id);
    let grants = writes.grants.values().filter(is_current).map(|grant| grant_model(grant));
    insert::<grants::Entity, _>(transaction, grants, Some(changed_grant)).await?;
    insert::<entries::Entity, _>(transaction, writes.lines().map(entry_model), None).await?;
    let keys = writes.postings_without_entries().map(posting_key_model);
    insert::<posting_keys::Entity, _>(transaction, keys, None).await?;
    let balances = writes.balances.values().map(|balance| {
        let burning = burning.get(&balance.account);
        balances::Model {
            burning_grant: burning.map(|burning| burning.grant.uuid()),
            burning_left: burning.map(|burning| burning.left.get()),
            ..balance_model(balance)
        }
    });
    insert::<balances::Entity, _>(transaction, balances, Some(changed_balance)).await
}

/// The burning grants in the balance rows after `writes`; none unless it is plain spends. A grant that ended before the
/// spend is not active: more than its remainder has changed.
fn burning_after(writes: &Writes) -> BTreeMap<AccountId, BurningGrant> {
    let plain = postgres::is_plain(writes);
    let drawn_on =
        writes.grants.values().filter(|grant| plain && grant.is_live() && grant.stage == Stage::Active);
    drawn_on.map(|grant| (grant.account, BurningGrant { grant: grant.id, left: grant.remaining })).collect()
}

const SETTLE: &str = "
UPDATE grants SET remaining = b.burning_left FROM balances b
WHERE b.account_id IN (SELECT unhex(value) FROM json_each($1)) AND b.burning_grant IS NOT NULL
    AND grants.account_id = b.account_id AND grants.id = b.burning_grant
    AND grants.id NOT IN (SELECT unhex(value) FROM json_each($2))";

/// Writes the remainders of the burning grants that `writes` does not change to their own rows.
async fn settle(transaction: &Transaction, writes: &Writes) -> Result<(), CommitError> {
    let accounts = json_rows::ids(writes.balances.keys().map(|account| account.uuid()));
    let changed = json_rows::ids(writes.grants.keys().map(|grant| grant.uuid()));
    let values = [accounts.to_string().into(), changed.to_string().into()];
    let settle = Statement::from_sql_and_values(DbBackend::Sqlite, SETTLE, values);
    transaction.execute_raw(settle).await.map(drop).map_err(commit_error)
}

/// Writes the rows that most batches do not have.
async fn write_rest(transaction: &Transaction, writes: &Writes) -> Result<(), CommitError> {
    let changed_hold = OnConflict::columns([holds::Column::AccountId, holds::Column::Id])
        .update_columns([
            holds::Column::Amount,
            holds::Column::Captured,
            holds::Column::Overrun,
            holds::Column::State,
            holds::Column::Usages,
            holds::Column::Uncovered,
            holds::Column::UncoveredLeft,
            holds::Column::ExpiresAt,
            holds::Column::EndedAt,
        ])
        .to_owned();
    let changed_slice = OnConflict::columns([
        hold_slices::Column::AccountId,
        hold_slices::Column::HoldId,
        hold_slices::Column::Position,
    ])
    .update_columns([hold_slices::Column::Amount, hold_slices::Column::Remaining])
    .to_owned();
    let carried = OnConflict::columns([usage_carries::Column::AccountId, usage_carries::Column::Meter])
        .update_columns([usage_carries::Column::Millionths, usage_carries::Column::Uncovered])
        .to_owned();
    insert::<holds::Entity, _>(transaction, writes.holds.values().map(hold_model), Some(changed_hold))
        .await?;
    let slices = writes.holds.values().flat_map(slice_models);
    insert::<hold_slices::Entity, _>(transaction, slices, Some(changed_slice)).await?;
    insert::<debts::Entity, _>(transaction, writes.debts.iter().map(debt_model), None).await?;
    let usages = writes.usages.iter().map(usage_model);
    insert::<usages::Entity, _>(transaction, usages, None).await?;
    let fractions = writes.carried.iter().map(|((account, meter), carry)| usage_carries::Model {
        account_id: account.uuid(),
        meter: meter.clone(),
        millionths: i64::from(carry.millionths),
        uncovered: carry.uncovered.get(),
    });
    insert::<usage_carries::Entity, _>(transaction, fractions, Some(carried)).await?;
    let months = writes.months.iter().map(|((account, key), units)| usage_month_model(*account, key, *units));
    insert::<usage_months::Entity, _>(transaction, months, Some(months::changed())).await
}
