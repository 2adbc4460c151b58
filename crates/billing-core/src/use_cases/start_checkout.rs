//! Opens checkouts.

use super::CheckoutRefusal;
use super::change_order::change_order;
use super::checkout_coupon::{apply, begun};
use super::checkout_offer::{Offer, PurchaseItem, Template, offer};
use super::ensure_account::ensure_account;
use super::gift_details::GiftDetails;
use super::load_billing::load_account;
use super::retry::{Again, retry};
use crate::BillingError;
use crate::account_billing::pack_posting;
use crate::accounts::{Account, ExternalId};
use crate::billing::Ports;
use crate::changes::{Changes, ProviderCustomer};
use crate::coupons::{CouponCode, Settled};
use crate::gifts::GiftPlan;
use crate::ledger::{Actor, Refusal};
use crate::orders::{NewOrder, Order, OrderRefs, OrderStatus, RequestMark};
use crate::payments::{Capability, Channel, CheckoutRequest, CheckoutSession, CustomerRequest};
use crate::ports::{OrderRef, PaymentProvider, ProviderError};
use crate::subscriptions::Subscription;

/// The duration of a checkout in seconds. Stripe allows up to 24 hours; one hour less tolerates a clock that is ahead.
const OPEN_FOR_SECONDS: i64 = 23 * 3600;

/// A checkout request.
#[derive(Debug, Clone)]
pub struct StartCheckout {
    /// The account; created if it is unknown.
    pub account: ExternalId,
    /// The provider.
    pub channel: Channel,
    /// The item.
    pub wanted: PurchaseItem,
    /// The coupon.
    pub coupon: Option<CouponCode>,
    /// For gifts: the recipient and the page for redeeming it.
    pub gift: GiftDetails,
    /// The return URL after a payment.
    pub success_url: String,
    /// The return URL after a cancellation.
    pub cancel_url: String,
    /// The request's identity, so that a retry finds its order.
    pub request: RequestMark,
}

/// A checkout to pay, or a free one, which redirects at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedCheckout {
    /// The order.
    pub order: Order,
    /// The checkout.
    pub session: CheckoutSession,
    /// Whether this is a replay.
    pub replayed: bool,
}

/// Opens a checkout: writes a pending order, calls the provider, and stores its response. No database transaction is
/// open during the call; after a crash the same request resumes the order, under the same idempotency key at the
/// provider.
pub(crate) async fn start_checkout(
    ports: &Ports,
    ask: &StartCheckout,
) -> Result<StartedCheckout, BillingError> {
    let provider = ports.provider(ask.channel).ok_or(CheckoutRefusal::ChannelNotConfigured(ask.channel))?;
    ports.origins.check("success_url", &ask.success_url)?;
    ports.origins.check("cancel_url", &ask.cancel_url)?;
    // A repeated request finds its checkout, whatever happened to the catalogue since.
    if let Some(repeated) = repeated(ports, ask).await? {
        return Ok(repeated);
    }
    ask.gift.check(ports)?;
    // All refusals are checked before the account is created.
    let offer = offer(ports, provider, ask.wanted).await?;
    if let Some(code) = &ask.coupon {
        let known = ports.find_account(&ask.account).await?;
        if known.is_none() {
            apply(ports, code, None, &offer.template, ports.clock.now()).await?;
        }
    }
    let account = ensure_account(ports, &ask.account, ports.clock.now()).await?;
    let (order, found) = retry(ports, || order(ports, ask, &account, &offer)).await?;
    if let Some(session) = order.open_session(ports.clock.now()).cloned() {
        return Ok(StartedCheckout { order, session, replayed: true });
    }
    if let Some(session) = order.free_session() {
        return Ok(StartedCheckout { order, session, replayed: found });
    }
    if order.session.is_some() || order.status != OrderStatus::Pending {
        return Err(CheckoutRefusal::OrderClosed(order.status).into());
    }
    let customer = customer_of(ports, provider, &account, None).await?;
    let mut request = CheckoutRequest {
        order: order.id,
        account: account.id,
        customer,
        email: account.email.clone(),
        // With the terms on the order, so that a retry sends exactly the same.
        purchase: offer.purchase.clone().as_agreed(&order),
        price: order.price,
        discount: order.checkout_discount(),
        success_url: order.success_url.clone(),
        cancel_url: order.cancel_url.clone(),
        // From the order, so that a retry after a crash sends exactly the same.
        expires_at: order.created_at.plus_seconds(OPEN_FOR_SECONDS).whole_seconds(),
    };
    let mut opened = provider.create_checkout(&request).await;
    if let Err(ProviderError::UnknownCustomer { .. }) = &opened
        && let Some(gone) = request.customer.take()
    {
        // It was deleted there. If the new one is unknown as well, the error is returned.
        request.customer = customer_of(ports, provider, &account, Some(&gone)).await?;
        opened = provider.create_checkout(&request).await;
    }
    match opened {
        Ok(session) => {
            let order = retry(ports, || keep_session(ports, &order, &session)).await?;
            Ok(StartedCheckout { order, session, replayed: found })
        }
        Err(error) => {
            if error.is_refusal() || matches!(error, ProviderError::Unsupported(_)) {
                retry(ports, || give_up(ports, &order)).await?;
            }
            Err(error.into())
        }
    }
}

