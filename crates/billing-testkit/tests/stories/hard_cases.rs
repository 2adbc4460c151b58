//! Payments and credits under failures, delays and concurrency.

use billing_core::catalog::{ChangePolicy, Interval, Plan, RolloverMode, RolloverPolicy};
use billing_core::ledger::Actor;
use billing_core::orders::Order;
use billing_core::payments::{
    Channel, CheckoutOutcome, Fact, PaidPeriod, PaymentRefs, PaymentReversal, PaymentReversalUpdate,
    SubscriptionFact, SubscriptionItem,
};
use billing_core::ports::{BillingReads, PaymentQuery, PaymentRef, ProviderError};
use billing_core::requests::{ChangePlan, PlanDraft, RefundPayment, Refunded};
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::values::{Credits, Money, RequestKey};
use billing_testkit::builders::{a_plan_draft, an_external_id, monthly_price, noon, stripe_prices};

use super::plan_changes::in_the_portal;
use super::shop::{DONE, Shop, told};
use super::subscriptions::{orders_plan, paid, period, subscribed};

/// A shop whose customer has paid the first period of the plan with this rollover.
async fn subscribed_with(rollover: RolloverPolicy, interval: Interval) -> (Shop, Order) {
    let mut shop = Shop::open().await;
    let draft = PlanDraft {
        rollover,
        price_yearly: Some(20_000),
        prices: stripe_prices("price_month", "price_year"),
        ..a_plan_draft("pro")
    };
    shop.plan = shop.billing.publish_plan(Some(shop.plan.id), &draft).await.unwrap();
    let order = orders_plan(&shop, interval).await.order;
    let Fact::Subscription(fact) = subscribed(&order, SubscriptionStatus::Active, noon()) else {
        unreachable!()
    };
    let price = if interval == Interval::Monthly { "price_month" } else { "price_year" };
    let fact = SubscriptionFact {
        items: vec![SubscriptionItem::one(price)],
        period: Some(period(interval, 0)),
        ..fact
    };
    assert_eq!(shop.hears("evt_new", Fact::Subscription(fact)).await, DONE);
    let first = Fact::PeriodPaid(paid(&order, "in_1", interval, 0));
    assert_eq!(shop.hears("evt_paid", first).await, DONE);
    (shop, order)
}

const EXPIRE: RolloverPolicy = RolloverPolicy { mode: RolloverMode::Expire, cap: None };
const KEEP: RolloverPolicy = RolloverPolicy { mode: RolloverMode::Keep, cap: None };

async fn sells_max(shop: &Shop, rollover: RolloverPolicy) -> Plan {
    sells(shop, "max", 6000, rollover, ChangePolicy::Prorate).await
}

/// Sells another plan at the same rate as the first.
async fn sells(
    shop: &Shop,
    slug: &str,
    credits: i64,
    rollover: RolloverPolicy,
    policy: ChangePolicy,
) -> Plan {
    let draft = PlanDraft {
        rollover,
        price_monthly: credits / 2000 * shop.plan.price_monthly,
        credits_included: Credits::new(credits),
        prices: monthly_price(Channel::named("stripe"), &format!("price_{slug}_month")),
        change_policy: policy,
        ..a_plan_draft(slug)
    };
    shop.billing.publish_plan(None, &draft).await.unwrap()
}

fn refunds(what: Refunded, amount: Option<i64>, key: Option<&str>) -> RefundPayment {
    let key = key.map(|key| RequestKey::parse(key).unwrap());
    RefundPayment { what, amount, key, actor: Actor::Operator("ann".to_owned()) }
}

#[tokio::test]
async fn a_refund_whose_answer_was_lost_is_asked_for_again_in_the_same_words() {
    let shop = Shop::open().await;
    let started = shop.orders_pack("ada").await;
    assert_eq!(shop.hears("evt_paid", told(&started, CheckoutOutcome::Paid)).await, DONE);
    let half = started.order.price.minor - started.order.price.minor / 2;
    let rest = started.order.price.minor - half;
    let down = ProviderError::Unknown { message: "no answer".to_owned(), request_id: None };
    shop.provider.on_refund(Err(down));
    let ask = refunds(Refunded::Order(started.order.id), Some(rest), Some("first"));
    shop.billing.refund(&ask).await.unwrap_err();
    // Meanwhile the other part was refunded in the provider's dashboard, so the requested amount is all that is left.
    let payment = shop.store.payments(PaymentQuery::Order(started.order.id)).await.unwrap().remove(0);
    let so_far = PaymentReversalUpdate::RefundedInAll(Money::new(half, started.order.price.currency));
    let event = PaymentReversal { payment: payment.refs.clone(), update: so_far };
    assert_eq!(shop.hears("evt_refund", Fact::Reversal(event)).await, DONE);
    shop.billing.refund(&ask).await.unwrap();
    let asked = shop.provider.asked_refunds();
    assert_eq!(asked[0], asked[1], "one key, one request");
}

