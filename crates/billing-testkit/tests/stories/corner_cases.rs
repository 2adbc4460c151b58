//! Facts that meet in ways that nobody plans: corner cases that were found wrong once.

use billing_core::Job;
use billing_core::catalog::{ChangePolicy, Interval, Plan, Rollover, RolloverMode};
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

fn state(
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

async fn begun(interval: Interval, rollover: Rollover) -> (Shop, Order) {
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
const EXPIRE: Rollover = Rollover { mode: RolloverMode::Expire, cap: None };

async fn max(shop: &Shop, policy: ChangePolicy) -> Plan {
    let draft = PlanDraft {
        price_monthly: 3 * shop.plan.price_monthly,
        credits_included: Credits::new(6000),
        prices: stripe_prices("price_max_month", "price_max_year"),
        change_policy: policy,
        ..a_plan_draft("max")
    };
    shop.billing.publish_plan(None, &draft).await.unwrap()
}

#[tokio::test]
async fn an_end_within_a_paid_year_that_is_taken_back_costs_no_month() {
    let (shop, order) = begun(Interval::Yearly, EXPIRE).await;
    let mid = period(Interval::Monthly, 6).start;
    shop.clock.set(noon().plus_days(10));
    shop.hears(
        "c",
        state(&order, Interval::Yearly, 0, Active, noon().plus_days(10), |f| f.cancel_at = Some(mid)),
    )
    .await;
    shop.clock.set(noon().plus_days(11));
    shop.hears("r", state(&order, Interval::Yearly, 0, Active, noon().plus_days(11), |_| {})).await;
    let mut seen = vec![];
    for month in 0..12 {
        shop.clock.set(period(Interval::Monthly, month).start.plus_days(15));
        seen.push(shop.balance("ada").await);
    }
    assert_eq!(seen, vec![2000; 12]);
}

#[tokio::test]
async fn an_end_that_is_far_leaves_renewals_their_grace() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    let far = period(Interval::Monthly, 6).start;
    shop.clock.set(noon().plus_days(10));
    shop.hears(
        "c",
        state(&order, Interval::Monthly, 0, Active, noon().plus_days(10), |f| f.cancel_at = Some(far)),
    )
    .await;
    shop.clock.set(period(Interval::Monthly, 1).start.plus_seconds(3600));
    assert_eq!(shop.balance("ada").await, 2000, "the renewal's money is on its way");
}

#[tokio::test]
async fn an_end_that_is_far_leaves_what_rolls_over() {
    let (shop, order) =
        begun(Interval::Monthly, Rollover { mode: RolloverMode::RollOver, cap: Some(Credits::new(300)) })
            .await;
    let far = period(Interval::Monthly, 6).start;
    let next = period(Interval::Monthly, 1).start;
    shop.clock.set(next.plus_seconds(600));
    shop.hears(
        "c",
        state(&order, Interval::Monthly, 1, Active, next.plus_seconds(600), |f| f.cancel_at = Some(far)),
    )
    .await;
    shop.clock.set(next.plus_seconds(3600));
    shop.hears("p", Fact::PeriodPaid(paid(&order, "in_2", Interval::Monthly, 1))).await;
    shop.clock.set(next.plus_days(5));
    assert_eq!(shop.balance("ada").await, 2300);
}

#[tokio::test]
async fn an_end_that_is_far_has_renewals_before_it() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    let far = period(Interval::Monthly, 6).start;
    shop.hears(
        "c",
        state(&order, Interval::Monthly, 0, Active, noon().plus_days(1), |f| f.cancel_at = Some(far)),
    )
    .await;
    let summary = shop.billing.summary(&an_external_id("ada")).await.unwrap();
    assert!(summary.upcoming.is_some(), "five more renewals come");
}

#[tokio::test]
async fn two_lines_of_one_plan_and_period_count_together() {
    let shop = Shop::open().await;
    let order = orders_plan(&shop, Interval::Monthly).await.order;
    shop.hears("n", state(&order, Interval::Monthly, 0, Active, noon(), |f| f.items[0].quantity = 3)).await;
    let mut p = paid(&order, "in_1", Interval::Monthly, 0);
    let mut second = p.lines[0].clone();
    second.quantity = 2;
    p.lines.push(second);
    shop.hears("p", Fact::PeriodPaid(p)).await;
    assert_eq!(shop.balance("ada").await, 6000);
}

