//! Atomic commits.

use async_trait::async_trait;
use billing_core::catalog::{PricedItem, RateCardVersion};
use billing_core::changes::{Changes, ProviderCustomer, Setting};
use billing_core::checkin::CheckIn;
use billing_core::ledger::{Posted, TextKey, fold};
use billing_core::payments::Channel;
use billing_core::ports::{BillingStore, CommitError, Committed, ErasedUpTo, Health, StoreError};
use billing_core::values::{AccountId, Metadata, Timestamp};
use billing_core::webhooks::Receipt;

use super::MemoryStore;
use super::account_ledger::Ledger;
use super::cold::Cold;
use super::versions::put;

#[async_trait]
impl BillingStore for MemoryStore {
    async fn commit(&self, changes: Changes, now: Timestamp) -> Result<Committed, CommitError> {
        let mut state = self.lock();
        state.failure()?;
        let mut changes = changes;
        let postings = std::mem::take(&mut changes.postings);
        let written = changes.accounts.clone();
        let opened: Vec<_> = written.iter().filter(|new| new.version == 0).map(|new| new.id).collect();

        // Everything that can fail is done on copies.
        let mut cold = state.cold.clone();
        cold.apply(changes)?;
        let mut set = state.ledgers.working_set(&postings, now);
        for account in &opened {
            set.accounts.entry(*account).or_insert_with(|| Ledger::empty(*account).whole().into());
        }
        for state in set.accounts.values_mut() {
            if let Some(account) = written.iter().find(|account| account.id == state.balance.account) {
                state.balance.overdraft_limit = account.overdraft_limit;
                state.balance.text_key = account.text_key;
                state.balance.enabled = account.credits_enabled;
                state.balance.frozen = account.frozen.is_some();
            }
        }
        let (outcomes, writes) = fold(&mut set, &postings, now, &*self.ids);
        let posted: Vec<Posted> =
            outcomes.into_iter().collect::<Result<_, _>>().map_err(CommitError::Refused)?;

        state.cold = cold;
        for account in opened {
            state.ledgers.open(account);
        }
        for account in &written {
            state.ledgers.set_policy(account);
        }
        state.ledgers.write(writes);
        Ok(Committed { posted })
    }

    /// Everything at once, regardless of the limit.
    async fn erase(
        &self,
        account: AccountId,
        _after: ErasedUpTo,
        fresh: TextKey,
        _limit: u32,
    ) -> Result<Option<ErasedUpTo>, StoreError> {
        let mut state = self.lock();
        state.failure()?;
        if let Some(account) = state.cold.accounts.get_mut(&account) {
            (account.email, account.name, account.metadata) = (None, None, Metadata::default());
            account.text_key = fresh;
            account.version += 1;
        }
        for known in state.cold.subscriptions.values_mut().filter(|known| known.account == account) {
            known.version += i64::from(known.cancel_reason.take().is_some());
        }
        let Some(ledger) = state.ledgers.by_account.get_mut(&account) else { return Ok(None) };
        let key = std::mem::replace(&mut ledger.balance.text_key, fresh);
        for entry in &mut ledger.entries {
            entry.erased = Some(entry.text(&key));
            (entry.description, entry.metadata) = (String::new(), Metadata::default());
        }
        for usage in &mut ledger.usages {
            usage.erased = Some(usage.text(&key));
            (usage.description, usage.metadata) = (String::new(), Metadata::default());
        }
        for grant in ledger.grants.values_mut() {
            (grant.description, grant.metadata) = (String::new(), Metadata::default());
        }
        for hold in ledger.holds.values_mut() {
            (hold.description, hold.metadata) = (String::new(), Metadata::default());
        }
        Ok(None)
    }

    async fn health(&self) -> Result<Health, StoreError> {
        Ok(Health { migrated: true, writable: self.lock().failure().is_ok() })
    }
}

impl Cold {
    /// Records the item of a current price, permanently.
    fn price(&mut self, channel: Channel, reference: &str, item: PricedItem) -> Result<(), CommitError> {
        let known = self.priced_items.entry((channel, reference.to_owned())).or_insert(item);
        if *known == item { Ok(()) } else { Err(CommitError::Conflict) }
    }

