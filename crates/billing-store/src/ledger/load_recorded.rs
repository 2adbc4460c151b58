//! Loads the outcomes recorded under a batch's keys.

use std::collections::{BTreeMap, BTreeSet};

use billing_core::ledger::{Entry, Grant, Posting, RecordedPosting, UsageRecord};
use billing_core::ports::CommitError;
use billing_core::values::{AccountId, Credits, Fingerprint, PostingKey};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{Condition, QueryOrder};

use super::among::among;
use super::burning_grant::find_grants;
use crate::entity::{entries, grants, recorded_keys, usages};
use crate::error::{commit_error, corrupt};
use crate::row::{Seen, key_hash, read_entry, read_grant, read_seen, read_usage};
use crate::transaction::Transaction;

/// The outcomes recorded under the batch's keys. Repeated requests are rare, so their entries and grants are read only
/// if a key was found.
pub(super) async fn recorded(
    transaction: &Transaction,
    batch: &[Posting],
) -> Result<BTreeMap<AccountId, Vec<RecordedPosting>>, CommitError> {
    let by_hash = |posting: &Posting| ((posting.account.uuid(), key_hash(&posting.key)), posting.key.clone());
    let asked: BTreeMap<(Uuid, Uuid), PostingKey> = batch.iter().map(by_hash).collect();
    let found = recorded_keys(transaction, asked.keys()).await.map_err(commit_error)?;
    let key = |row: recorded_keys::Model| Some((asked.get(&(row.account_id, row.key_hash))?.clone(), row));
    let found: Vec<Recorded> = found.into_iter().filter_map(key).collect();
    if found.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut entries = entries_of(transaction, &found).await?;
    let mut grants = grants_of(transaction, &found).await?;
    let seen = found.iter().map(|(key, row)| read_seen(key.as_str(), row.seen.as_deref()));
    let seen: Vec<Seen> = seen.collect::<Result<_, _>>()?;
    let usages = usages_of(transaction, &found, &seen).await?;
    let mut recorded: BTreeMap<AccountId, Vec<RecordedPosting>> = BTreeMap::new();
    for ((key, row), seen) in found.into_iter().zip(seen) {
        let account = AccountId::from_uuid(row.account_id);
        let place = (account, key.clone());
        let fingerprint = row.fingerprint.as_slice().try_into();
        let fingerprint =
            fingerprint.map_err(|problem| corrupt("posting_keys", "fingerprint", key.as_str(), problem))?;
        let mut grants = grants.remove(&place).unwrap_or_default();
        seen.restore_ends(&mut grants);
        recorded.entry(account).or_default().push(RecordedPosting {
            account,
            fingerprint: Fingerprint::from_bytes(fingerprint),
            available: Credits::new(row.available),
            entries: entries.remove(&place).unwrap_or_default(),
            usages: usages_between(&usages, account, seen.usages),
            grants,
            holds: seen.holds(key.as_str())?,
            key,
        });
    }
    Ok(recorded)
}

/// The recorded keys, each named by its account and hash.
pub(super) async fn recorded_keys<'a>(
    read: &Transaction,
    asked: impl Iterator<Item = &'a (Uuid, Uuid)> + Clone,
) -> Result<Vec<recorded_keys::Model>, DbErr> {
    if crate::is_postgres(read) {
        return recorded_keys::Entity::find().from_raw_sql(super::postgres::keys(asked)).all(read).await;
    }
    let accounts: BTreeSet<Uuid> = asked.clone().map(|(account, _)| *account).collect();
    recorded_keys::Entity::find()
        .filter(among(read, recorded_keys::Column::AccountId, &accounts))
        .filter(among(read, recorded_keys::Column::KeyHash, asked.map(|(_, hash)| hash)))
        .all(read)
        .await
}

/// A key and its row.
type Recorded = (PostingKey, recorded_keys::Model);
type Usages = BTreeMap<(AccountId, i64), UsageRecord>;

async fn usages_of(
    transaction: &Transaction,
    found: &[Recorded],
    seen: &[Seen],
) -> Result<Usages, CommitError> {
    let mut ranges = Condition::any();
    for ((_, row), seen) in found.iter().zip(seen) {
        if let Some((first, last)) = seen.usages {
            let numbers = usages::Column::Number.between(first, last);
            ranges = ranges.add(usages::Column::AccountId.eq(row.account_id).and(numbers));
        }
    }
    if ranges.is_empty() {
        return Ok(Usages::new());
    }
    let rows = usages::Entity::find().filter(ranges).all(transaction).await.map_err(commit_error)?;
    let mut usages = Usages::new();
    for row in rows {
        let usage = read_usage(row)?;
        usages.insert((usage.account, usage.number), usage);
    }
    Ok(usages)
}

fn usages_between(usages: &Usages, account: AccountId, numbers: Option<(i64, i64)>) -> Vec<UsageRecord> {
    let between = |(first, last)| usages.range((account, first)..=(account, last));
    numbers.map(between).into_iter().flatten().map(|(_, usage)| usage.clone()).collect()
}

async fn entries_of(
    transaction: &Transaction,
    found: &[Recorded],
) -> Result<BTreeMap<(AccountId, PostingKey), Vec<Entry>>, CommitError> {
    let ranges = found.iter().filter(|(_, row)| row.first_seq <= row.last_seq).fold(
        Condition::any(),
        |any, (_, row)| {
            any.add(
                entries::Column::AccountId
                    .eq(row.account_id)
                    .and(entries::Column::Seq.between(row.first_seq, row.last_seq)),
            )
        },
    );
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
    found: &[Recorded],
) -> Result<BTreeMap<(AccountId, PostingKey), Vec<Grant>>, CommitError> {
    let keys = found.iter().filter(|(_, row)| row.grants > 0).fold(Condition::any(), |any, (key, row)| {
        any.add(grants::Column::AccountId.eq(row.account_id).and(grants::Column::PostingKey.eq(key.as_str())))
    });
    if keys.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = find_grants()
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