#[tokio::test]
async fn a_change_that_is_told_after_its_period_needs_an_operator() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    max(&shop, ChangePolicy::Prorate).await;
    shop.clock.set(period(Interval::Monthly, 1).start.plus_days(10));
    shop.hears("p2", Fact::PeriodPaid(paid(&order, "in_2", Interval::Monthly, 1))).await;
    let up = in_the_portal(&order, 0, ("price_month", "price_max_month"), noon().plus_days(10));
    shop.hears("up", up).await;
    let note = event(&shop, "up").await;
    assert!(note.contains("NeedsOperator"), "{note}");
}

async fn event(shop: &Shop, id: &str) -> String {
    use billing_core::ports::Inbox;
    let event = shop.store.event(Channel::named("stripe"), id).await.unwrap();
    format!("{:?}", event.map(|event| (event.state, event.note)))
}

fn dispute(invoice: &str, state: DisputeState, minor: i64, order: &Order) -> Fact {
    Fact::Reversal(PaymentReversal {
        payment: PaymentRefs::of_invoice(invoice),
        update: PaymentReversalUpdate::Dispute(Dispute {
            id: "dp".into(),
            amount: Money::new(minor, order.price.currency),
            state,
        }),
    })
}

#[tokio::test]
async fn a_dispute_that_was_won_and_a_renewal_end_the_same_in_either_order() {
    let mut seen = vec![];
    for renewal_first in [true, false] {
        let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
        let next = period(Interval::Monthly, 1).start;
        shop.clock.set(noon().plus_days(5));
        shop.hears("d", dispute("in_1", DisputeState::Open, order.price.minor, &order)).await;
        assert_eq!(shop.balance("ada").await, 0);
        shop.clock.set(next.plus_seconds(60));
        shop.hears("s", state(&order, Interval::Monthly, 1, PastDue, next.plus_seconds(60), |_| {})).await;
        let won = dispute("in_1", DisputeState::Won, order.price.minor, &order);
        let renewal = Fact::PeriodPaid(paid(&order, "in_2", Interval::Monthly, 1));
        let facts = if renewal_first { [renewal, won] } else { [won, renewal] };
        shop.clock.set(next.plus_days(5));
        for (n, f) in facts.into_iter().enumerate() {
            shop.hears(&format!("f{n}"), f).await;
            shop.clock.advance(60);
        }
        seen.push(shop.balance("ada").await);
    }
    assert_eq!(seen[0], seen[1]);
}

async fn with_coupon(effect: CouponEffect, duration: Duration, quantity: u32) -> (Shop, Order) {
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

#[tokio::test]
async fn an_amount_comes_off_a_renewal_once_for_all_of_the_plan() {
    let off = Money::new(300, "usd".parse().unwrap());
    let (shop, _) = with_coupon(CouponEffect::Fixed(vec![off]), Duration::Forever, 3).await;
    let up = shop.billing.summary(&an_external_id("ada")).await.unwrap().upcoming.unwrap();
    assert_eq!(up.amount.minor, 3 * shop.plan.price_monthly - 300, "an amount comes off once per invoice");
}

#[tokio::test]
async fn what_ended_with_its_period_is_shown_as_ended() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    shop.hears(
        "c",
        state(&order, Interval::Monthly, 0, Active, noon().plus_days(1), |f| f.cancel_at_period_end = true),
    )
    .await;
    shop.clock.set(period(Interval::Monthly, 1).start.plus_days(4));
    let shown = shop.billing.summary(&an_external_id("ada")).await.unwrap().subscription.unwrap();
    assert_ne!(shown.subscription.status, PastDue);
}

#[tokio::test]
async fn a_payment_that_learns_its_invoice_grants_once() {
    let shop = Shop::open().await;
    let order = orders_plan(&shop, Interval::Monthly).await.order;
    let mut p = paid(&order, "in_1", Interval::Monthly, 0);
    p.refs = PaymentRefs::of_payment("pi_1");
    shop.hears("p1", Fact::PeriodPaid(p.clone())).await;
    p.refs = PaymentRefs { payment: Some("pi_1".into()), invoice: Some("in_1".into()) };
    shop.hears("p2", Fact::PeriodPaid(p)).await;
    assert_eq!(shop.balance("ada").await, 2000);
}

