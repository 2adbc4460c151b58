//! Reads of ledgers.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use billing_core::accounts::ExternalId;
use billing_core::catalog::MonthKey;
use billing_core::ledger::audit::{AuditProgress, AuditWalk, Auditor, ChainPart, History};
use billing_core::ledger::{AccountState, Balance, Entry, Grant, Hold, UsageRecord};
use billing_core::ports::{
    AuditScope, AuditTarget, Audited, BalanceReads, EntryFilter, LedgerAudit, LedgerReads, StoreError,
};
use billing_core::values::{AccountId, Cursor, EntryId, GrantId, HoldId, Page, PageRequest, UsageId};
use rust_decimal::Decimal;

use super::MemoryStore;
use super::account_ledger::Ledger;
use super::paging::page;

#[async_trait]
impl BalanceReads for MemoryStore {
    async fn balances(&self, accounts: &[AccountId]) -> Result<Vec<Option<Balance>>, StoreError> {
        let state = self.lock();
        let kept = |id| state.ledgers.by_account.get(id).map(|ledger| ledger.balance.clone());
        Ok(accounts.iter().map(kept).collect())
    }

    async fn states(&self, accounts: &[AccountId]) -> Result<Vec<Option<AccountState>>, StoreError> {
        let state = self.lock();
        let whole = |id| state.ledgers.by_account.get(id).map(|ledger| ledger.whole().into());
        Ok(accounts.iter().map(whole).collect())
    }
}

#[async_trait]
impl LedgerReads for MemoryStore {
    async fn entries(
        &self,
        account: AccountId,
        filter: &EntryFilter,
        wanted: &PageRequest,
    ) -> Result<Page<Entry>, StoreError> {
        let state = self.lock();
        let entries = state.ledgers.by_account.get(&account).map_or(&[][..], |ledger| &ledger.entries);
        let newest_first = entries.iter().rev().filter(|entry| passes(filter, entry)).cloned();
        page(newest_first, wanted, Cursor::seq, |entry| entry.seq, Cursor::of_seq)
    }

    async fn all_entries(
        &self,
        filter: &EntryFilter,
        wanted: &PageRequest,
    ) -> Result<Page<(ExternalId, Entry)>, StoreError> {
        let state = self.lock();
        let mut found = Vec::new();
        for (id, ledger) in &state.ledgers.by_account {
            let account = state.cold.accounts.get(id);
            let account =
                account.ok_or_else(|| StoreError::Corrupt(format!("{id} has a ledger and no account")))?;
            let passing = ledger.entries.iter().filter(|entry| passes(filter, entry));
            found.extend(passing.map(|entry| (account.external_id.clone(), entry.clone())));
        }
        let place = |(_, entry): &(ExternalId, Entry)| entry.id;
        found.sort_by_key(|found| std::cmp::Reverse(place(found)));
        page(found.into_iter(), wanted, Cursor::id, place, Cursor::of_id)
    }

    async fn history(&self, account: AccountId) -> Result<Option<History>, StoreError> {
        let state = self.lock();
        let ledgers = &state.ledgers;
        Ok(ledgers
            .by_account
            .get(&account)
            .map(|ledger| ledger.history(&ledgers.checkpoints, state.cold.accounts.get(&account))))
    }

    async fn entry(&self, id: EntryId) -> Result<Option<Entry>, StoreError> {
        let state = self.lock();
        let mut entries = state.ledgers.by_account.values().flat_map(|ledger| &ledger.entries);
        Ok(entries.find(|entry| entry.id == id).cloned())
    }

    async fn grant(&self, id: GrantId) -> Result<Option<Grant>, StoreError> {
        let state = self.lock();
        Ok(state.ledgers.by_account.values().find_map(|ledger| ledger.grants.get(&id).cloned()))
    }

    async fn usage_record(&self, id: UsageId) -> Result<Option<UsageRecord>, StoreError> {
        let state = self.lock();
        let mut usages = state.ledgers.by_account.values().flat_map(|ledger| &ledger.usages);
        Ok(usages.find(|usage| usage.id == id).cloned())
    }

    async fn month_units(
        &self,
        account: AccountId,
        keys: &BTreeSet<MonthKey>,
    ) -> Result<BTreeMap<MonthKey, Decimal>, StoreError> {
        let state = self.lock();
        let Some(ledger) = state.ledgers.by_account.get(&account) else { return Ok(BTreeMap::new()) };
        let counted = |key: &MonthKey| Some((key.clone(), *ledger.months.get(key)?));
        Ok(keys.iter().filter_map(counted).collect())
    }

    async fn hold(&self, id: HoldId) -> Result<Option<Hold>, StoreError> {
        let state = self.lock();
        Ok(state.ledgers.by_account.values().find_map(|ledger| ledger.holds.get(&id).cloned()))
    }
}