    /// Writes everything but the postings; the copy is dropped after an error.
    fn apply(&mut self, changes: Changes) -> Result<(), CommitError> {
        // First, so that a second delivery is distinguished from a conflict.
        if let Some(receipt) = changes.receipt {
            self.mark(&receipt)?;
        }
        each(changes.accounts, |row| put(&mut self.accounts, row))?;
        each(changes.provider_customers, |row| self.add_customer(row))?;
        each(changes.plans, |row| {
            for (channel, interval, reference) in row.prices.iter() {
                self.price(channel, reference, PricedItem::Plan(row.id, interval))?;
            }
            put(&mut self.plans, row)
        })?;
        each(changes.packs, |row| {
            for (channel, reference) in row.prices.iter() {
                self.price(channel, reference, PricedItem::Pack(row.id))?;
            }
            put(&mut self.packs, row)
        })?;
        each(changes.rate_cards, |row| put(&mut self.rate_cards, row))?;
        each(changes.rate_card_versions, |row| self.add_rate_card_version(row))?;
        each(changes.coupons, |row| self.put_coupon(row))?;
        each(changes.coupon_uses, |one| self.count(one))?;
        each(changes.orders, |row| put(&mut self.orders, row))?;
        each(changes.gifts, |row| put(&mut self.gifts, row))?;
        each(changes.redemptions, |row| put(&mut self.redemptions, row))?;
        each(changes.payments, |row| put(&mut self.payments, row))?;
        each(changes.payment_methods, |row| put(&mut self.payment_methods, row))?;
        each(changes.subscriptions, |row| put(&mut self.subscriptions, row))?;
        each(changes.subscription_commands, |row| put(&mut self.subscription_commands, row))?;
        if let Some(mut config) = changes.check_in_config {
            guard(config.version == self.check_in_config.version)?;
            config.version = config.version.saturating_add(1);
            self.check_in_config = config;
        }
        each(changes.check_ins, |row| self.add_check_in(row))?;
        each(changes.api_keys, |row| put(&mut self.api_keys, row))?;
        each(changes.settings, |row| self.add_setting(row))
    }

    fn mark(&mut self, receipt: &Receipt) -> Result<(), CommitError> {
        let unknown = || StoreError::Corrupt(format!("the receipt's event {} is not there", receipt.event));
        let event = self.inbox.get_mut(&receipt.event).ok_or_else(unknown)?;
        if event.state.is_handled() {
            return Err(CommitError::AlreadyHandled);
        }
        let (state, note) = receipt.outcome.state();
        (event.state, event.note) = (state, note.map(str::to_owned));
        event.next_attempt_at = None;
        Ok(())
    }

    /// The account's current customer at the provider: the last one that replaced another.
    pub(super) fn current_customer(&self, channel: Channel, account: AccountId) -> Option<&ProviderCustomer> {
        self.customers.iter().rfind(|row| row.channel == channel && row.account == account)
    }

    fn add_customer(&mut self, new: ProviderCustomer) -> Result<(), CommitError> {
        let current = self.current_customer(new.channel, new.account).map(|row| row.customer.as_str());
        if new.deleted {
            guard(current == Some(&new.customer))?;
            let own =
                |row: &&mut ProviderCustomer| (row.channel, &row.customer) == (new.channel, &new.customer);
            self.customers.iter_mut().filter(own).for_each(|row| row.deleted = true);
            return Ok(());
        }
        let known =
            self.customers.iter().any(|old| old.channel == new.channel && old.customer == new.customer);
        guard(!known && current == new.replaces.as_deref())?;
        self.customers.push(new);
        Ok(())
    }

    fn add_check_in(&mut self, new: CheckIn) -> Result<(), CommitError> {
        let mut others = self.check_ins.values();
        guard(!others.any(|old| {
            let same_request = new.request_key.is_some() && old.request_key == new.request_key;
            old.id == new.id || (old.account == new.account && (old.day == new.day || same_request))
        }))?;
        self.check_ins.insert(new.id, new);
        Ok(())
    }

    fn add_rate_card_version(&mut self, new: RateCardVersion) -> Result<(), CommitError> {
        let quote = new.quote();
        guard(!self.rate_card_versions.contains_key(&quote))?;
        self.rate_card_versions.insert(quote, new);
        Ok(())
    }

    fn add_setting(&mut self, new: Setting) -> Result<(), CommitError> {
        guard(!self.settings.contains_key(&new.name))?;
        self.settings.insert(new.name, new.value);
        Ok(())
    }
}

fn each<T>(rows: Vec<T>, write: impl FnMut(T) -> Result<(), CommitError>) -> Result<(), CommitError> {
    rows.into_iter().try_for_each(write)
}

pub(super) fn guard(holds: bool) -> Result<(), CommitError> {
    if holds { Ok(()) } else { Err(CommitError::Conflict) }
}
