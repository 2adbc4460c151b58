//! The order of a checkout: the one that the same request created before, or a new one in place of abandoned ones.

use super::CheckoutRefusal;
use super::checkout_coupon::apply;
use super::checkout_offer::{Offer, Template};
use super::close_checkout::replace_order;
use super::load_billing::load_account;
use super::retry::{Again, retry};
use super::start_checkout::{OPEN_FOR_SECONDS, StartCheckout};
use crate::BillingError;
use crate::account_billing::pack_posting;
use crate::accounts::Account;
use crate::billing::Ports;
use crate::changes::Changes;
use crate::coupons::Settled;
use crate::gifts::GiftPlan;
use crate::ledger::{Actor, Refusal};
use crate::orders::{NewOrder, Order, OrderRefs, OrderSlot};
use crate::ports::{OrderRef, StoreError};
use crate::subscriptions::Subscription;
use crate::values::{AccountId, OrderId, Timestamp};

/// The shortest time for which a checkout has to stay payable, in seconds: Stripe accepts no less than 30 minutes.
const LEAST_OPEN_SECONDS: i64 = 3600;

/// The maximum number of times that abandoned orders are closed for one request. More than one is needed only while
/// other requests open checkouts for the same account.
const REPLACEMENTS: usize = 4;

/// The order that this request created before, even if its response was lost: by its key, else the one that holds its
/// slot and can still be paid.
pub(super) async fn known_order(
    ports: &Ports,
    ask: &StartCheckout,
    account: AccountId,
) -> Result<Option<Order>, BillingError> {
    if let Some(key) = &ask.request.key
        && let Some(order) = ports.store.billing.order(OrderRef::Request(account, key)).await?
    {
        let same = order.request.fingerprint == ask.request.fingerprint;
        return if same { Ok(Some(order)) } else { Err(Refusal::KeyReused.into()) };
    }
    let now = ports.clock.now();
    let same = |order: &Order| {
        order.request.fingerprint == ask.request.fingerprint
            && now < payable_until(order)
            && !order.is_processing()
    };
    Ok(slot_holder(ports, ask, account).await?.filter(same))
}

/// The pending order that holds the slot of this request.
async fn slot_holder(
    ports: &Ports,
    ask: &StartCheckout,
    account: AccountId,
) -> Result<Option<Order>, StoreError> {
    match OrderSlot::of(ask.wanted.kind(), &ask.request) {
        Some(slot) => ports.store.billing.order(OrderRef::Slot(account, &slot)).await,
        None => Ok(None),
    }
}

/// Until when the order's checkout can be paid, or opened if there is none yet.
fn payable_until(order: &Order) -> Timestamp {
    match &order.session {
        Some(session) => session.expires_at,
        None => order.created_at.plus_seconds(OPEN_FOR_SECONDS - LEAST_OPEN_SECONDS),
    }
}

/// The order of a request, or the orders to close first.
enum Placed {
    /// The order, and whether it existed.
    Order(Box<Order>, bool),
    /// The account's pending orders that hold the slot, or the use of the coupon, that the request needs.
    InTheWay(Vec<OrderId>),
}

/// The order of this request: the one that it created before, or a new one, which replaces abandoned ones. Returns
/// whether it existed.
pub(super) async fn place_order(
    ports: &Ports,
    ask: &StartCheckout,
    account: &Account,
    offer: &Offer,
) -> Result<(Order, bool), BillingError> {
    for _ in 0..REPLACEMENTS {
        match retry(ports, || order(ports, ask, account, offer)).await? {
            Placed::Order(order, found) => return Ok((*order, found)),
            Placed::InTheWay(others) => {
                for other in others {
                    if let Some(other) = ports.store.billing.order(OrderRef::Id(other)).await? {
                        replace_order(ports, other).await?;
                    }
                }
            }
        }
    }
    Err(StoreError::Busy.into())
}

async fn order(
    ports: &Ports,
    ask: &StartCheckout,
    account: &Account,
    offer: &Offer,
) -> Result<Placed, Again> {
    let now = ports.clock.now();
    if let Some(order) = known_order(ports, ask, account.id).await? {
        return Ok(Placed::Order(Box::new(order), true));
    }
    let mut may_try = false;
    if matches!(offer.template, Template::Plan(..)) {
        let (_, billing) = load_account(ports, account.id, now).await?;
        if billing.is_subscribed(ports.policy.grace_periods, now) {
            return Err(CheckoutRefusal::AlreadySubscribed.into());
        }
        // Only an account without an earlier subscription gets a trial; one that never began does not count.
        may_try = billing.subscriptions.iter().all(Subscription::never_began);
    }
    // A coupon that cannot be used is refused before anything is closed for it.
    let applied = match &ask.coupon {
        Some(code) => Some(apply(ports, code, Some(account.id), &offer.template, now).await?),
        None => None,
    };
    let mut in_the_way: Vec<OrderId> = applied.iter().flat_map(|applied| applied.held_by.clone()).collect();
    in_the_way.extend(slot_holder(ports, ask, account.id).await?.map(|other| other.id));
    if !in_the_way.is_empty() {
        return Ok(Placed::InTheWay(in_the_way));
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
    if let Some(applied) = applied {
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
    Ok(Placed::Order(Box::new(order), false))
}
