//! What is recorded under a batch's keys.

use std::collections::{BTreeMap, BTreeSet};

use billing_core::ledger::{Entry, Grant, Posting, RecordedPosting};
use billing_core::ports::CommitError;
use billing_core::values::{AccountId, Credits, Fingerprint, PostingKey};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{Condition, QueryOrder};

use crate::entity::{entries, grants, posting_keys};
use crate::error::{commit_error, corrupt};
use crate::row::{read_entry, read_grant, read_holds_seen};
use crate::transaction::Transaction;

/// What is recorded under the batch's keys. Repetitions are rare, so the entries and grants behind them are
/// asked for only when a key was found.
pub(super) async fn recorded(
    transaction: &Transaction,
    batch: &[Posting],
) -> Result<BTreeMap<AccountId, Vec<RecordedPosting>>, CommitError> {
    let found = if crate::is_postgres(transaction) {
        posting_keys::Entity::find().from_raw_sql(super::sets::keys(batch)).all(transaction).await
    } else {
        let accounts: BTreeSet<Uuid> = batch.iter().map(|posting| posting.account.uuid()).collect();
        let keys: BTreeSet<&str> = batch.iter().map(|posting| posting.key.as_str()).collect();
        posting_keys::Entity::find()
            .filter(posting_keys::Column::AccountId.is_in(accounts))
            .filter(posting_keys::Column::Key.is_in(keys))
            .all(transaction)
            .await
    };
    let found = found.map_err(commit_error)?;
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
            holds: read_holds_seen(key.as_str(), row.holds.as_deref())?,
            key,
        });
    }
    Ok(recorded)
}

async fn entries_of(
    transaction: &Transaction,
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
    transaction: &Transaction,
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
        if let Some(key) = grant.posting_key.clone() {
            grants.entry((grant.account, key)).or_default().push(grant);
        }
    }
    Ok(grants)
}
