//! A gift is redeemed, runs, and ends.

use std::sync::Arc;

use billing_core::Job;
use billing_core::catalog::{Interval, RolloverMode};
use billing_core::gifts::GiftStatus;
use billing_core::ledger::Actor;
use billing_core::orders::{OrderKind, RequestMark};
use billing_core::payments::{Channel, CheckoutOutcome, Fact, Purchase, SubscriptionChange};
use billing_core::ports::{BillingReads, Clock, SubscriptionSelector};
use billing_core::requests::{ChangePlan, PurchaseItem, StartCheckout};
use billing_core::subscriptions::{SubscriptionRole, SubscriptionStatus};
use billing_core::values::{Credits, Zone};
use billing_testkit::builders::{a_checkout, a_plan_draft, an_external_id, fingerprint, noon, request_key};
use tokio::task::JoinSet;

use super::super::shop::{DONE, Shop, told};
use super::super::subscriptions::subscribed;

#[tokio::test]
async fn a_gift_is_bought_paid_redeemed_and_over() {
    let shop = Shop::open().await;
    let started = shop.orders_gift(3).await;
    assert_eq!(started.order.kind(), OrderKind::Gift);
    assert_eq!(started.order.price.minor, 3 * shop.plan.price_monthly);
    let asked = shop.provider.asked_checkouts().remove(0);
    assert_eq!(asked.price, started.order.price);
    assert_eq!(asked.purchase, Purchase::Gift { name: "Gift: Pro, 3 months".to_owned() });
    let code = shop.code(&started.order).await;
    assert_eq!(shop.redeems_gift("bob", &code).await, Err("gift_not_paid"));
    assert!(!shop.knows("bob").await, "whoever is refused is not made an account");

    assert_eq!(shop.hears("evt_1", told(&started, CheckoutOutcome::Paid)).await, DONE);
    shop.hears("evt_2", told(&started, CheckoutOutcome::Paid)).await;
    assert_eq!(shop.balance("ada").await, 0, "its buyer has bought nothing for itself");
    assert_eq!(shop.shows("ada").await, None);
    let done = shop.redeems_gift("bob", &code.to_lowercase().replace('-', " ")).await.unwrap();
    assert_eq!((done.gift.status, done.replayed), (GiftStatus::Redeemed, false));
    let given = shop.shows("bob").await.unwrap();
    assert_eq!(
        (given.channel, given.status, given.cancel_at_period_end),
        (Channel::GIFT, SubscriptionStatus::Active, true)
    );
    assert_eq!(given.period.unwrap().end, Zone::UTC.plus_months(noon(), 3));
    assert_eq!(given.provider_id, done.gift.id.to_string());
    assert_eq!(shop.redeems_gift("bob", &code).await, Err("gift_already_redeemed"));
    assert_eq!(shop.redeems_gift("cleo", &code).await, Err("gift_already_redeemed"));
    assert_eq!(shop.gift(&started.order).await.status, GiftStatus::Redeemed);
    shop.is_sound("bob").await;
}

#[tokio::test]
async fn the_credits_come_month_by_month_and_end_with_their_month() {
    let shop = Shop::open().await;
    let (_, code) = shop.bought(3).await;
    shop.redeems_gift("bob", &code).await.unwrap();
    for month in 0..3 {
        shop.comes_to(month, 0);
        assert_eq!(shop.balance("bob").await, 2000, "{month}");
        shop.comes_to(month + 1, -1);
        assert_eq!(shop.balance("bob").await, 2000, "{month}");
    }
    shop.comes_to(3, 0);
    assert_eq!(shop.balance("bob").await, 0);
    shop.billing.run_due(Job::Expiry).await.unwrap();
    shop.is_sound("bob").await;
}

#[tokio::test]
async fn one_of_many_gets_it() {
    let shop = Arc::new(Shop::open().await);
    let (_, code) = shop.bought(2).await;
    let mut running = JoinSet::new();
    for number in 0..20 {
        let (shop, code) = (shop.clone(), code.clone());
        running.spawn(async move { shop.redeems_gift(&format!("account-{number}"), &code).await });
    }
    let done = running.join_all().await;
    assert_eq!(done.iter().filter(|one| one.is_ok()).count(), 1);
    assert!(done.iter().all(|one| one.is_ok() || *one == Err("gift_already_redeemed")), "{done:?}");
    let mut credits = 0;
    for number in 0..20 {
        let account = format!("account-{number}");
        credits += shop.balance(&account).await;
        if shop.knows(&account).await {
            shop.is_sound(&account).await;
        }
    }
    assert_eq!(credits, 2000);
}