#[async_trait]
impl LedgerAudit for MemoryStore {
    async fn audit(&self, accounts: &[AccountId], whole: bool) -> Result<Vec<Audited>, StoreError> {
        let state = self.lock();
        let ledgers = accounts.iter().filter_map(|account| state.ledgers.by_account.get(account));
        let audit = |ledger: &Ledger| {
            let mut history =
                ledger.history(&state.ledgers.checkpoints, state.cold.accounts.get(&ledger.balance.account));
            let since = state.ledgers.marks.get(&ledger.balance.account).copied().filter(|_| !whole);
            if let Some(mark) = since {
                history.lines.entries.retain(|entry| entry.seq > mark.seq);
                history.lines.allocations.retain(|part| part.seq > mark.seq);
                history.usages.retain(|usage| usage.number > mark.usages);
                history.kept.covered.retain(|(_, head)| head.seq >= mark.seq && head.usages >= mark.usages);
            }
            let mut auditor = Auditor::begin(&history.kept, since);
            auditor.read_usages(&history.usages);
            auditor.read(&history.lines);
            let entries = u64::try_from(auditor.entries_read()).unwrap_or(u64::MAX);
            let (erased, mark) = (auditor.erased_read(), auditor.mark());
            Audited { entries, erased, mark, violations: auditor.finish() }
        };
        Ok(ledgers.map(audit).collect())
    }

    async fn freeze(&self, account: AccountId) -> Result<(), StoreError> {
        if let Some(ledger) = self.lock().ledgers.by_account.get_mut(&account) {
            ledger.balance.frozen = true;
        }
        Ok(())
    }

    async fn frozen(&self, accounts: &[AccountId]) -> Result<BTreeSet<AccountId>, StoreError> {
        let state = self.lock();
        let frozen = |account: &&AccountId| {
            state.ledgers.by_account.get(*account).is_some_and(|ledger| ledger.balance.frozen)
        };
        Ok(accounts.iter().filter(frozen).copied().collect())
    }

    async fn without_ledger(&self, accounts: &[AccountId]) -> Result<BTreeSet<AccountId>, StoreError> {
        let state = self.lock();
        let missing = accounts.iter().filter(|account| !state.ledgers.by_account.contains_key(account));
        Ok(missing.copied().collect())
    }

    async fn accounts_to_audit(
        &self,
        scope: AuditScope,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<AuditTarget>, StoreError> {
        let state = self.lock();
        let wanted = state.ledgers.by_account.iter().filter(|(id, ledger)| {
            let mark = state.ledgers.marks.get(id);
            let changed = mark
                .is_none_or(|mark| (mark.seq, mark.last_at) != (ledger.balance.seq, ledger.balance.last_at));
            after.is_none_or(|after| **id > after) && (scope == AuditScope::All || changed)
        });
        let target = |(id, ledger): (&AccountId, &Ledger)| {
            let rows = ledger.entries.len().saturating_add(ledger.usages.len());
            AuditTarget { account: *id, rows: u64::try_from(rows).unwrap_or(u64::MAX) }
        };
        Ok(wanted.map(target).take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
    }

    async fn count_accounts(&self) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.lock().ledgers.by_account.len()).unwrap_or(u64::MAX))
    }

    async fn chain(&self, account: AccountId, after: i64, limit: u32) -> Result<ChainPart, StoreError> {
        let state = self.lock();
        let Some(ledger) = state.ledgers.by_account.get(&account) else { return Ok(ChainPart::default()) };
        let last = after.saturating_add(i64::from(limit));
        let wanted = |seq: i64| after < seq && seq <= last;
        let mut history = ledger.history(&[], None);
        history.lines.entries.retain(|entry| wanted(entry.seq));
        history.lines.allocations.retain(|part| wanted(part.seq));
        let owed = ledger.debts.iter().filter(|debt| debt.grant.is_none() && wanted(debt.seq));
        Ok(ChainPart {
            lines: history.lines,
            owed: owed.copied().collect(),
            grants: ledger.grants.clone(),
            text_key: ledger.balance.text_key,
        })
    }

    async fn audit_walk(&self) -> Result<Option<AuditWalk>, StoreError> {
        Ok(self.lock().ledgers.walk)
    }

    async fn keep_audit_walk(&self, walk: AuditWalk) -> Result<(), StoreError> {
        self.lock().ledgers.walk = Some(walk);
        Ok(())
    }

    async fn keep_progress(&self, marks: Vec<AuditProgress>) -> Result<(), StoreError> {
        let mut state = self.lock();
        state.ledgers.marks.extend(marks.into_iter().map(|mark| (mark.account, mark)));
        Ok(())
    }
}

fn passes(filter: &EntryFilter, entry: &Entry) -> bool {
    filter.kind.as_deref().is_none_or(|kind| kind == entry.kind.as_str())
        && filter.from.is_none_or(|from| from <= entry.effective_at)
        && filter.to.is_none_or(|to| entry.effective_at < to)
}
