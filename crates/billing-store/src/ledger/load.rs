//! Loads what the decisions of a batch need.

use std::collections::{BTreeMap, BTreeSet};

use billing_core::ledger::{AccountState, Command, Loaded, Posting, WorkingSet};
use billing_core::ports::CommitError;
use billing_core::values::{AccountId, BusinessKey, Timestamp};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};

use super::among::among;
use super::carries::{carries, meters_of};
use super::load_live::{first_grants, live_grants, open_holds};
use super::load_named::load_named;
use super::load_recorded::recorded;
use crate::entity::{balances, grants};
use crate::error::commit_error;
use crate::row::read_balance;
use crate::transaction::Transaction;

/// Locks the batch's accounts and loads what its decisions need.
///
/// The lock and the reads have to be separate statements: a statement that waited for a lock still reads its old
/// snapshot; a later one reads what the previous holder of the lock wrote.
///
/// A batch of spends takes three statements, whatever its size: the lock, the first grants in burn order, the keys.
/// Rarer cases (holds, reversals, an account whose first grants do not suffice) add a fixed number.
pub(super) async fn load(
    transaction: &Transaction,
    batch: &[Posting],
    now: Timestamp,
) -> Result<WorkingSet, CommitError> {
    let accounts: BTreeSet<Uuid> = batch.iter().map(|posting| posting.account.uuid()).collect();
    let mut loaded = lock(transaction, &accounts).await?;
    first_grants(transaction, &mut loaded).await?;
    load_named(transaction, batch, now, &mut loaded).await?;
    for (account, postings) in recorded(transaction, batch).await? {
        if let Some(loaded) = loaded.get_mut(&account) {
            loaded.recorded = postings;
        }
    }
    let facts = facts(transaction, batch).await?;
    let accounts = loaded.into_iter().map(|(id, loaded)| (id, AccountState::from(loaded))).collect();
    let mut set = WorkingSet { accounts, business_keys: facts };
    complete(transaction, &mut set, batch, now).await?;
    Ok(set)
}

/// Loads all live grants and open holds of the accounts that need them.
async fn complete(
    transaction: &Transaction,
    set: &mut WorkingSet,
    batch: &[Posting],
    now: Timestamp,
) -> Result<(), CommitError> {
    let lacking: BTreeSet<Uuid> =
        set.accounts_needing_full_load(batch, now).into_iter().map(AccountId::uuid).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let mut live = live_grants(transaction, &lacking).await?;
    let mut open = open_holds(transaction, &lacking).await?;
    let mut carried = carries(transaction, &meters_of(open.values().flatten())).await?;
    for id in lacking.into_iter().map(AccountId::from_uuid) {
        if let Some(state) = set.accounts.get_mut(&id) {
            state.complete(
                live.remove(&id).unwrap_or_default(),
                open.remove(&id).unwrap_or_default(),
                carried.remove(&id).unwrap_or_default(),
            );
        }
    }
    Ok(())
}

/// Locks the accounts' balance rows. Every batch locks in the same order, so that no two wait for each other. SQLite
/// has no row locks: the transaction locks the database, and the clause is left out.
async fn lock(
    transaction: &Transaction,
    accounts: &BTreeSet<Uuid>,
) -> Result<BTreeMap<AccountId, Loaded>, CommitError> {
    let find = if crate::is_postgres(transaction) {
        balances::Entity::find().from_raw_sql(super::postgres::lock(accounts)).all(transaction).await
    } else {
        balances::Entity::find()
            .filter(among(transaction, balances::Column::AccountId, accounts))
            .order_by_asc(balances::Column::AccountId)
            .all(transaction)
            .await
    };
    let mut loaded = BTreeMap::new();
    for row in find.map_err(commit_error)? {
        let balance = read_balance(&row)?;
        loaded.insert(balance.account, Loaded::new(balance));
    }
    Ok(loaded)
}

/// The batch's business keys that have granted before. Spends have none, so a batch of spends skips the query.
async fn facts(transaction: &Transaction, batch: &[Posting]) -> Result<BTreeSet<BusinessKey>, CommitError> {
    let asked: BTreeSet<&str> = batch
        .iter()
        .flat_map(|posting| &posting.commands)
        .filter_map(|command| match command {
            Command::Grant(grant) => Some(grant.business_key.as_str()),
            _ => None,
        })
        .collect();
    if asked.is_empty() {
        return Ok(BTreeSet::new());
    }
    let found: Vec<String> = grants::Entity::find()
        .select_only()
        .column(grants::Column::BusinessKey)
        .filter(grants::Column::BusinessKey.is_in(asked))
        .into_tuple()
        .all(transaction)
        .await
        .map_err(commit_error)?;
    Ok(found.into_iter().map(BusinessKey::from_stored).collect())
}
