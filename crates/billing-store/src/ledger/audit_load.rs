//! The rows that an audit checks besides entries and usage.

use std::collections::{BTreeMap, BTreeSet};

use billing_core::ledger::audit::{AuditProgress, Kept, KeptSettings};
use billing_core::ledger::{Balance, Carry, CheckpointHead, DebtChange, Grant, Hold};
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, Timestamp};
use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, QueryOrder, QuerySelect};

use super::balances::kept_row;
use super::burning_grant::find_grants;
use super::carries::carries_by_account;
use super::load_live::{grants_by_account, live_grants, open_holds, with_slices};
use super::months::months_by_account;
use crate::entity::{
    accounts, balances, checkpoint_heads, debts, entries, grants, holds, usage_carries, usage_months,
};
use crate::error::store_error;
use crate::row::{read_account, read_balance, read_checkpoint_head, read_debt, read_grant, read_parts};
use crate::transaction::Transaction;

/// The number of ids per statement.
const CHUNK: usize = 5000;

/// The accounts with ids from the first to the last.
#[derive(Debug, Clone, Copy)]
pub(super) struct AccountRange {
    pub(super) first: Uuid,
    pub(super) last: Uuid,
}

impl AccountRange {
    /// One account.
    pub(super) const fn of(account: Uuid) -> Self {
        Self { first: account, last: account }
    }

    /// The condition that `column` is in the range. A single account is compared by equality, so that an index also
    /// serves conditions on its further columns.
    pub(super) fn holds(self, column: impl ColumnTrait) -> Expr {
        if self.first == self.last { column.eq(self.first) } else { column.between(self.first, self.last) }
    }
}

/// All rows of the accounts in `range` except entries and usage.
pub(super) async fn kept(read: &Transaction, range: AccountRange) -> Result<Vec<Kept>, StoreError> {
    let rows = balances::Entity::find()
        .filter(range.holds(balances::Column::AccountId))
        .order_by_asc(balances::Column::AccountId)
        .all(read);
    let rows = rows.await.map_err(store_error)?;
    let found = accounts::Entity::find().filter(range.holds(accounts::Column::Id)).all(read);
    let settings = settings_by_account(found.await.map_err(store_error)?)?;
    let found = find_grants().filter(range.holds(grants::Column::AccountId)).all(read);
    let mut grants = grants_by_account(found.await.map_err(store_error)?)?;
    let found = holds::Entity::find().filter(range.holds(holds::Column::AccountId)).all(read);
    let mut holds = with_slices(read, found.await.map_err(store_error)?).await?;
    let found = debts::Entity::find().filter(range.holds(debts::Column::AccountId)).all(read);
    let mut debts: BTreeMap<AccountId, Vec<DebtChange>> = BTreeMap::new();
    for debt in found.await.map_err(store_error)?.iter().map(read_debt) {
        debts.entry(debt.account).or_default().push(debt);
    }
    let found = usage_carries::Entity::find().filter(range.holds(usage_carries::Column::AccountId)).all(read);
    let mut carries = carries_by_account(found.await.map_err(store_error)?)?;
    let found = usage_months::Entity::find().filter(range.holds(usage_months::Column::AccountId)).all(read);
    let mut months = months_by_account(found.await.map_err(store_error)?)?;
    let found = checkpoint_heads::Entity::find().filter(range.holds(checkpoint_heads::Column::AccountId));
    let mut covered = covered_by_account(&found.all(read).await.map_err(store_error)?);
    let kept = |row: &balances::Model| {
        let balance = read_balance(row)?;
        let account = balance.account;
        Ok(Kept {
            balance,
            settings: settings.get(&account).copied(),
            grants: grants.remove(&account).unwrap_or_default(),
            holds: holds.remove(&account).unwrap_or_default(),
            debts: debts.remove(&account).unwrap_or_default(),
            carries: carries.remove(&account).unwrap_or_default().into_iter().collect(),
            months: months.remove(&account).unwrap_or_default(),
            covered: covered.remove(&account).unwrap_or_default(),
        })
    };
    rows.iter().map(kept).collect()
}

/// The rows of the account that can have changed since `mark`: live grants and open holds, those that later entries
/// name, holds that have ended since, and later debts and repayments. A used-up grant or an ended hold does not change
/// until an entry names it.
pub(super) async fn changed(
    read: &Transaction,
    id: Uuid,
    mark: &AuditProgress,
) -> Result<Option<Kept>, StoreError> {
    let Some(balance) = kept_row(read, id).await? else { return Ok(None) };
    let found = accounts::Entity::find_by_id(id).all(read);
    let settings = settings_by_account(found.await.map_err(store_error)?)?.into_values().next();
    let named = named_since(read, id, mark.seq).await?;
    let grants = changed_grants(read, &balance, &named).await?;
    let holds = changed_holds(read, &balance, &named, mark.last_at).await?;
    // A repayment is stored under the account's last entry, which `mark` may include already.
    let owed = debts::Entity::find()
        .filter(debts::Column::AccountId.eq(id))
        .filter(debts::Column::Seq.gte(mark.seq))
        .order_by_asc(debts::Column::Seq);
    let debts = owed.all(read).await.map_err(store_error)?.iter().map(read_debt).collect();
    let carries = usage_carries::Entity::find().filter(usage_carries::Column::AccountId.eq(id)).all(read);
    let carries: BTreeMap<String, Carry> =
        carries_by_account(carries.await.map_err(store_error)?)?.into_values().flatten().collect();
    let covered = checkpoint_heads::Entity::find()
        .filter(checkpoint_heads::Column::AccountId.eq(id))
        .filter(checkpoint_heads::Column::Seq.gte(mark.seq))
        .filter(checkpoint_heads::Column::Usages.gte(mark.usages));
    let covered = covered_by_account(&covered.all(read).await.map_err(store_error)?);
    let covered = covered.into_values().flatten().collect();
    Ok(Some(Kept { balance, settings, grants, holds, debts, carries, months: BTreeMap::new(), covered }))
}

