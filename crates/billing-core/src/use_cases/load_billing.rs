//! Loads one account's billing.
//!
//! The account's row is read first. Every later commit to its billing increments that row's version, so a decision on
//! rows of different moments is never written.

use std::collections::BTreeSet;

use super::provider_prices::plan_of_price;
use crate::account_billing::{
    AccountBilling, BillingView, FactRefs, PricedPlan, ShownSubscription, advance, grant_keys,
};
use crate::accounts::Account;
use crate::billing::Ports;
use crate::changes::ProviderCustomer;
use crate::ledger::business_keys;
use crate::orders::{Order, OrderKind};
use crate::payments::Channel;
use crate::ports::{
    AccountRef, BillingReads, GiftRef, OrderRef, PaymentMethodRef, PaymentQuery, PaymentRef, RedemptionRef,
    StoreError, SubscriptionSelector,
};
use crate::subscriptions::{Subscription, SubscriptionRole};
use crate::values::{AccountId, OrderId, PlanId, Timestamp};

/// How many days after its end a period is still read: credits outlive it by a grace period.
const RECENT_DAYS: i64 = 62;

/// An account's billing as read, and advanced to now.
pub(super) type Loaded = (AccountBilling, AccountBilling);

/// The billing that a fact of `channel` is about, with the objects that it names. None if our rows do not identify the
/// account.
pub(super) async fn load_named(
    ports: &Ports,
    channel: Channel,
    refs: &FactRefs<'_>,
    now: Timestamp,
) -> Result<Option<Loaded>, StoreError> {
    match owner(&*ports.store.billing, channel, refs).await? {
        Some(account) => load(ports, account, channel, refs, now).await.map(Some),
        None => Ok(None),
    }
}

/// An account's billing with its subscriptions only.
pub(super) async fn load_account(
    ports: &Ports,
    account: AccountId,
    now: Timestamp,
) -> Result<Loaded, StoreError> {
    load(ports, account, Channel::GIFT, &FactRefs::default(), now).await
}

/// The same with one of its orders; none if there is no such order.
pub(super) async fn load_order(
    ports: &Ports,
    id: OrderId,
    now: Timestamp,
) -> Result<Option<Loaded>, StoreError> {
    let Some(order) = ports.store.billing.order(OrderRef::Id(id)).await? else { return Ok(None) };
    let refs = FactRefs { order_hint: Some(id), ..FactRefs::default() };
    load(ports, order.account, order.channel, &refs, now).await.map(Some)
}

/// An account's billing for its views.
pub(super) async fn load_view(
    ports: &Ports,
    account: &Account,
    now: Timestamp,
) -> Result<BillingView, StoreError> {
    let refs = FactRefs::default();
    let mut loader = Loader::begin(ports, account.clone(), Channel::GIFT, &refs, now).await?;
    advance(&mut loader.billing, ports.policy, now);
    if let Some(shown) = loader.billing.shown_subscription(ports.policy.grace_periods, now).cloned() {
        loader.shown(&shown).await?;
    }
    let method = PaymentMethodRef::Account(account.id);
    loader.billing.payment_methods.extend(loader.reads().payment_method(method).await?);
    Ok(BillingView::of(&loader.billing, ports.policy, now))
}

/// One subscription for its views.
pub(super) async fn show(ports: &Ports, subscription: Subscription) -> Result<ShownSubscription, StoreError> {
    let now = ports.clock.now();
    let (refs, account) = (FactRefs::default(), account(ports, subscription.account).await?);
    let mut loader = Loader::begin(ports, account, subscription.channel, &refs, now).await?;
    loader.shown(&subscription).await?;
    Ok(ShownSubscription::of(&loader.billing, subscription.as_of(now), ports.policy, now))
}

async fn load(
    ports: &Ports,
    id: AccountId,
    channel: Channel,
    refs: &FactRefs<'_>,
    now: Timestamp,
) -> Result<Loaded, StoreError> {
    let mut loader = Loader::begin(ports, account(ports, id).await?, channel, refs, now).await?;
    loader.customer().await?;
    loader.payments().await?;
    loader.orders().await?;
    loader.grants().await?;
    loader.prices().await?;
    if let Some(id) = refs.payment_method {
        let method = loader.reads().payment_method(PaymentMethodRef::Id(channel, id)).await?;
        loader.billing.payment_methods.extend(method);
    }
    let mut billing = loader.billing.clone();
    advance(&mut billing, ports.policy, now);
    Ok((loader.billing, billing))
}

async fn account(ports: &Ports, id: AccountId) -> Result<Account, StoreError> {
    let lost = || StoreError::Corrupt(format!("the account {id} is not there"));
    ports.store.billing.account(AccountRef::Id(id)).await?.ok_or_else(lost)
}

