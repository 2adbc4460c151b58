//! What people are shown of ledgers.

use std::collections::BTreeMap;

use async_trait::async_trait;
use billing_core::ledger::{Entry, EntryRecord, EntryType, Grant, Hold, PastBalance, UsageBy, UsageSum};
use billing_core::ports::{HoldFilter, LedgerReports, StoreError};
use billing_core::values::{
    AccountId, BusinessKey, Credits, Cursor, EntryId, Page, PageRequest, Timestamp, Zone,
};

use super::MemoryStore;
use super::account_ledger::Ledger;
use super::paging::page;

#[async_trait]
impl LedgerReports for MemoryStore {
    async fn holds(
        &self,
        account: AccountId,
        filter: HoldFilter,
        wanted: &PageRequest,
    ) -> Result<Page<Hold>, StoreError> {
        let state = self.lock();
        let ledger = state.ledgers.by_account.get(&account);
        let all = ledger.into_iter().flat_map(|ledger| ledger.holds.values().rev());
        let passing = all.filter(|hold| match filter {
            HoldFilter::All => true,
            HoldFilter::Open(now) => hold.ended_at.is_none() && now < hold.expires_at,
        });
        page(passing.cloned(), wanted, Cursor::hold, |hold| hold.id, Cursor::of_hold)
    }

    async fn grants(&self, account: AccountId, wanted: &PageRequest) -> Result<Page<Grant>, StoreError> {
        let state = self.lock();
        let ledger = state.ledgers.by_account.get(&account);
        let all = ledger.into_iter().flat_map(|ledger| ledger.grants.values().rev());
        page(all.cloned(), wanted, Cursor::grant, |grant| grant.id, Cursor::of_grant)
    }

    async fn grants_by_fact(&self, facts: &[BusinessKey]) -> Result<Vec<Grant>, StoreError> {
        let state = self.lock();
        let all = state.ledgers.by_account.values().flat_map(|ledger| ledger.grants.values());
        Ok(all.filter(|grant| facts.contains(&grant.business_key)).cloned().collect())
    }

    async fn entry_record(&self, account: AccountId, id: EntryId) -> Result<Option<EntryRecord>, StoreError> {
        let state = self.lock();
        let ledger = state.ledgers.by_account.get(&account);
        Ok(ledger.and_then(|ledger| {
            let entry = ledger.entries.iter().find(|entry| entry.id == id)?;
            Some(record(ledger, entry))
        }))
    }

    async fn usage(
        &self,
        account: AccountId,
        by: UsageBy,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<UsageSum>, StoreError> {
        let state = self.lock();
        let Some(ledger) = state.ledgers.by_account.get(&account) else { return Ok(Vec::new()) };
        let mut sums: BTreeMap<Option<String>, UsageSum> = BTreeMap::new();
        for entry in ledger.entries.iter().filter(|entry| (from..to).contains(&entry.effective_at)) {
            let spend = entry.reverses.map_or(Some(entry), |seq| ledger.numbered(seq));
            let Some(spend) = spend.filter(|spend| matches!(spend.kind, EntryType::Spend(_))) else {
                continue;
            };
            let key = match by {
                UsageBy::Day => Some(Zone::UTC.day_of(entry.effective_at).to_string()),
                UsageBy::Type => Some(spend.kind.as_str().to_owned()),
                UsageBy::Meter => spend.usage.as_ref().map(|usage| usage.meter.clone()),
            };
            let sum = sums.entry(key.clone()).or_insert_with(|| UsageSum::nothing(key));
            if entry.reverses.is_some() {
                sum.reversed = sum.reversed.plus(entry.amount).unwrap_or(sum.reversed);
            } else {
                sum.spent = sum.spent.minus(entry.amount).unwrap_or(sum.spent);
                sum.count = sum.count.saturating_add(1);
            }
        }
        Ok(sums.into_values().collect())
    }

    async fn net_usage(
        &self,
        account: AccountId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Credits, StoreError> {
        let sums = self.usage(account, UsageBy::Type, from, to).await?;
        Ok(Credits::new(sums.iter().map(|sum| sum.net().get()).sum()))
    }

    async fn past_balance(&self, account: AccountId, at: Timestamp) -> Result<PastBalance, StoreError> {
        let state = self.lock();
        let Some(ledger) = state.ledgers.by_account.get(&account) else { return Ok(PastBalance::default()) };
        let last = ledger.entries.iter().rfind(|entry| entry.effective_at <= at);
        let alive = ledger
            .holds
            .values()
            .filter(|hold| hold.placed_at <= at && hold.ended_at.is_none_or(|end| at < end));
        let held = alive.map(|hold| {
            let captures =
                ledger.entries.iter().filter(|entry| entry.hold == Some(hold.id) && entry.effective_at <= at);
            captures.fold(hold.amount.get(), |left, entry| left.saturating_add(entry.amount.get()))
        });
        Ok(PastBalance {
            posted: last.map_or(Credits::ZERO, |entry| entry.balance_after),
            held: Credits::new(held.sum()),
        })
    }
}

fn record(ledger: &Ledger, entry: &Entry) -> EntryRecord {
    let parts = ledger.allocations.iter().filter(|part| part.seq == entry.seq);
    let parts = parts.filter_map(|part| Some((ledger.grants.get(&part.grant)?.clone(), part.amount)));
    let debts = || ledger.debts.iter().filter(|debt| debt.seq == entry.seq);
    let owed = debts().filter(|debt| debt.grant.is_none()).map(|debt| debt.amount.get());
    let repaid = debts().filter(|debt| debt.grant.is_some()).map(|debt| debt.amount.get());
    let back = || ledger.entries.iter().filter(|back| back.reverses == Some(entry.seq));
    EntryRecord {
        entry: entry.clone(),
        parts: parts.collect(),
        owed: Credits::new(owed.sum()),
        repaid: Credits::new(repaid.sum::<i64>().saturating_neg()),
        hold: entry.hold.and_then(|hold| ledger.holds.get(&hold).cloned()),
        reverses: entry.reverses.and_then(|seq| ledger.numbered(seq).cloned()),
        reversed_by: back().take(100).cloned().collect(),
        reversed: Credits::new(back().map(|back| back.amount.get()).sum()),
    }
}
