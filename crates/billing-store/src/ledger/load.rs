//! What the decisions of a batch need to know.

use std::collections::{BTreeMap, BTreeSet};

use billing_core::ledger::{AccountState, Command, Entry, Grant, Posting, RecordedPosting, WorkingSet};
use billing_core::ports::{CommitError, StoreError};
use billing_core::values::{AccountId, BusinessKey, Credits, Fingerprint, PostingKey};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{Condition, DatabaseTransaction, QueryOrder, QuerySelect};

use crate::entity::{balances, entries, grants, posting_keys};
use crate::error::{commit_error, corrupt};
use crate::row::{read_balance, read_entry, read_grant};

/// Locks the batch's accounts and loads what deciding needs.
///
/// The lock and the loads are separate statements on purpose: a statement that waited for a lock still sees
/// what was there when it began, a later one sees what the lock's last holder left.
pub(super) async fn load(
    transaction: &DatabaseTransaction,
    batch: &[Posting],
) -> Result<WorkingSet, CommitError> {
    let accounts: BTreeSet<Uuid> = batch.iter().map(|posting| posting.account.uuid()).collect();
    let kept = lock(transaction, &accounts).await?;
    let mut live = live_grants(transaction, &accounts).await?;
    let mut recorded = recorded(transaction, &accounts, batch).await?;
    let facts = facts(transaction, batch).await?;
    let accounts = kept
        .iter()
        .map(|row| {
            let balance = read_balance(row);
            let id = balance.account;
            let grants = live.remove(&id).unwrap_or_default();
            let postings = recorded.remove(&id).unwrap_or_default();
            (id, AccountState::new(balance, grants, postings))
        })
        .collect();
    Ok(WorkingSet { accounts, facts })
}

/// Locks the accounts' kept rows, in one order for everybody, so that no two batches wait for each other.
/// SQLite has no row locks: there the whole transaction is the lock, and the clause is left out.
async fn lock(
    transaction: &DatabaseTransaction,
    accounts: &BTreeSet<Uuid>,
) -> Result<Vec<balances::Model>, CommitError> {
    balances::Entity::find()
        .filter(balances::Column::AccountId.is_in(accounts.iter().copied()))
        .order_by_asc(balances::Column::AccountId)
        .lock_exclusive()
        .all(transaction)
        .await
        .map_err(commit_error)
}

async fn live_grants(
    transaction: &DatabaseTransaction,
    accounts: &BTreeSet<Uuid>,
) -> Result<BTreeMap<AccountId, Vec<Grant>>, CommitError> {
    let rows = grants::Entity::find()
        .filter(grants::Column::AccountId.is_in(accounts.iter().copied()))
        .filter(Expr::col(grants::Column::Live))
        .all(transaction)
        .await
        .map_err(commit_error)?;
    by_account(rows, read_grant, |grant| grant.account)
}

/// What is recorded under the batch's keys. Repetitions are rare, so the entries and grants behind them are
/// asked for only when a key was found.
async fn recorded(
    transaction: &DatabaseTransaction,
    accounts: &BTreeSet<Uuid>,
    batch: &[Posting],
) -> Result<BTreeMap<AccountId, Vec<RecordedPosting>>, CommitError> {
    let keys: BTreeSet<&str> = batch.iter().map(|posting| posting.key.as_str()).collect();
    let found = posting_keys::Entity::find()
        .filter(posting_keys::Column::AccountId.is_in(accounts.iter().copied()))
        .filter(posting_keys::Column::Key.is_in(keys))
        .all(transaction)
        .await
        .map_err(commit_error)?;
    if found.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut entries = entries_of(transaction, &found).await?;
    let mut grants = grants_of(transaction, &found).await?;
    let mut recorded: BTreeMap<AccountId, Vec<RecordedPosting>> = BTreeMap::new();
    for row in found {
        let account = AccountId::from_uuid(row.account_id);
        let key = PostingKey::from_stored(row.key);
        let place = (account, key.clone());
        let fingerprint = row.fingerprint.as_slice().try_into();
        let fingerprint =
            fingerprint.map_err(|problem| corrupt("posting_keys", "fingerprint", key.as_str(), problem))?;
        recorded.entry(account).or_default().push(RecordedPosting {
            account,
            fingerprint: Fingerprint::from_bytes(fingerprint),
            available: Credits::new(row.available),
            entries: entries.remove(&place).unwrap_or_default(),
            grants: grants.remove(&place).unwrap_or_default(),
            key,
        });
    }
    Ok(recorded)
}

async fn entries_of(
    transaction: &DatabaseTransaction,
    found: &[posting_keys::Model],
) -> Result<BTreeMap<(AccountId, PostingKey), Vec<Entry>>, CommitError> {
    let ranges =
        found.iter().filter(|row| row.first_seq <= row.last_seq).fold(Condition::any(), |any, row| {
            any.add(
                entries::Column::AccountId
                    .eq(row.account_id)
                    .and(entries::Column::Seq.between(row.first_seq, row.last_seq)),
            )
        });
    if ranges.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = entries::Entity::find()
        .filter(ranges)
        .order_by_asc(entries::Column::AccountId)
        .order_by_asc(entries::Column::Seq)
        .all(transaction)
        .await
        .map_err(commit_error)?;
    let mut entries: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in rows {
        let entry = read_entry(row)?;
        if let Some(key) = entry.posting_key.clone() {
            entries.entry((entry.account, key)).or_default().push(entry);
        }
    }
    Ok(entries)
}

async fn grants_of(
    transaction: &DatabaseTransaction,
    found: &[posting_keys::Model],
) -> Result<BTreeMap<(AccountId, PostingKey), Vec<Grant>>, CommitError> {
    let keys = found.iter().filter(|row| row.grants > 0).fold(Condition::any(), |any, row| {
        any.add(
            grants::Column::AccountId.eq(row.account_id).and(grants::Column::PostingKey.eq(row.key.as_str())),
        )
    });
    if keys.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = grants::Entity::find()
        .filter(keys)
        .order_by_asc(grants::Column::Id)
        .all(transaction)
        .await
        .map_err(commit_error)?;
    let mut grants: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in rows {
        let grant = read_grant(row)?;
        grants.entry((grant.account, grant.posting_key.clone())).or_default().push(grant);
    }
    Ok(grants)
}

/// Those of the batch's business facts that have granted before. Spends have none, so a batch of spends asks
/// nothing.
async fn facts(
    transaction: &DatabaseTransaction,
    batch: &[Posting],
) -> Result<BTreeSet<BusinessKey>, CommitError> {
    let asked: BTreeSet<&str> = batch
        .iter()
        .flat_map(|posting| &posting.commands)
        .filter_map(|command| match command {
            Command::Grant(grant) => Some(grant.business_key.as_str()),
            Command::Spend(_) => None,
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

fn by_account<R, T>(
    rows: Vec<R>,
    read: impl Fn(R) -> Result<T, StoreError>,
    account: impl Fn(&T) -> AccountId,
) -> Result<BTreeMap<AccountId, Vec<T>>, CommitError> {
    let mut grouped: BTreeMap<AccountId, Vec<T>> = BTreeMap::new();
    for row in rows {
        let value = read(row)?;
        grouped.entry(account(&value)).or_default().push(value);
    }
    Ok(grouped)
}