#[tokio::test]
async fn a_payment_that_learned_its_invoice_ends_with_its_subscription() {
    let shop = Shop::open().await;
    let order = orders_plan(&shop, Interval::Monthly).await.order;
    shop.hears("n", state(&order, Interval::Monthly, 0, Active, noon(), |_| {})).await;
    let mut p = paid(&order, "in_1", Interval::Monthly, 0);
    p.refs = PaymentRefs::of_payment("pi_1");
    shop.hears("p1", Fact::PeriodPaid(p.clone())).await;
    shop.hears(
        "refs",
        Fact::PaymentRefs(PaymentRefs { payment: Some("pi_1".into()), invoice: Some("in_1".into()) }),
    )
    .await;
    shop.clock.set(noon().plus_days(1));
    shop.hears("s", state(&order, Interval::Monthly, 0, Active, noon().plus_days(1), |_| {})).await;
    shop.clock.advance(1);
    assert_eq!(shop.balance("ada").await, 2000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn facts_that_are_told_at_once_grant_once() {
    for round in 0..30 {
        let shop = std::sync::Arc::new(Shop::open().await);
        let order = orders_plan(&shop, Interval::Monthly).await.order;
        let facts = [
            state(&order, Interval::Monthly, 0, Active, noon(), |_| {}),
            Fact::PeriodPaid(paid(&order, "in_1", Interval::Monthly, 0)),
            Fact::PeriodPaid(paid(&order, "in_1", Interval::Monthly, 0)),
            state(&order, Interval::Monthly, 0, Active, noon().plus_seconds(1), |_| {}),
        ];
        for (n, f) in facts.into_iter().enumerate() {
            shop.receives(&shop.provider.event(&format!("e{n}"), f)).await;
        }
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                let shop = shop.clone();
                tokio::spawn(async move { shop.works().await })
            })
            .collect();
        for t in tasks {
            t.await.unwrap();
        }
        catches_up(&shop).await;
        assert_eq!(shop.balance("ada").await, 2000, "{round}");
        shop.is_sound("ada").await;
    }
}

#[tokio::test]
async fn a_partial_refund_a_failed_renewal_and_a_recovery_fit_together() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    let next = period(Interval::Monthly, 1).start;
    shop.clock.set(noon().plus_days(10));
    let half = order.price.minor / 2;
    let refund = PaymentReversal {
        payment: PaymentRefs::of_invoice("in_1"),
        update: PaymentReversalUpdate::RefundedInAll(Money::new(half, order.price.currency)),
    };
    shop.hears("re", Fact::Reversal(refund)).await;
    let b = shop.balance("ada").await;
    shop.clock.set(next.plus_seconds(60));
    shop.hears("pd", state(&order, Interval::Monthly, 1, PastDue, next.plus_seconds(60), |_| {})).await;
    assert_eq!(shop.balance("ada").await, b);
    shop.clock.set(next.plus_days(5));
    shop.hears("p2", Fact::PeriodPaid(paid(&order, "in_2", Interval::Monthly, 1))).await;
    shop.hears("p1", Fact::PeriodPaid(paid(&order, "in_1", Interval::Monthly, 0))).await;
    shop.hears("ac", state(&order, Interval::Monthly, 1, Active, next.plus_days(5), |_| {})).await;
    shop.clock.advance(1);
    assert_eq!(shop.balance("ada").await, 2000);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn a_year_that_was_unpaid_for_a_while_goes_on() {
    let (shop, order) = begun(Interval::Yearly, EXPIRE).await;
    let at = noon().plus_days(40);
    shop.clock.set(at);
    shop.hears("u", state(&order, Interval::Yearly, 0, SubscriptionStatus::Unpaid, at, |_| {})).await;
    shop.clock.set(at.plus_days(1));
    shop.hears("a", state(&order, Interval::Yearly, 0, Active, at.plus_days(1), |_| {})).await;
    shop.clock.set(period(Interval::Monthly, 4).start.plus_days(2));
    assert_eq!(shop.balance("ada").await, 2000);
}