/// The account of a fact, by our own rows: that of the checkout's order, of the subscription, of the order that
/// started it, of the customer, or of the payment.
async fn owner(
    reads: &dyn BillingReads,
    channel: Channel,
    refs: &FactRefs<'_>,
) -> Result<Option<AccountId>, StoreError> {
    if let Some(session) = refs.session
        && let Some(order) = reads.order(OrderRef::Session(channel, session)).await?
    {
        return Ok(Some(order.account));
    }
    if let Some(id) = refs.subscription {
        if let Some(known) = reads.subscription(SubscriptionSelector::Provider(channel, id)).await? {
            return Ok(Some(known.account));
        }
        if let Some(order) = reads.order(OrderRef::Subscription(channel, id)).await? {
            return Ok(Some(order.account));
        }
    }
    if let Some(customer) = refs.customer
        && let Some(account) = reads.account_of_customer(channel, customer).await?
    {
        return Ok(Some(account));
    }
    match refs.payment {
        Some(refs) => Ok(reads.payment(PaymentRef::Refs(channel, refs)).await?.map(|known| known.account)),
        None => Ok(None),
    }
}

/// Adds the named objects to an account's billing; reads nothing if none are named.
struct Loader<'a> {
    ports: &'a Ports,
    channel: Channel,
    refs: &'a FactRefs<'a>,
    now: Timestamp,
    billing: AccountBilling,
}

impl<'a> Loader<'a> {
    async fn begin(
        ports: &'a Ports,
        account: Account,
        channel: Channel,
        refs: &'a FactRefs<'a>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let subscriptions = ports.store.billing.subscriptions(account.id).await?;
        let billing = AccountBilling { subscriptions, ..AccountBilling::of(account) };
        let mut loader = Self { ports, channel, refs, now, billing };
        loader.payments_of_others().await?;
        Ok(loader)
    }

    /// The payments of the other subscriptions whose role or slot may change with this fact: those that are over by
    /// time alone unless a later period was paid, and duplicates, because the end of the other subscription may still
    /// be reported.
    async fn payments_of_others(&mut self) -> Result<(), StoreError> {
        let grace = self.ports.policy.grace_periods;
        let lapsed = |known: &Subscription| known.lapses_at(grace).is_some_and(|at| at <= self.now);
        let flagged = |known: &Subscription| {
            matches!(known.role, SubscriptionRole::Duplicate | SubscriptionRole::DuplicateUnresolved)
        };
        let all = self.billing.subscriptions.iter();
        let concerned = all.filter(|known| flagged(known) || (known.is_live() && lapsed(known)));
        let names: Vec<_> = concerned.map(Subscription::name).collect();
        for name in names {
            let since = self.since(name.channel, &name.id);
            self.payments_since(name.channel, &name.id, since).await?;
        }
        Ok(())
    }

