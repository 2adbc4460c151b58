//! Reports of ledgers.

use std::collections::BTreeMap;

use async_trait::async_trait;
use billing_core::ledger::{
    Capture, Entry, EntryRecord, EntryType, Grant, Hold, PastBalance, UsageBy, UsageRecord, UsageSum,
};
use billing_core::ports::{HoldFilter, LedgerReports, StoreError, UsageFilter, UsageQuery};
use billing_core::values::{
    AccountId, BusinessKey, Credits, Cursor, EntryId, HoldId, Page, PageRequest, Position, Timestamp,
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
        page(passing.cloned(), wanted, Cursor::id, |hold| hold.id, Cursor::of_id)
    }

    async fn grants(&self, account: AccountId, wanted: &PageRequest) -> Result<Page<Grant>, StoreError> {
        let state = self.lock();
        let ledger = state.ledgers.by_account.get(&account);
        let all = ledger.into_iter().flat_map(|ledger| ledger.grants.values().rev());
        page(all.cloned(), wanted, Cursor::id, |grant| grant.id, Cursor::of_id)
    }

    async fn grants_by_key(&self, facts: &[BusinessKey]) -> Result<Vec<Grant>, StoreError> {
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

    async fn usage(&self, account: AccountId, query: &UsageQuery) -> Result<Vec<UsageSum>, StoreError> {
        let state = self.lock();
        let Some(ledger) = state.ledgers.by_account.get(&account) else { return Ok(Vec::new()) };
        let mut sums: BTreeMap<Option<String>, UsageSum> = BTreeMap::new();
        let parts = plain(ledger, query).into_iter().chain(metered(ledger, query));
        for part in parts {
            sums.entry(part.key.clone()).or_insert_with(|| UsageSum::nothing(part.key.clone())).add(&part);
        }
        Ok(sums.into_values().filter(|sum| *sum != UsageSum::nothing(sum.key.clone())).collect())
    }

    async fn usages(
        &self,
        account: AccountId,
        filter: &UsageFilter,
        wanted: &PageRequest,
    ) -> Result<Page<(UsageRecord, Option<EntryId>)>, StoreError> {
        let state = self.lock();
        let ledger = state.ledgers.by_account.get(&account);
        let all = ledger.into_iter().flat_map(|ledger| &ledger.usages);
        let mut passing: Vec<_> = all
            .filter(|usage| {
                filter.from.is_none_or(|from| usage.occurred_at >= from)
                    && filter.to.is_none_or(|to| usage.occurred_at < to)
                    && filter.meter.as_ref().is_none_or(|meter| usage.meter == *meter)
            })
            .cloned()
            .collect();
        let place = |usage: &UsageRecord| (usage.occurred_at.micros(), usage.number);
        passing.sort_by_key(|usage| std::cmp::Reverse(place(usage)));
        let write = |(at, number)| Cursor::of_pair(at, number);
        let found = page(passing.into_iter(), wanted, Cursor::pair, place, write)?;
        Ok(found.map(|usage| {
            let entry = usage.entry.and_then(|seq| ledger?.numbered(seq)).map(|entry| entry.id);
            (usage, entry)
        }))
    }

    async fn captures(
        &self,
        account: AccountId,
        hold: HoldId,
        wanted: &PageRequest,
    ) -> Result<Page<Capture>, StoreError> {
        let state = self.lock();
        let Some(ledger) = state.ledgers.by_account.get(&account) else {
            return Ok(Page { items: Vec::new(), next: None });
        };
        let entries = ledger.entries.iter().filter(|entry| entry.hold == Some(hold));
        let taking = entries.map(|entry| {
            let paid = ledger.usages.iter().filter(|usage| usage.entry == Some(entry.seq));
            Capture { entry: Some(entry.clone()), usages: paid.cloned().collect() }
        });
        let own = ledger.usages.iter().filter(|usage| usage.hold == Some(hold) && usage.entry.is_none());
        let carrying = own.map(|usage| Capture { entry: None, usages: vec![usage.clone()] });
        let mut all: Vec<Capture> = taking.chain(carrying).collect();
        all.sort_by_key(|capture| std::cmp::Reverse(place_of(capture)));
        let before = wanted.cursor().map(Cursor::pair).transpose();
        let before = before.map_err(|problem| StoreError::Corrupt(problem.to_string()))?;
        let (seq, number) = before.unwrap_or((i64::MAX, i64::MAX));
        all.retain(|capture| match &capture.entry {
            Some(entry) => entry.seq < seq,
            None => capture.usages.iter().all(|usage| usage.number < number),
        });
        let skipped = match wanted.position {
            Position::Offset(offset) => usize::try_from(offset).unwrap_or(usize::MAX),
            Position::After(_) => 0,
        };
        let end = skipped.saturating_add(usize::try_from(wanted.limit).unwrap_or(usize::MAX));
        let shown = all.iter().take(end).fold((seq, number), |shown, capture| match &capture.entry {
            Some(entry) => (entry.seq, shown.1),
            None => (shown.0, capture.usages.first().map_or(shown.1, |usage| usage.number)),
        });
        let next = (all.len() > end).then(|| Cursor::of_pair(shown.0, shown.1));
        Ok(Page { items: all.into_iter().take(end).skip(skipped).collect(), next })
    }

    async fn net_usage(
        &self,
        account: AccountId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Credits, StoreError> {
        let state = self.lock();
        let Some(ledger) = state.ledgers.by_account.get(&account) else { return Ok(Credits::ZERO) };
        let entries = ledger.entries.iter().filter(|entry| (from..to).contains(&entry.effective_at));
        let moved = entries
            .filter(|entry| matches!(entry.kind, EntryType::Spend(_)) || entry.kind == EntryType::REVERSAL);
        Ok(Credits::new(moved.map(|entry| entry.amount.get().saturating_neg()).sum()))
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
            captures.fold(hold.amount.get(), |left, entry| left.saturating_add(entry.amount.get())).max(0)
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
        usages: ledger.usages.iter().filter(|usage| usage.entry == Some(entry.seq)).cloned().collect(),
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

/// The spends by amount, one by one.
fn plain(ledger: &Ledger, query: &UsageQuery) -> Vec<UsageSum> {
    let mut parts = Vec::new();
    for entry in ledger.entries.iter().filter(|_| query.meter.is_none()) {
        let moment = entry.occurred_at.unwrap_or(entry.effective_at);
        let spend = entry.reverses.map_or(Some(entry), |seq| ledger.numbered(seq));
        let spend = spend.filter(|spend| matches!(spend.kind, EntryType::Spend(_)));
        let usage = ledger.usages.iter().filter(|usage| usage.entry == Some(entry.seq));
        let usage: i64 = usage.map(|usage| usage.credits.get()).sum();
        let taken = entry.amount.get().saturating_neg().saturating_sub(usage);
        let Some(spend) = spend.filter(|_| (query.from..query.to).contains(&moment)) else { continue };
        if entry.usages.is_some() && (entry.hold.is_none() || taken == 0) {
            continue;
        }
        let key = match query.by {
            UsageBy::Day => Some(query.zone.day_of(moment).to_string()),
            UsageBy::Type => Some(spend.kind.as_str().to_owned()),
            UsageBy::Meter | UsageBy::Dimension(_) => None,
        };
        let mut part = UsageSum::nothing(key);
        if entry.reverses.is_some() {
            part.reversed = Credits::new(taken.saturating_neg());
        } else {
            (part.spent, part.count) = (Credits::new(taken), 1);
        }
        parts.push(part);
    }
    parts
}

/// The metered usage, one by one.
fn metered(ledger: &Ledger, query: &UsageQuery) -> Vec<UsageSum> {
    let wanted = |usage: &&UsageRecord| {
        (query.from..query.to).contains(&usage.occurred_at)
            && query.meter.as_ref().is_none_or(|meter| usage.meter == *meter)
    };
    let part = |usage: &UsageRecord| {
        let key = match &query.by {
            UsageBy::Day => Some(query.zone.day_of(usage.occurred_at).to_string()),
            UsageBy::Type => Some(usage.kind.as_str().to_owned()),
            UsageBy::Meter => Some(usage.meter.clone()),
            UsageBy::Dimension(name) => usage.dimensions.get(name).cloned(),
        };
        let mut part = UsageSum { price: usage.price, ..UsageSum::nothing(key) };
        let back = usage.returns.is_some();
        if back {
            part.reversed = Credits::new(usage.credits.get().saturating_neg());
        } else {
            part.spent = usage.credits;
            part.count = u64::from(!usage.is_end_of_hold());
        }
        let units = |(name, units): (&String, &rust_decimal::Decimal)| {
            (name.clone(), if back { -*units } else { *units })
        };
        part.quantities = usage.quantities.iter().map(units).collect();
        part
    };
    ledger.usages.iter().filter(wanted).map(part).collect()
}

/// The position of a capture within its hold: by the time of writing.
fn place_of(capture: &Capture) -> (i64, i64, i64) {
    match (&capture.entry, capture.usages.first()) {
        (Some(entry), _) => (entry.recorded_at.micros(), 1, entry.seq),
        (None, Some(usage)) => (usage.recorded_at.micros(), 0, usage.number),
        (None, None) => (0, 0, 0),
    }
}