#[tokio::test]
async fn a_payment_that_is_long_over_keeps_nobody_from_subscribing() {
    let shop = Shop::open().await;
    let order = orders_plan(&shop, Interval::Monthly).await.order;
    shop.clock.set(noon().plus_days(200));
    let mut p = paid(&order, "in_old", Interval::Monthly, 0);
    p.order_hint = None;
    shop.hears("old", Fact::PeriodPaid(p)).await;
    let note = event(&shop, "old").await;
    let ask = a_checkout(
        "ada",
        Channel::named("stripe"),
        PurchaseItem::Plan(shop.plan.id, Interval::Monthly),
        Some("again"),
    );
    let refused = shop.billing.start_checkout(&ask).await.map(|_| ()).map_err(|e| e.code());
    assert_eq!(refused, Ok(()), "{note}");
}

async fn extended(to: Timestamp) -> (Shop, Order) {
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

#[tokio::test]
async fn an_operators_extension_outlives_a_renewal() {
    let to = noon().plus_days(90);
    let (shop, order) = extended(to).await;
    let next = period(Interval::Monthly, 1).start;
    shop.clock.set(next.plus_seconds(60));
    shop.hears("p2", Fact::PeriodPaid(paid(&order, "in_2", Interval::Monthly, 1))).await;
    shop.clock.advance(60);
    assert_eq!(shop.balance("ada").await, 4000);
}

#[tokio::test]
async fn an_operators_extension_outlives_a_failed_renewal() {
    let to = noon().plus_days(90);
    let (shop, order) = extended(to).await;
    let next = period(Interval::Monthly, 1).start;
    shop.clock.set(next.plus_seconds(60));
    shop.hears("pd", state(&order, Interval::Monthly, 1, PastDue, next.plus_seconds(60), |_| {})).await;
    shop.clock.set(next.plus_days(20));
    assert_eq!(shop.balance("ada").await, 2000);
}

#[tokio::test]
async fn an_operators_extension_outlives_an_end_that_is_taken_back() {
    let to = noon().plus_days(90);
    let (shop, order) = extended(to).await;
    shop.clock.advance(60);
    shop.hears(
        "c",
        state(&order, Interval::Monthly, 0, Active, noon().plus_seconds(60), |f| {
            f.cancel_at_period_end = true;
        }),
    )
    .await;
    shop.hears("r", state(&order, Interval::Monthly, 0, Active, noon().plus_seconds(120), |_| {})).await;
    shop.clock.set(noon().plus_days(60));
    assert_eq!(shop.balance("ada").await, 2000);
}

#[tokio::test]
async fn a_duplicate_that_renews_after_the_first_ended_goes_back() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    shop.hears("n2", state(&order, Interval::Monthly, 0, Active, noon(), |f| f.id = "sub_2".into())).await;
    let pay2 = |invoice: &str, count| {
        Fact::PeriodPaid(PaidPeriod {
            subscription: "sub_2".into(),
            ..paid(&order, invoice, Interval::Monthly, count)
        })
    };
    shop.hears("p2", pay2("in_d1", 0)).await;
    let end = period(Interval::Monthly, 1).start;
    shop.clock.set(end);
    shop.hears("e1", state(&order, Interval::Monthly, 0, Canceled, end, |f| f.ended_at = Some(end))).await;
    shop.hears("p2b", pay2("in_d2", 1)).await;
    shop.clock.advance(1);
    assert_eq!(shop.balance("ada").await, 0);
    let r = shop.billing.run_due(Job::Duplicates).await.unwrap();
    assert_eq!((r.done, shop.provider.asked_refunds().len()), (1, 2));
}