    fn reads(&self) -> &'a dyn BillingReads {
        &*self.ports.store.billing
    }

    /// A checkout whose order is known only by a metadata hint is verified by its customer, and a fact may be about a
    /// customer only.
    async fn customer(&mut self) -> Result<(), StoreError> {
        let hinted = self.refs.session.and(self.refs.order_hint).is_some();
        let needed = hinted || self.refs.is_of_customer();
        let Some(customer) = self.refs.customer.filter(|_| needed) else { return Ok(()) };
        let (channel, account) = (self.channel, self.billing.account.id);
        if self.reads().account_of_customer(channel, customer).await? == Some(account) {
            let current = self.reads().provider_customer(channel, account).await?;
            let deleted = current.is_none_or(|current| current.deleted || current.customer != customer);
            let customer = customer.to_owned();
            let row = ProviderCustomer { channel, account, customer, replaces: None, deleted };
            self.billing.customers.push(row);
        }
        Ok(())
    }

    /// The named payment, and those of the named subscription, or of the one that it paid for.
    async fn payments(&mut self) -> Result<(), StoreError> {
        let mut covered = None;
        if let Some(refs) = self.refs.payment {
            let named = self.reads().payment(PaymentRef::Refs(self.channel, refs)).await?;
            let known: Vec<_> = self.billing.payments.iter().map(|payment| payment.id).collect();
            let covers = named.as_ref().and_then(|payment| payment.covers.as_ref());
            covered = covers.map(|covers| covers.subscription.clone());
            self.billing.payments.extend(named.filter(|payment| !known.contains(&payment.id)));
        }
        let Some(id) = self.refs.subscription.map(str::to_owned).or(covered) else { return Ok(()) };
        self.payments_since(self.channel, &id, self.since(self.channel, &id)).await
    }

    async fn payments_since(
        &mut self,
        channel: Channel,
        id: &str,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        let query = PaymentQuery::Subscription { channel, id, since: Some(since) };
        let known: BTreeSet<_> = self.billing.payments.iter().map(|payment| payment.id).collect();
        let paid = self.reads().payments(query).await?;
        self.billing.payments.extend(paid.into_iter().filter(|payment| !known.contains(&payment.id)));
        self.billing.payments.sort_by_key(|payment| payment.id);
        Ok(())
    }

    /// The start of the earliest period that can still change: 62 days before the stored, the named and the current
    /// one.
    fn since(&self, channel: Channel, id: &str) -> Timestamp {
        let known = self.billing.subscription(channel, id).and_then(|known| known.period);
        let paid = self.billing.payments.iter().filter_map(|payment| payment.covers.as_ref());
        let paid = paid.map(|covered| covered.period.start).min();
        let earliest = [known.map(|period| period.start), paid, self.refs.from].into_iter().flatten();
        earliest.fold(self.now, Timestamp::min).plus_days(-RECENT_DAYS)
    }

    /// The named orders, each with its coupon use, gift and plan.
    async fn orders(&mut self) -> Result<(), StoreError> {
        let session = self.refs.session.map(|id| OrderRef::Session(self.channel, id));
        let begun = self.refs.subscription.map(|id| OrderRef::Subscription(self.channel, id));
        let paid = self.billing.payments.iter().filter_map(|payment| payment.order);
        let named: BTreeSet<_> = paid.chain(self.refs.order_hint).collect();
        let mut found: Vec<Order> = Vec::new();
        for which in session.into_iter().chain(begun).chain(named.into_iter().map(OrderRef::Id)) {
            let order = self.reads().order(which).await?;
            let is_new = |order: &Order| found.iter().all(|known| known.id != order.id);
            found.extend(order.filter(|order| order.account == self.billing.account.id && is_new(order)));
        }
        for order in found {
            self.what_follows(&order).await?;
            if session.is_some() {
                let known: Vec<_> = self.billing.payments.iter().map(|payment| payment.id).collect();
                let paid = self.reads().payments(PaymentQuery::Order(order.id)).await?;
                self.billing.payments.extend(paid.into_iter().filter(|paid| !known.contains(&paid.id)));
            }
            self.billing.orders.push(order);
        }
        Ok(())
    }

    async fn what_follows(&mut self, order: &Order) -> Result<(), StoreError> {
        let lost = |what: String| StoreError::Corrupt(format!("{what} is not there"));
        if let Some(discount) = &order.discount {
            let redemption = self.reads().redemption(RedemptionRef::Id(discount.redemption)).await?;
            let lost = || lost(format!("the redemption {}", discount.redemption));
            self.billing.redemptions.push(redemption.ok_or_else(lost)?);
        }
        if order.kind() == OrderKind::Gift {
            let gift = self.reads().gift(GiftRef::Order(order.id)).await?;
            self.billing.gifts.push(gift.ok_or_else(|| lost(format!("the gift of the order {}", order.id)))?);
        }
        self.plans(order.plan()).await
    }

    /// The grants of the loaded payments, the trial of the named subscription, and the months of a gift that ends;
    /// with their rollovers.
    async fn grants(&mut self) -> Result<(), StoreError> {
        let reports = &self.ports.store.reports;
        let paid = self.billing.payments.iter().flat_map(|payment| payment.grant_keys.iter().cloned());
        let mut keys: Vec<_> = paid.collect();
        let concerned = |known: &&Subscription| {
            let ends = (*known).clone().as_of(self.now) != **known;
            ends || (known.channel, Some(known.provider_id.as_str()))
                == (self.channel, self.refs.subscription)
        };
        keys.extend(self.billing.subscriptions.iter().filter(concerned).flat_map(grant_keys));
        // Credits may live on in several grants, one after the other.
        while !keys.is_empty() {
            let grants = reports.grants_by_key(&keys).await?;
            keys = grants.iter().flat_map(|grant| business_keys::heirs(grant.id)).collect();
            self.billing.grants.extend(grants);
        }
        Ok(())
    }

    /// The items of the named prices, and the plans that payments cover.
    async fn prices(&mut self) -> Result<(), StoreError> {
        for price in &self.refs.prices {
            if self.billing.prices.iter().any(|known| known.price == *price) {
                continue;
            }
            if let Some((plan, interval)) = plan_of_price(self.ports, self.channel, price).await? {
                self.billing.prices.push(PricedPlan { price: (*price).to_owned(), plan: plan.id, interval });
                if self.billing.plan(plan.id).is_none() {
                    self.billing.plans.push(plan);
                }
            }
        }
        self.covered_plans().await
    }

    async fn covered_plans(&mut self) -> Result<(), StoreError> {
        let covered = self.billing.payments.iter().filter_map(|payment| payment.covers.as_ref());
        let plans =
            covered.flat_map(|covered| covered.brings.iter().map(|brings| brings.plan).chain([covered.plan]));
        let plans: BTreeSet<_> = plans.collect();
        self.plans(plans).await
    }

    async fn plans(&mut self, plans: impl IntoIterator<Item = PlanId>) -> Result<(), StoreError> {
        for id in plans {
            if self.billing.plan(id).is_none() {
                self.billing.plans.extend(self.ports.store.catalog.plan(id).await?);
            }
        }
        Ok(())
    }

    /// The objects shown with a subscription: its plans, the payment of the current period, and the agreed order.
    async fn shown(&mut self, shown: &Subscription) -> Result<(), StoreError> {
        self.channel = shown.channel;
        if !shown.status.is_final() {
            let since = self.now.plus_days(-RECENT_DAYS);
            self.payments_since(shown.channel, &shown.provider_id, since).await?;
        }
        let order = OrderRef::Subscription(shown.channel, &shown.provider_id);
        self.billing.orders.extend(self.reads().order(order).await?);
        self.plans([shown.plan]).await?;
        self.covered_plans().await
    }
}
