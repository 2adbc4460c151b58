//! Corner cases: combinations of facts that were once handled wrongly.

mod ends;
mod every_order;
mod explained;
mod items;
mod money;
mod prorations;
mod resubscribed;
mod reversed;
mod settings;
mod shown;

use billing_core::Job;
use billing_core::catalog::{ChangePolicy, Interval, Plan, RolloverMode, RolloverPolicy};
use billing_core::coupons::{CouponEffect, Duration};
use billing_core::orders::{Order, RequestMark};
use billing_core::payments::*;
use billing_core::ports::{AccountRef, BillingReads, PaymentQuery};
use billing_core::requests::{CouponDraft, PlanDraft, PurchaseItem, StartCheckout};
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::values::{Credits, Money, Period, Timestamp};
use billing_testkit::builders::*;

use super::plan_changes::in_the_portal;
use super::shop::Shop;
use super::subscriptions::{catches_up, orders_plan, paid, period, subscribed};

use SubscriptionStatus::{Active, Canceled, PastDue};

pub(super) fn state(
    order: &Order,
    interval: Interval,
    count: i32,
    status: SubscriptionStatus,
    at: Timestamp,
    change: impl FnOnce(&mut SubscriptionFact),
) -> Fact {
    let Fact::Subscription(mut fact) = subscribed(order, status, at) else { unreachable!() };
    let price = if interval == Interval::Monthly { "price_month" } else { "price_year" };
    fact.items = vec![SubscriptionItem::one(price)];
    fact.period = Some(period(interval, count));
    change(&mut fact);
    Fact::Subscription(fact)
}

pub(super) async fn begun(interval: Interval, rollover: RolloverPolicy) -> (Shop, Order) {
    let mut shop = Shop::open().await;
    let draft = PlanDraft {
        rollover,
        price_yearly: Some(20_000),
        prices: stripe_prices("price_month", "price_year"),
        ..a_plan_draft("pro")
    };
    shop.plan = shop.billing.publish_plan(Some(shop.plan.id), &draft).await.unwrap();
    let order = orders_plan(&shop, interval).await.order;
    shop.hears("evt_new", state(&order, interval, 0, Active, noon(), |_| {})).await;
    shop.hears("evt_paid", Fact::PeriodPaid(paid(&order, "in_1", interval, 0))).await;
    (shop, order)
}
pub(super) const EXPIRE: RolloverPolicy = RolloverPolicy { mode: RolloverMode::Expire, cap: None };

pub(super) async fn max(shop: &Shop, policy: ChangePolicy) -> Plan {
    let draft = PlanDraft {
        price_monthly: 3 * shop.plan.price_monthly,
        credits_included: Credits::new(6000),
        prices: stripe_prices("price_max_month", "price_max_year"),
        change_policy: policy,
        ..a_plan_draft("max")
    };
    shop.billing.publish_plan(None, &draft).await.unwrap()
}

pub(super) async fn event(shop: &Shop, id: &str) -> String {
    use billing_core::ports::Inbox;
    let event = shop.store.event(Channel::named("stripe"), id).await.unwrap();
    format!("{:?}", event.map(|event| (event.state, event.note)))
}

pub(super) fn dispute(invoice: &str, state: DisputeState, minor: i64, order: &Order) -> Fact {
    Fact::Reversal(PaymentReversal {
        payment: PaymentRefs::of_invoice(invoice),
        update: PaymentReversalUpdate::Dispute(Dispute {
            id: "dp".into(),
            amount: Money::new(minor, order.price.currency),
            state,
        }),
    })
}

pub(super) async fn with_coupon(effect: CouponEffect, duration: Duration, quantity: u32) -> (Shop, Order) {
    let shop = Shop::open().await;
    shop.billing
        .publish_coupon(None, &CouponDraft { effect, duration, ..a_coupon_draft("OFF") })
        .await
        .unwrap();
    let ask = a_checkout(
        "ada",
        Channel::named("stripe"),
        PurchaseItem::Plan(shop.plan.id, Interval::Monthly),
        None,
    );
    let request = RequestMark { fingerprint: fingerprint("off"), ..ask.request };
    let ask = StartCheckout { coupon: Some(a_code("OFF")), request, ..ask };
    let order = shop.billing.start_checkout(&ask).await.unwrap().order;
    shop.hears("n", state(&order, Interval::Monthly, 0, Active, noon(), |f| f.items[0].quantity = quantity))
        .await;
    shop.hears("p", Fact::PeriodPaid(paid(&order, "in_1", Interval::Monthly, 0))).await;
    (shop, order)
}

pub(super) async fn extended(to: Timestamp) -> (Shop, Order) {
    use billing_core::ledger::Actor;
    use billing_core::ports::LedgerReports;
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    let account = shop.store.account(AccountRef::External(&an_external_id("ada"))).await.unwrap().unwrap().id;
    let grant = shop.store.grants(account, &page(100, 0)).await.unwrap().items[0].id;
    shop.billing
        .change_grant(billing_core::requests::ChangeGrant {
            grant,
            change: billing_core::requests::GrantChange::Extend { expires_at: Some(to) },
            key: request_key("ext"),
            fingerprint: fingerprint("ext"),
            actor: Actor::Operator("ann".into()),
        })
        .await
        .unwrap();
    (shop, order)
}