#[tokio::test]
async fn a_dispute_a_year_later_takes_what_never_ends() {
    let (shop, order) = begun(Interval::Yearly, Rollover { mode: RolloverMode::Keep, cap: None }).await;
    shop.clock.set(noon().plus_days(460));
    assert_eq!(shop.balance("ada").await, 24000);
    shop.hears("d", dispute("in_1", DisputeState::Lost, order.price.minor, &order)).await;
    assert_eq!(shop.balance("ada").await, 0);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn a_trial_of_three_that_is_extended_lives_longer() {
    let mut shop = Shop::open().await;
    let draft = PlanDraft {
        trial_days: 14,
        trial_credits: Credits::new(100),
        prices: stripe_prices("price_month", "price_year"),
        price_yearly: Some(20_000),
        ..a_plan_draft("pro")
    };
    shop.plan = shop.billing.publish_plan(Some(shop.plan.id), &draft).await.unwrap();
    let order = orders_plan(&shop, Interval::Monthly).await.order;
    let trial = |at, days: i64| {
        state(&order, Interval::Monthly, 0, SubscriptionStatus::Trialing, at, |f| {
            f.items[0].quantity = 3;
            f.trial_end = Some(noon().plus_days(days));
            f.period = Some(Period { start: noon(), end: noon().plus_days(days) });
        })
    };
    shop.hears("t", trial(noon(), 14)).await;
    assert_eq!(shop.balance("ada").await, 300);
    shop.clock.set(noon().plus_days(10));
    shop.hears("t2", trial(noon().plus_days(10), 40)).await;
    shop.clock.set(noon().plus_days(39));
    assert_eq!(shop.balance("ada").await, 300);
    // Canceled at the end of the trial, then resumed.
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn an_invoice_that_is_sent_again_with_other_lines_grants_what_was_agreed() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    let next = period(Interval::Monthly, 1);
    // in_2 told while the subscription was (wrongly late) told to be ended -> no: renewal's invoice lines told first with an unknown price are re-sent.
    shop.clock.set(next.start.plus_seconds(60));
    let mut p = paid(&order, "in_2", Interval::Monthly, 1);
    let extra = PaidLine { price: "price_year".into(), ..p.lines[0].clone() };
    p.lines[0].quantity = 1;
    shop.hears("p", Fact::PeriodPaid(p.clone())).await;
    // The plan of the same invoice is changed in the catalogue between two events of one payment.
    let draft = PlanDraft {
        credits_included: Credits::new(9000),
        price_yearly: Some(20_000),
        prices: stripe_prices("price_month", "price_year"),
        ..a_plan_draft("pro")
    };
    shop.billing.publish_plan(Some(shop.plan.id), &draft).await.unwrap();
    p.lines = vec![PaidLine { quantity: 5, ..extra }];
    shop.hears("p_again", Fact::PeriodPaid(p)).await;
    shop.clock.advance(1);
    assert_eq!(shop.balance("ada").await, 2000);
}

#[tokio::test]
async fn what_was_refunded_is_not_flagged_again() {
    let shop = Shop::open().await;
    let order = orders_plan(&shop, Interval::Monthly).await.order;
    shop.clock.set(noon().plus_days(60));
    let p = || Fact::PeriodPaid(paid(&order, "in_1", Interval::Monthly, 0));
    shop.hears("p1", p()).await;
    let refund = PaymentReversal {
        payment: PaymentRefs::of_invoice("in_1"),
        update: PaymentReversalUpdate::RefundedInAll(order.price),
    };
    shop.hears("re", Fact::Reversal(refund)).await;
    shop.hears("p2", p()).await;
    assert!(!event(&shop, "p2").await.contains("NeedsOperator"));
}

#[tokio::test]
async fn a_year_whose_amount_is_not_said_cost_the_year() {
    let shop = Shop::open().await;
    let order = orders_plan(&shop, Interval::Yearly).await.order;
    let p = PaidPeriod { paid: None, order_hint: None, ..paid(&order, "in_1", Interval::Yearly, 0) };
    shop.hears("p", Fact::PeriodPaid(p)).await;
    let all = shop
        .store
        .payments(PaymentQuery::Subscription { channel: Channel::named("stripe"), id: "sub_1", since: None })
        .await
        .unwrap();
    assert_eq!(all[0].paid.minor, 20_000);
}

#[tokio::test]
async fn an_end_that_is_far_leaves_a_failed_renewal_its_fourteen_days() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    let far = period(Interval::Monthly, 6).start;
    let next = period(Interval::Monthly, 1).start;
    shop.clock.set(noon().plus_days(10));
    shop.hears(
        "c",
        state(&order, Interval::Monthly, 0, Active, noon().plus_days(10), |f| f.cancel_at = Some(far)),
    )
    .await;
    shop.clock.set(next.plus_seconds(60));
    shop.hears(
        "d",
        state(&order, Interval::Monthly, 1, PastDue, next.plus_seconds(60), |f| f.cancel_at = Some(far)),
    )
    .await;
    shop.clock.set(next.plus_days(5));
    assert_eq!(shop.balance("ada").await, 2000);
}