/// The checkout that this request opened before, if it is still open.
async fn repeated(ports: &Ports, ask: &StartCheckout) -> Result<Option<StartedCheckout>, BillingError> {
    let Some(account) = ports.find_account(&ask.account).await? else { return Ok(None) };
    let order = known_order(ports, ask, &account).await?;
    let session =
        |order: &Order| order.open_session(ports.clock.now()).cloned().or_else(|| order.free_session());
    let open = order.and_then(|order| Some((session(&order)?, order)));
    Ok(open.map(|(session, order)| StartedCheckout { order, session, replayed: true }))
}

/// The order that this request created before.
async fn known_order(
    ports: &Ports,
    ask: &StartCheckout,
    account: &Account,
) -> Result<Option<Order>, BillingError> {
    let which = match &ask.request.key {
        Some(key) => OrderRef::Request(account.id, key),
        None => {
            OrderRef::Open { account: account.id, request: &ask.request.fingerprint, now: ports.clock.now() }
        }
    };
    match ports.store.billing.order(which).await? {
        Some(order) if order.request.fingerprint != ask.request.fingerprint => Err(Refusal::KeyReused.into()),
        known => Ok(known),
    }
}

/// The order of this request: the one that it created before, or a new one. Also returns whether it existed.
async fn order(
    ports: &Ports,
    ask: &StartCheckout,
    account: &Account,
    offer: &Offer,
) -> Result<(Order, bool), Again> {
    let now = ports.clock.now();
    if let Some(order) = known_order(ports, ask, account).await? {
        return Ok((order, true));
    }
    if let Some(code) = &ask.coupon
        && let Some(order) = begun(ports, code, account.id, &ask.request).await?
    {
        return Ok((order, true));
    }
    let mut may_try = false;
    if matches!(offer.template, Template::Plan(..)) {
        let (_, billing) = load_account(ports, account.id, now).await?;
        if billing.is_subscribed() {
            return Err(CheckoutRefusal::AlreadySubscribed.into());
        }
        // A trial is for accounts without an earlier subscription.
        may_try = billing.subscriptions.iter().all(Subscription::never_began);
    }
    let new = NewOrder {
        account: account.id,
        channel: ask.channel,
        success_url: ask.success_url.clone(),
        cancel_url: ask.cancel_url.clone(),
        request: ask.request.clone(),
    };
    let mut order = match &offer.template {
        Template::Pack(pack) => Order::for_pack(new, pack, &*ports.ids, now),
        Template::Plan(plan, interval, price) => {
            Order::for_plan(new, plan, (*interval, *price), may_try, &*ports.ids, now)
        }
        Template::Gift(plan, months, (_, price)) => {
            Order::for_gift(new, plan, (*months, *price), &*ports.ids, now)
        }
    };
    let mut changes = Changes::default();
    if let Template::Gift(plan, months, (interval, _)) = &offer.template {
        let (terms, months, interval) = (plan.terms(), *months, *interval);
        let plan = GiftPlan { plan: plan.id, months, interval, terms };
        changes.gifts.push(ask.gift.wrap(ports, &order, plan, now)?);
    }
    if let Some(code) = &ask.coupon {
        let applied = apply(ports, code, Some(account.id), &offer.template, now).await?;
        let mut redemption = applied.reserve(ports, &mut order, &offer.template, &mut changes, now);
        if order.is_free() {
            order.complete(&OrderRefs::default(), now);
            redemption.settle(Settled::Paid);
            changes.postings.extend(pack_posting(&order, Actor::User, now));
        }
        changes.redemptions.push(redemption);
    }
    changes.orders.push(order.clone());
    ports.store.writer.commit(changes, now).await?;
    order.version = 1;
    Ok((order, false))
}

/// The provider's customer of this account: one per account and provider, guarded by a unique row, not by a read
/// before the call. If the provider no longer knows the customer `gone`, it is replaced: by one that a concurrent
/// request created, or by a new one.
async fn customer_of(
    ports: &Ports,
    provider: &dyn PaymentProvider,
    account: &Account,
    gone: Option<&str>,
) -> Result<Option<String>, BillingError> {
    if !provider.capabilities().can(Capability::Customers) {
        return Ok(None);
    }
    let channel = provider.channel();
    let customer = retry(ports, || async move {
        let known = ports.store.billing.provider_customer(channel, account.id).await?;
        if let Some(customer) = known.filter(|known| gone != Some(known)) {
            return Ok(customer);
        }
        let replaces = gone.map(str::to_owned);
        let request = CustomerRequest {
            account: account.id,
            replaces: replaces.clone(),
            email: account.email.clone(),
            name: account.name.clone(),
        };
        let customer = provider.create_customer(&request).await.map_err(BillingError::from)?;
        let row = ProviderCustomer { channel, account: account.id, customer: customer.clone(), replaces };
        let changes = Changes { provider_customers: vec![row], ..Changes::default() };
        ports.store.writer.commit(changes, ports.clock.now()).await?;
        Ok(customer)
    })
    .await?;
    Ok(Some(customer))
}

/// Stores the provider's checkout on the order, which a webhook may have changed meanwhile.
async fn keep_session(ports: &Ports, order: &Order, session: &CheckoutSession) -> Result<Order, Again> {
    let kept = change_order(ports, order.id, |order| order.session = Some(session.clone())).await?;
    kept.ok_or_else(|| BillingError::not_found("order", order.id).into())
}

/// Marks an order failed that the provider refuses permanently.
async fn give_up(ports: &Ports, order: &Order) -> Result<(), Again> {
    let failed = change_order(ports, order.id, |order| {
        order.fail();
    });
    failed.await.map(drop)
}