#[tokio::test]
async fn an_account_has_one_subscription_given_or_paid() {
    let shop = Shop::open().await;
    let (_, first) = shop.bought(1).await;
    let other = StartCheckout {
        request: RequestMark { key: None, fingerprint: fingerprint("2") },
        ..shop.wants_gift(1)
    };
    let second = shop.billing.start_checkout(&other).await.unwrap();
    let Fact::Checkout(mut fact) = told(&second, CheckoutOutcome::Paid) else { unreachable!() };
    fact.refs.payment = Some("pi_2".to_owned());
    assert_eq!(shop.hears("evt_second", Fact::Checkout(fact)).await, DONE);
    let second = shop.code(&second.order).await;
    // The buyer may redeem it too.
    shop.redeems_gift("ada", &first).await.unwrap();
    assert_eq!(shop.redeems_gift("ada", &second).await, Err("already_subscribed"));
    let plan = a_checkout(
        "ada",
        Channel::named("stripe"),
        PurchaseItem::Plan(shop.plan.id, Interval::Monthly),
        None,
    );
    assert_eq!(shop.billing.start_checkout(&plan).await.unwrap_err().code(), "already_subscribed");
    // A gift for another account can be bought nevertheless.
    shop.orders_gift(12).await;
    // Its end was not written by any job, and holds nevertheless.
    shop.comes_to(1, 0);
    let over = shop.shows("ada").await.unwrap();
    assert_eq!(
        (over.status, over.ended_at),
        (SubscriptionStatus::Canceled, over.period.map(|period| period.end))
    );
    shop.billing.start_checkout(&plan).await.unwrap();
    let next = shop.redeems_gift("ada", &second).await.unwrap();
    assert_eq!(shop.balance("ada").await, 2000);
    // The redemption has written it.
    assert_eq!(shop.billing.run_due(Job::Gifts).await.unwrap().done, 0);
    let account = shop.billing.account(&an_external_id("ada")).await.unwrap();
    assert_eq!(account.active_subscription, Some(next.shown.subscription.name()));
    assert_eq!(shop.shows("ada").await.unwrap().id, next.shown.subscription.id);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn the_job_writes_down_what_is_over_and_gives_the_seat_back() {
    let shop = Shop::open().await;
    let (_, code) = shop.bought(1).await;
    let given = shop.redeems_gift("bob", &code).await.unwrap().shown.subscription;
    shop.comes_to(1, -1);
    assert_eq!(shop.billing.run_due(Job::Gifts).await.unwrap().done, 0);
    shop.comes_to(1, 30);
    assert_eq!(shop.billing.run_due(Job::Gifts).await.unwrap().done, 1);
    let kept = shop.store.subscription(SubscriptionSelector::Id(given.id)).await.unwrap().unwrap();
    assert_eq!(
        (kept.status, kept.ended_at),
        (SubscriptionStatus::Canceled, given.period.map(|period| period.end))
    );
    assert_eq!(shop.billing.account(&an_external_id("bob")).await.unwrap().active_subscription, None);
    // Shown for thirty days, as others are.
    assert!(shop.shows("bob").await.is_some());
    shop.clock.advance(30 * 86_400);
    assert_eq!(shop.shows("bob").await, None);
    shop.is_sound("bob").await;
}

#[tokio::test]
async fn it_can_be_ended_at_once_and_nothing_else_can_be_asked_of_it() {
    let shop = Shop::open().await;
    let (_, code) = shop.bought(3).await;
    shop.redeems_gift("bob", &code).await.unwrap();
    let kept = shop.cancels("bob", SubscriptionChange::CancelAtPeriodEnd).await.unwrap();
    assert_eq!((kept.status, kept.cancel_at_period_end), (SubscriptionStatus::Active, true));
    for change in [SubscriptionChange::Pause, SubscriptionChange::Resume] {
        let error = shop.cancels("bob", change).await.unwrap_err();
        assert_eq!(error.code(), "provider_unsupported");
        assert!(error.to_string().contains("was given"), "{error}");
    }
    let other = ChangePlan {
        account: an_external_id("bob"),
        plan: shop.plan.id,
        interval: None,
        preview: true,
        key: None,
    };
    assert_eq!(shop.billing.change_plan(&other).await.unwrap_err().code(), "provider_unsupported");
    let portal = shop.billing.open_portal(&an_external_id("bob"), None, "https://app.example.com/back").await;
    assert_eq!(portal.unwrap_err().code(), "provider_unsupported");
    shop.clock.advance(3600);
    let ended = shop.cancels("bob", SubscriptionChange::CancelNow).await.unwrap();
    assert_eq!(
        (ended.status, ended.ended_at),
        (SubscriptionStatus::Canceled, Some(noon().plus_seconds(3600)))
    );
    assert_eq!(shop.balance("bob").await, 0);
    shop.comes_to(2, 0);
    assert_eq!(shop.balance("bob").await, 0, "no further month comes");
    assert_eq!(shop.provider.asked_changes(), []);
    assert_eq!(shop.billing.account(&an_external_id("bob")).await.unwrap().active_subscription, None);
    shop.billing.run_due(Job::Expiry).await.unwrap();
    shop.is_sound("bob").await;
}

#[tokio::test]
async fn a_request_with_a_key_can_be_repeated() {
    let shop = Shop::open().await;
    let (_, code) = shop.bought(3).await;
    let bob = an_external_id("bob");
    let redeem = async |code: &str| shop.billing.redeem_gift(&bob, code, Some(&request_key("k"))).await;
    let first = redeem(&code).await.unwrap();
    shop.clock.advance(60);
    let again = redeem(&code).await.unwrap();
    assert_eq!((first.replayed, again.replayed), (false, true));
    assert_eq!((first.gift.id, first.shown.subscription.id), (again.gift.id, again.shown.subscription.id));
    assert_eq!(shop.balance("bob").await, 2000);
    let other = shop.orders_gift(12).await;
    let other = shop.code(&other.order).await;
    assert_eq!(redeem(&other).await.unwrap_err().code(), "idempotency_key_reused");
}

#[tokio::test]
async fn nobody_guesses_a_code() {
    let shop = Shop::open().await;
    shop.bought(1).await;
    for code in ["", "gift", "0000-0000", "00000-00000-00000-00000-000000", &"x".repeat(5000)] {
        assert_eq!(shop.redeems_gift("bob", code).await, Err("gift_not_found"));
    }
    assert!(!shop.knows("bob").await);
}

#[tokio::test]
async fn what_a_plan_lets_roll_over_or_stay_does_so_within_a_gift() {
    for (mode, cap, in_second, after) in
        [(RolloverMode::RollOver, Some(500), 2500, 0), (RolloverMode::Keep, None, 4000, 4000)]
    {
        let shop = Shop::open().await;
        let mut draft = a_plan_draft("rolls");
        draft.rollover.mode = mode;
        draft.rollover.cap = cap.map(Credits::new);
        let plan = shop.billing.publish_plan(None, &draft).await.unwrap();
        let ask = a_checkout("ada", Channel::named("stripe"), PurchaseItem::Gift(plan.id, 2), None);
        let started = shop.billing.start_checkout(&ask).await.unwrap();
        shop.hears("evt_1", told(&started, CheckoutOutcome::Paid)).await;
        shop.redeems_gift("bob", &shop.code(&started.order).await).await.unwrap();
        assert_eq!(shop.balance("bob").await, 2000);
        shop.comes_to(1, 1);
        assert_eq!(shop.balance("bob").await, in_second);
        shop.comes_to(2, 1);
        assert_eq!(shop.balance("bob").await, after);
        shop.billing.run_due(Job::Expiry).await.unwrap();
        shop.is_sound("bob").await;
    }
}

#[tokio::test]
async fn an_operator_ends_any_subscription() {
    let shop = Shop::open().await;
    let (_, code) = shop.bought(3).await;
    let given = shop.redeems_gift("bob", &code).await.unwrap().shown.subscription;
    let ann = || Actor::Operator("ann".to_owned());
    for _ in 0..2 {
        let (owner, ended) = shop
            .billing
            .end_subscription(given.id, SubscriptionChange::CancelNow, None, ann())
            .await
            .unwrap();
        assert_eq!(
            (owner, ended.shown.subscription.status),
            (an_external_id("bob"), SubscriptionStatus::Canceled)
        );
    }
    assert_eq!(shop.balance("bob").await, 0);
    shop.is_sound("bob").await;
}

#[tokio::test]
async fn what_is_paid_after_a_gift_is_over_counts_before_anybody_has_written_that_down() {
    let shop = Shop::open().await;
    let (_, code) = shop.bought(1).await;
    shop.redeems_gift("ada", &code).await.unwrap();
    shop.comes_to(1, 0);
    let plan = a_checkout(
        "ada",
        Channel::named("stripe"),
        PurchaseItem::Plan(shop.plan.id, Interval::Monthly),
        None,
    );
    let order = shop.billing.start_checkout(&plan).await.unwrap().order;
    let active = subscribed(&order, SubscriptionStatus::Active, shop.clock.now());
    assert_eq!(shop.hears("evt_paid", active).await, DONE);
    shop.billing.run_due(Job::Gifts).await.unwrap();
    let own = shop.shows("ada").await.unwrap();
    assert_eq!((own.channel, own.role), (Channel::named("stripe"), SubscriptionRole::Active));
    let account = shop.billing.account(&an_external_id("ada")).await.unwrap();
    assert_eq!(account.active_subscription, Some(own.name()));
}