async fn changed_grants(
    read: &Transaction,
    balance: &Balance,
    named: &Named,
) -> Result<Vec<Grant>, StoreError> {
    let id = balance.account.uuid();
    let live = live_grants(read, &BTreeSet::from([id])).await?.remove(&balance.account);
    let mut grants = live.unwrap_or_default();
    let known: BTreeSet<Uuid> = grants.iter().map(|grant| grant.id.uuid()).collect();
    let missing: Vec<Uuid> = named.grants.difference(&known).copied().collect();
    for ids in missing.chunks(CHUNK) {
        let found = find_grants()
            .filter(grants::Column::AccountId.eq(id))
            .filter(grants::Column::Id.is_in(ids.iter().copied()));
        for row in found.all(read).await.map_err(store_error)? {
            grants.push(read_grant(row)?);
        }
    }
    Ok(grants)
}

async fn changed_holds(
    read: &Transaction,
    balance: &Balance,
    named: &Named,
    since: Timestamp,
) -> Result<Vec<Hold>, StoreError> {
    let (id, account) = (balance.account.uuid(), balance.account);
    let mut holds = open_holds(read, &BTreeSet::from([id])).await?.remove(&account).unwrap_or_default();
    let known: BTreeSet<Uuid> = holds.iter().map(|hold| hold.id.uuid()).collect();
    let ended = holds::Entity::find()
        .filter(holds::Column::AccountId.eq(id))
        .filter(holds::Column::EndedAt.gte(since.micros()))
        .all(read);
    let ended = ended.await.map_err(store_error)?.into_iter();
    let mut rows: Vec<holds::Model> = ended.filter(|row| !known.contains(&row.id)).collect();
    let known: BTreeSet<Uuid> = known.into_iter().chain(rows.iter().map(|row| row.id)).collect();
    let missing: Vec<Uuid> = named.holds.difference(&known).copied().collect();
    for ids in missing.chunks(CHUNK) {
        let found = holds::Entity::find()
            .filter(holds::Column::AccountId.eq(id))
            .filter(holds::Column::Id.is_in(ids.iter().copied()));
        rows.extend(found.all(read).await.map_err(store_error)?);
    }
    holds.extend(with_slices(read, rows).await?.remove(&account).unwrap_or_default());
    Ok(holds)
}

fn settings_by_account(rows: Vec<accounts::Model>) -> Result<BTreeMap<AccountId, KeptSettings>, StoreError> {
    let settings = |row| read_account(row).map(|account| (account.id, KeptSettings::from(&account)));
    rows.into_iter().map(settings).collect()
}

fn covered_by_account(rows: &[checkpoint_heads::Model]) -> BTreeMap<AccountId, Vec<(i64, CheckpointHead)>> {
    let mut covered: BTreeMap<AccountId, Vec<(i64, CheckpointHead)>> = BTreeMap::new();
    for row in rows {
        let head = read_checkpoint_head(row);
        covered.entry(head.account).or_default().push((row.checkpoint, head));
    }
    covered
}

#[derive(Default)]
struct Named {
    grants: BTreeSet<Uuid>,
    holds: BTreeSet<Uuid>,
}

#[derive(FromQueryResult)]
struct Naming {
    id: Uuid,
    seq: i64,
    hold_id: Option<Uuid>,
    allocations: Vec<u8>,
}

/// The grants and holds that the entries after number `seq` name.
async fn named_since(read: &Transaction, id: Uuid, seq: i64) -> Result<Named, StoreError> {
    let (mut named, mut after) = (Named::default(), seq);
    loop {
        let rows: Vec<Naming> = entries::Entity::find()
            .select_only()
            .columns([
                entries::Column::Id,
                entries::Column::Seq,
                entries::Column::HoldId,
                entries::Column::Allocations,
            ])
            .filter(entries::Column::AccountId.eq(id))
            .filter(entries::Column::Seq.gt(after))
            .order_by_asc(entries::Column::Seq)
            .limit(u64::try_from(CHUNK).unwrap_or(u64::MAX))
            .into_model()
            .all(read)
            .await
            .map_err(store_error)?;
        let Some(last) = rows.last() else { return Ok(named) };
        after = last.seq;
        for row in &rows {
            named.holds.extend(row.hold_id);
            let parts = read_parts(row.id, &row.allocations)?;
            named.grants.extend(parts.into_iter().map(|(grant, _)| grant));
        }
    }
}
