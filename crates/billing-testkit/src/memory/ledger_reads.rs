//! Reading ledgers.

use async_trait::async_trait;
use billing_core::accounts::ExternalId;
use billing_core::ledger::audit::History;
use billing_core::ledger::{AccountState, Balance, Entry, Grant, Hold};
use billing_core::ports::{EntryFilter, LedgerReads, LedgerRecords, StoreError};
use billing_core::values::{AccountId, Cursor, EntryId, GrantId, HoldId, Page, PageRequest};

use super::MemoryStore;
use super::account_ledger::Ledger;
use super::paging::page;

#[async_trait]
impl LedgerReads for MemoryStore {
    async fn balance(&self, account: AccountId) -> Result<Option<Balance>, StoreError> {
        let state = self.lock();
        Ok(state.ledgers.by_account.get(&account).map(|ledger| ledger.balance.clone()))
    }

    async fn state(&self, account: AccountId) -> Result<Option<AccountState>, StoreError> {
        let state = self.lock();
        Ok(state.ledgers.by_account.get(&account).map(|ledger| ledger.whole().into()))
    }

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
        page(found.into_iter(), wanted, Cursor::entry, place, Cursor::of_entry)
    }

    async fn history(&self, account: AccountId) -> Result<Option<History>, StoreError> {
        let state = self.lock();
        Ok(state.ledgers.by_account.get(&account).map(Ledger::history))
    }
}

#[async_trait]
impl LedgerRecords for MemoryStore {
    async fn entry(&self, id: EntryId) -> Result<Option<Entry>, StoreError> {
        let state = self.lock();
        let mut entries = state.ledgers.by_account.values().flat_map(|ledger| &ledger.entries);
        Ok(entries.find(|entry| entry.id == id).cloned())
    }

    async fn grant(&self, id: GrantId) -> Result<Option<Grant>, StoreError> {
        let state = self.lock();
        Ok(state.ledgers.by_account.values().find_map(|ledger| ledger.grants.get(&id).cloned()))
    }

    async fn hold(&self, id: HoldId) -> Result<Option<Hold>, StoreError> {
        let state = self.lock();
        Ok(state.ledgers.by_account.values().find_map(|ledger| ledger.holds.get(&id).cloned()))
    }
}

fn passes(filter: &EntryFilter, entry: &Entry) -> bool {
    filter.kind.as_deref().is_none_or(|kind| kind == entry.kind.as_str())
        && filter.from.is_none_or(|from| from <= entry.effective_at)
        && filter.to.is_none_or(|to| entry.effective_at < to)
}
