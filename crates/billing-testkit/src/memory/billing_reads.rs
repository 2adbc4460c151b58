//! Reads of accounts and of what they bought, redeemed and were given.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use async_trait::async_trait;
use billing_core::accounts::{Account, ExternalId};
use billing_core::changes::ProviderCustomer;
use billing_core::checkin::CheckIn;
use billing_core::coupons::Redemption;
use billing_core::gifts::Gift;
use billing_core::orders::Order;
use billing_core::payments::{Channel, Payment, PaymentMethod, PaymentRefs};
use billing_core::ports::{
    AccountRef, BillingReads, CheckInQuery, GiftRef, OrderRef, PaymentMethodRef, PaymentQuery, PaymentRef,
    RedemptionRef, StoreError, SubscriptionSelector,
};
use billing_core::subscriptions::{Subscription, SubscriptionCommand};
use billing_core::values::{AccountId, CouponId, RequestKey};

use super::MemoryStore;

#[async_trait]
impl BillingReads for MemoryStore {
    async fn account(&self, which: AccountRef<'_>) -> Result<Option<Account>, StoreError> {
        let is = |known: &&Account| match which {
            AccountRef::Id(id) => known.id == id,
            AccountRef::External(id) => known.external_id == *id,
        };
        Ok(self.lock().cold.accounts.values().find(is).cloned())
    }

    async fn account_ids(&self, names: &[ExternalId]) -> Result<BTreeMap<ExternalId, AccountId>, StoreError> {
        let state = self.lock();
        let wanted = state.cold.accounts.values().filter(|account| names.contains(&account.external_id));
        Ok(wanted.map(|account| (account.external_id.clone(), account.id)).collect())
    }

    async fn external_ids(&self, ids: &[AccountId]) -> Result<BTreeMap<AccountId, ExternalId>, StoreError> {
        let state = self.lock();
        let wanted = ids.iter().filter_map(|id| state.cold.accounts.get(id));
        Ok(wanted.map(|account| (account.id, account.external_id.clone())).collect())
    }

    async fn provider_customer(
        &self,
        channel: Channel,
        account: AccountId,
    ) -> Result<Option<ProviderCustomer>, StoreError> {
        let state = self.lock();
        let current = state.cold.current_customer(channel, account);
        Ok(current.map(|row| ProviderCustomer { replaces: None, ..row.clone() }))
    }

    async fn account_of_customer(
        &self,
        channel: Channel,
        customer: &str,
    ) -> Result<Option<AccountId>, StoreError> {
        let state = self.lock();
        let found =
            state.cold.customers.iter().find(|row| row.channel == channel && row.customer == customer);
        Ok(found.map(|row| row.account))
    }

    async fn order(&self, which: OrderRef<'_>) -> Result<Option<Order>, StoreError> {
        let state = self.lock();
        let mut orders = state.cold.orders.values();
        let found = match which {
            OrderRef::Id(id) => state.cold.orders.get(&id),
            OrderRef::Session(channel, id) => orders.find(|order| {
                order.channel == channel && order.session.as_ref().is_some_and(|open| open.id == id)
            }),
            OrderRef::Subscription(channel, id) => orders
                .find(|order| order.channel == channel && order.refs.subscription.as_deref() == Some(id)),
            OrderRef::Request(account, key) => {
                orders.find(|order| order.account == account && order.request.key.as_ref() == Some(key))
            }
            OrderRef::Slot(account, slot) => {
                orders.find(|order| order.account == account && order.slot().as_ref() == Some(slot))
            }
            OrderRef::Paid(account) => {
                orders.find(|order| order.account == account && order.completed_at.is_some())
            }
        };
        Ok(found.cloned())
    }

    async fn payment(&self, which: PaymentRef<'_>) -> Result<Option<Payment>, StoreError> {
        let state = self.lock();
        let (channel, refs) = match which {
            PaymentRef::Id(id) => return Ok(state.cold.payments.get(&id).cloned()),
            PaymentRef::Refs(channel, refs) => (channel, refs),
        };
        let find = |has: &dyn Fn(&PaymentRefs) -> bool| {
            let mut all = state.cold.payments.values();
            all.find(|known| known.channel == channel && has(&known.refs)).cloned()
        };
        let by_payment = find(&|known| refs.payment.is_some() && known.payment == refs.payment);
        Ok(by_payment.or_else(|| find(&|known| refs.invoice.is_some() && known.invoice == refs.invoice)))
    }