#[tokio::test]
async fn what_a_prorated_upgrade_brings_is_kept_where_the_plan_keeps_its_credits() {
    let (shop, _) = subscribed_with(KEEP, Interval::Monthly).await;
    let max = sells_max(&shop, KEEP).await;
    shop.clock.set(period(Interval::Monthly, 0).start.plus_days(10));
    let ask = ChangePlan {
        account: an_external_id("ada"),
        plan: max.id,
        interval: None,
        preview: false,
        key: None,
    };
    shop.billing.change_plan(&ask).await.unwrap();
    shop.clock.advance(1);
    let there = shop.balance("ada").await;
    assert!(there > 2000);
    shop.clock.set(noon().plus_days(400));
    assert_eq!(shop.balance("ada").await, there);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn what_rolled_over_goes_with_the_money_that_paid_it() {
    let (shop, order) = subscribed_with(
        RolloverPolicy { mode: RolloverMode::RollOver, cap: Some(Credits::new(2000)) },
        Interval::Monthly,
    )
    .await;
    let next = period(Interval::Monthly, 1);
    shop.clock.set(next.start.plus_seconds(30));
    let second = paid(&order, "in_2", Interval::Monthly, 1);
    assert_eq!(shop.hears("evt_2", Fact::PeriodPaid(second)).await, DONE);
    shop.clock.set(next.start.plus_days(5));
    assert_eq!(shop.balance("ada").await, 4000);
    let names = PaymentRefs::of_invoice("in_1");
    let first =
        shop.store.payment(PaymentRef::Refs(Channel::named("stripe"), &names)).await.unwrap().unwrap();
    shop.billing.refund(&refunds(Refunded::Payment(first.id), None, None)).await.unwrap();
    assert_eq!(shop.balance("ada").await, 2000, "all of the first month's money is gone");
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn changes_that_are_told_only_when_the_period_is_over_mint_nothing_either() {
    let (shop, order) = subscribed_with(EXPIRE, Interval::Monthly).await;
    sells_max(&shop, EXPIRE).await;
    let (pro, max) = ("price_month", "price_max_month");
    let end = period(Interval::Monthly, 0).end;
    shop.clock.set(end.plus_seconds(3600));
    let mut balances = Vec::new();
    for round in 0..4 {
        let at = end.plus_days(-3).plus_seconds(i64::try_from(round).unwrap() * 60);
        let change = if round % 2 == 0 { (pro, max) } else { (max, pro) };
        shop.hears(&format!("evt_{round}"), in_the_portal(&order, round, change, at)).await;
        shop.clock.advance(1);
        balances.push(shop.balance("ada").await);
    }
    assert!(balances.iter().all(|balance| *balance == balances[0]), "{balances:?}");
}

#[tokio::test]
async fn a_years_payment_whose_sum_is_not_told_counts_as_a_year() {
    let (shop, order) = subscribed_with(EXPIRE, Interval::Yearly).await;
    let next = period(Interval::Yearly, 1);
    shop.clock.set(next.start.plus_seconds(30));
    let second = PaidPeriod { paid: None, ..paid(&order, "in_2", Interval::Yearly, 1) };
    assert_eq!(shop.hears("evt_2", Fact::PeriodPaid(second)).await, DONE);
    let names = PaymentRefs::of_invoice("in_2");
    let payment =
        shop.store.payment(PaymentRef::Refs(Channel::named("stripe"), &names)).await.unwrap().unwrap();
    assert_eq!(payment.paid.minor, 20_000);
}

#[tokio::test]
async fn an_upgrade_within_a_fresh_period_is_counted_by_that_period() {
    let (shop, _) = subscribed_with(EXPIRE, Interval::Monthly).await;
    let max = sells(&shop, "max", 6000, EXPIRE, ChangePolicy::ResetBillingAnchor).await;
    let top = sells(&shop, "top", 10_000, EXPIRE, ChangePolicy::Prorate).await;
    let changes = async |plan: &Plan| {
        let ask = ChangePlan {
            account: an_external_id("ada"),
            plan: plan.id,
            interval: None,
            preview: false,
            key: None,
        };
        let changed = shop.billing.change_plan(&ask).await.unwrap();
        shop.clock.advance(1);
        changed.offer
    };
    shop.clock.set(noon().plus_days(15));
    let fresh = changes(&max).await.fresh;
    assert_eq!(shop.balance("ada").await, 6000);
    shop.clock.set(fresh.start.plus_days(5));
    let offer = changes(&top).await;
    assert_eq!(offer.renews_at, fresh.end);
    assert!(offer.credits_now.get() > 3000, "{offer:?}");
    assert_eq!(shop.balance("ada").await, 6000 + offer.credits_now.get());
    shop.is_sound("ada").await;
}