    async fn payments(&self, which: PaymentQuery<'_>) -> Result<Vec<Payment>, StoreError> {
        let state = self.lock();
        let all = state.cold.payments.values();
        Ok(match which {
            PaymentQuery::Order(order) => all.filter(|known| known.order == Some(order)).cloned().collect(),
            PaymentQuery::Subscription { channel, id, since } => {
                let covers = |known: &&Payment| {
                    let covered = known.covers.as_ref().filter(|covered| covered.subscription == id);
                    let recent = covered.filter(|covered| since.is_none_or(|since| since <= covered.end()));
                    known.channel == channel && recent.is_some()
                };
                all.filter(covers).cloned().collect()
            }
            PaymentQuery::Latest { account, limit } => {
                let own = all.rev().filter(|known| known.account == account);
                own.take(usize::try_from(limit).unwrap_or(usize::MAX)).cloned().collect()
            }
        })
    }

    async fn payment_method(&self, which: PaymentMethodRef<'_>) -> Result<Option<PaymentMethod>, StoreError> {
        let state = self.lock();
        let all = &state.cold.payment_methods;
        let found = match which {
            PaymentMethodRef::Id(channel, id) => all.get(&(channel, id.to_owned())),
            PaymentMethodRef::Account(account) => all
                .values()
                .filter(|known| known.account == account && !known.removed)
                .max_by_key(|known| (known.provider_updated_at, known.provider_id.clone())),
        };
        Ok(found.cloned())
    }

    async fn subscription(
        &self,
        which: SubscriptionSelector<'_>,
    ) -> Result<Option<Subscription>, StoreError> {
        let is = |known: &&Subscription| match which {
            SubscriptionSelector::Id(id) => known.id == id,
            SubscriptionSelector::Provider(channel, id) => {
                known.channel == channel && known.provider_id == id
            }
        };
        Ok(self.lock().cold.subscriptions.values().find(is).cloned())
    }

    async fn subscriptions(&self, account: AccountId) -> Result<Vec<Subscription>, StoreError> {
        let state = self.lock();
        let own = state.cold.subscriptions.values().filter(|known| known.account == account);
        let mut own: Vec<_> = own.cloned().collect();
        own.sort_by_key(|known| Reverse((known.started_at, known.id)));
        Ok(own)
    }

    async fn subscription_command(
        &self,
        account: AccountId,
        key: &RequestKey,
    ) -> Result<Option<SubscriptionCommand>, StoreError> {
        Ok(self.lock().cold.subscription_commands.get(&(account, key.clone())).cloned())
    }

    async fn gift(&self, which: GiftRef<'_>) -> Result<Option<Gift>, StoreError> {
        let is = |gift: &&Gift| match which {
            GiftRef::Id(id) => gift.id == id,
            GiftRef::Code(code) => gift.code() == Some(code),
            GiftRef::Order(order) => gift.order() == Some(order),
            GiftRef::Request(account, key) => {
                let redeemed = gift.redeemed.as_ref();
                redeemed.is_some_and(|one| one.by == account && one.request.as_ref() == Some(key))
            }
        };
        Ok(self.lock().cold.gifts.values().find(is).cloned())
    }

    async fn redemption(&self, which: RedemptionRef<'_>) -> Result<Option<Redemption>, StoreError> {
        let is = |one: &&Redemption| match which {
            RedemptionRef::Id(id) => one.id == id,
            RedemptionRef::Request(account, key) => {
                one.account == account && one.request_key.as_ref() == Some(key)
            }
        };
        Ok(self.lock().cold.redemptions.values().find(is).cloned())
    }

    async fn redemptions(&self, coupon: CouponId, account: AccountId) -> Result<Vec<Redemption>, StoreError> {
        let state = self.lock();
        let own = state.cold.redemptions.values();
        let own = own.filter(|one| one.coupon == coupon && one.account == account);
        let mut own: Vec<_> = own.cloned().collect();
        own.sort_by_key(|one| (one.created_at, one.id));
        Ok(own)
    }

    async fn check_ins(
        &self,
        account: AccountId,
        which: CheckInQuery<'_>,
    ) -> Result<Vec<CheckIn>, StoreError> {
        let state = self.lock();
        let own = state.cold.check_ins.values().filter(|check_in| check_in.account == account);
        let mut own: Vec<_> = own.cloned().collect();
        own.sort_by_key(|check_in| check_in.day);
        match which {
            CheckInQuery::Latest => drop(own.drain(..own.len().saturating_sub(1))),
            CheckInQuery::Request(key) => own.retain(|check_in| check_in.request_key.as_ref() == Some(key)),
            CheckInQuery::Since(day) => own.retain(|check_in| day <= check_in.day),
        }
        Ok(own)
    }
}
