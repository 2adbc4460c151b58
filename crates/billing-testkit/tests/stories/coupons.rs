//! Purchases with a coupon code.

use std::sync::Arc;

use billing_core::catalog::Interval;
use billing_core::coupons::{CouponEffect, Duration, Reduction};
use billing_core::orders::{OrderStatus, RequestMark, Trial};
use billing_core::payments::{Channel, CheckoutOutcome, DiscountLength, Fact};
use billing_core::ports::ProviderError;
use billing_core::requests::{CouponDraft, PlanDraft, PurchaseItem, StartCheckout, StartedCheckout};
use billing_core::values::{Credits, Money};
use billing_core::{BillingError, Job};
use billing_testkit::builders::{
    a_checkout, a_code, a_coupon_draft, a_plan_draft, an_external_id, fingerprint, monthly_price, page,
    request_key,
};
use tokio::task::JoinSet;

use super::shop::{DONE, Shop, told};

impl Shop {
    async fn offers(&self, draft: CouponDraft) {
        self.billing.publish_coupon(None, &draft).await.unwrap();
    }

    async fn uses(&self) -> i64 {
        self.billing.coupons().await.unwrap()[0].uses
    }

    async fn buys(&self, account: &str, code: &str) -> Result<StartedCheckout, BillingError> {
        self.billing.start_checkout(&with_code(self.wants_pack(account, None), code)).await
    }

    async fn refuses(&self, account: &str, code: &str) -> &'static str {
        self.buys(account, code).await.unwrap_err().code()
    }

    fn wants_plan(&self, interval: Interval) -> StartCheckout {
        a_checkout("ada", Channel::named("stripe"), PurchaseItem::Plan(self.plan.id, interval), None)
    }

    async fn redeems(&self, account: &str, code: &str) -> Result<i64, &'static str> {
        let done = self.billing.redeem_coupon(&an_external_id(account), &a_code(code), None).await;
        done.map(|done| done.credits.get()).map_err(|error| error.code())
    }
}

fn with_code(ask: StartCheckout, code: &str) -> StartCheckout {
    // A request's fingerprint covers its content, including the code.
    let fingerprint = fingerprint(&format!("{:?} with {code}", ask.wanted));
    let request = RequestMark { fingerprint, ..ask.request };
    StartCheckout { coupon: Some(a_code(code)), request, ..ask }
}

fn usd(minor: i64) -> Money {
    Money::new(minor, "usd".parse().unwrap())
}

fn once(code: &str) -> CouponDraft {
    CouponDraft { max_redemptions: Some(1), ..a_coupon_draft(code) }
}

fn credits(code: &str, count: i64) -> CouponDraft {
    let effect = CouponEffect::Credits { credits: Credits::new(count), expires_after_days: Some(30) };
    CouponDraft { effect, ..a_coupon_draft(code) }
}

#[tokio::test]
async fn a_code_makes_a_pack_cheaper_and_is_used_once_it_is_paid() {
    let shop = Shop::open().await;
    shop.offers(once("summer")).await;
    let started = shop.buys("ada", "Summer").await.unwrap();
    // A quarter of 9.99, to the nearest cent.
    assert_eq!((started.order.price, started.order.list_price()), (usd(749), usd(999)));
    assert_eq!(shop.uses().await, 1);
    assert_eq!(shop.refuses("bob", "SUMMER").await, "coupon_exhausted");
    let asked = shop.provider.asked_checkouts().remove(0);
    let discount = asked.discount.unwrap();
    assert_eq!((asked.price, discount.list_price), (usd(749), usd(999)));
    // A pack is paid once, so the discount is the exact amount, however the provider rounds.
    assert_eq!((discount.off, discount.length), (Reduction::Amount(usd(250)), DiscountLength::Once));
    shop.hears("evt_1", told(&started, CheckoutOutcome::Paid)).await;
    shop.hears("evt_2", told(&started, CheckoutOutcome::Paid)).await;
    assert_eq!((shop.balance("ada").await, shop.uses().await), (1050, 1));
    let order = shop.order("ada", &started.order).await;
    assert_eq!((order.status, order.price), (OrderStatus::Completed, usd(749)));
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn what_comes_to_nothing_gives_its_use_back_and_late_money_takes_it_again() {
    for news in [CheckoutOutcome::Expired, CheckoutOutcome::Failed] {
        let shop = Shop::open().await;
        shop.offers(once("summer")).await;
        let started = shop.buys("ada", "summer").await.unwrap();
        shop.hears("evt_1", told(&started, news)).await;
        assert_eq!(shop.uses().await, 0);
        shop.hears("evt_2", told(&started, news)).await;
        // Another customer uses it, and then the late payment arrives.
        let other = shop.buys("bob", "summer").await.unwrap();
        assert_eq!(shop.hears("evt_3", told(&started, CheckoutOutcome::Paid)).await, DONE);
        assert_eq!(shop.order("ada", &started.order).await.status, OrderStatus::Completed);
        assert_eq!((shop.balance("ada").await, shop.uses().await), (1050, 2));
        // A later, older event does not return the use.
        shop.hears("evt_4", told(&started, news)).await;
        assert_eq!(shop.uses().await, 2);
        shop.hears("evt_5", told(&other, CheckoutOutcome::Failed)).await;
        assert_eq!(shop.uses().await, 1);
        assert_eq!(shop.refuses("cleo", "summer").await, "coupon_exhausted");
    }
}

#[tokio::test]
async fn an_order_that_nobody_pays_or_that_the_provider_refuses_gives_its_use_back() {
    let shop = Shop::open().await;
    shop.offers(once("summer")).await;
    shop.buys("ada", "summer").await.unwrap();
    shop.clock.advance(25 * 3600);
    assert_eq!(shop.billing.run_due(Job::Orders).await.unwrap().done, 1);
    assert_eq!(shop.uses().await, 0);
    let refused = || ProviderError::Refused { code: None, message: "no".to_owned(), request_id: None };
    shop.provider.answer_checkout(Err(refused()));
    assert_eq!(shop.refuses("bob", "summer").await, "provider_refused");
    assert_eq!(shop.uses().await, 0);
    shop.buys("cleo", "summer").await.unwrap();
}

#[tokio::test]
async fn the_same_request_uses_a_code_once() {
    let shop = Shop::open().await;
    shop.offers(CouponDraft { max_per_account: Some(1), ..once("summer") }).await;
    for key in [None, Some("k")] {
        let ask = with_code(shop.wants_pack("ada", key), "summer");
        let first = shop.billing.start_checkout(&ask).await.unwrap();
        let again = shop.billing.start_checkout(&ask).await.unwrap();
        assert!(again.replayed);
        assert_eq!(again.session, first.session);
        assert_eq!(shop.uses().await, 1, "another request takes the place of the first");
    }
}

#[tokio::test]
async fn a_checkout_without_an_answer_is_taken_up_and_uses_a_code_once() {
    let shop = Shop::open().await;
    shop.offers(CouponDraft { max_per_account: Some(1), ..once("summer") }).await;
    let unknown = || ProviderError::Unknown { message: "no answer".to_owned(), request_id: None };
    shop.provider.answer_checkout(Err(unknown()));
    assert_eq!(shop.refuses("ada", "summer").await, "provider_unavailable");
    assert_eq!(shop.uses().await, 1);
    let started = shop.buys("ada", "summer").await.unwrap();
    let asked = shop.provider.asked_checkouts();
    assert_eq!(asked[0], asked[1]);
    assert_eq!((started.order.id, shop.uses().await, shop.orders("ada").await), (asked[0].order, 1, 1));
}

#[tokio::test]
async fn asking_what_became_of_an_order_confirms_its_use() {
    let shop = Shop::open().await;
    shop.offers(once("summer")).await;
    let started = shop.buys("ada", "summer").await.unwrap();
    let Fact::Checkout(fact) = told(&started, CheckoutOutcome::Paid) else { panic!("a checkout") };
    shop.provider.on_read(fact);
    shop.billing.refresh_order(&an_external_id("ada"), started.order.id).await.unwrap();
    // Confirmed: later events do not return the use.
    shop.hears("evt_1", told(&started, CheckoutOutcome::Expired)).await;
    assert_eq!((shop.balance("ada").await, shop.uses().await), (1050, 1));
}

#[tokio::test]
async fn the_whole_price_of_a_pack_off_needs_no_provider() {
    let shop = Shop::open().await;
    let effect = CouponEffect::Percent(100);
    shop.offers(CouponDraft { effect, max_per_account: Some(1), ..a_coupon_draft("free") }).await;
    let ask = with_code(shop.wants_pack("ada", Some("k")), "free");
    let started = shop.billing.start_checkout(&ask).await.unwrap();
    assert_eq!((started.order.status, started.order.price), (OrderStatus::Completed, usd(0)));
    assert_eq!(started.session.url, ask.success_url);
    assert_eq!((shop.balance("ada").await, shop.uses().await), (1050, 1));
    assert_eq!(shop.provider.asked().len(), 0);
    let again = shop.billing.start_checkout(&ask).await.unwrap();
    assert!(again.replayed);
    assert_eq!((again.order.id, again.session), (started.order.id, started.session));
    assert_eq!(shop.refuses("ada", "free").await, "coupon_used_up");
    assert_eq!((shop.balance("ada").await, shop.orders("ada").await), (1050, 1));
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn a_plan_takes_its_discount_and_its_free_days_to_the_provider() {
    let shop = Shop::open().await;
    let effect = CouponEffect::Percent(100);
    shop.offers(CouponDraft { effect, duration: Duration::Repeating(2), ..a_coupon_draft("year") }).await;
    shop.offers(CouponDraft { effect: CouponEffect::TrialDays(45), ..a_coupon_draft("try") }).await;
    let ask = with_code(shop.wants_plan(Interval::Yearly), "year");
    let started = shop.billing.start_checkout(&ask).await.unwrap();
    assert_eq!((started.order.status, started.order.price), (OrderStatus::Pending, usd(0)));
    let free_days = with_code(shop.wants_plan(Interval::Monthly), "try");
    let tried = shop
        .billing
        .start_checkout(&StartCheckout { account: an_external_id("bob"), ..free_days })
        .await
        .unwrap();
    let trial = Trial { days: 45, credits: shop.plan.trial_credits };
    assert_eq!((tried.order.trial(), tried.order.price), (Some(trial), usd(shop.plan.price_monthly)));
    let asked = shop.provider.asked_checkouts();
    let discount = asked[0].discount.clone().unwrap();
    assert_eq!((discount.off, discount.length), (Reduction::Percent(100), DiscountLength::Months(24)));
    assert_eq!(asked[1].discount, None);
}

#[tokio::test]
async fn a_lower_price_takes_the_place_of_a_trial_and_free_days_that_of_a_shorter_one() {
    let shop = Shop::open().await;
    let plan = PlanDraft {
        trial_days: 14,
        trial_credits: Credits::new(50),
        prices: monthly_price(Channel::named("stripe"), "price_month"),
        ..a_plan_draft("pro")
    };
    shop.billing.publish_plan(Some(shop.plan.id), &plan).await.unwrap();
    let days = |code, days| CouponDraft { effect: CouponEffect::TrialDays(days), ..a_coupon_draft(code) };
    for coupon in [a_coupon_draft("lower"), days("longer", 30), days("shorter", 7)] {
        shop.offers(coupon).await;
    }
    for (code, trial) in [("lower", None), ("longer", Some(30)), ("shorter", Some(14))] {
        let ask = with_code(shop.wants_plan(Interval::Monthly), code);
        let ask = StartCheckout { account: an_external_id(code), ..ask };
        let order = shop.billing.start_checkout(&ask).await.unwrap().order;
        let trial = trial.map(|days| Trial { days, credits: Credits::new(50) });
        assert_eq!(order.trial(), trial, "{code}");
    }
}

#[tokio::test]
async fn refusals_say_why_and_change_nothing() {
    let shop = Shop::open().await;
    let now = billing_testkit::builders::noon();
    let draft = a_coupon_draft;
    let fixed = |code: &str| CouponEffect::Fixed(vec![Money::new(5, code.parse().unwrap())]);
    for (coupon, code) in [
        (CouponDraft { active: false, ..draft("off") }, "coupon_inactive"),
        (CouponDraft { starts_at: Some(now.plus_seconds(1)), ..draft("soon") }, "coupon_not_started"),
        (CouponDraft { ends_at: Some(now), ..draft("over") }, "coupon_expired"),
        (CouponDraft { plans: vec![shop.plan.id], ..draft("plans") }, "coupon_not_applicable"),
        (CouponDraft { effect: fixed("eur"), ..draft("euros") }, "coupon_not_applicable"),
        (CouponDraft { effect: CouponEffect::TrialDays(7), ..draft("days") }, "coupon_not_applicable"),
        (credits("credits", 10), "coupon_not_applicable"),
    ] {
        let name = coupon.code.to_string();
        shop.offers(coupon).await;
        assert_eq!(shop.refuses("ghost", &name).await, code, "{name}");
        let wanted = Some(PurchaseItem::Pack(shop.pack.id));
        let shown = shop.billing.validate_coupon(&an_external_id("ghost"), &a_code(&name), wanted).await;
        assert_eq!(shown.unwrap_err().code(), code, "{name}");
    }
    assert_eq!(shop.refuses("ghost", "nobody-has-this").await, "coupon_not_found");
    assert!(!shop.knows("ghost").await);
    assert_eq!(shop.provider.asked().len(), 0);
}

#[tokio::test]
async fn a_first_purchase_is_the_first() {
    let shop = Shop::open().await;
    shop.offers(CouponDraft { first_purchase_only: true, ..a_coupon_draft("first") }).await;
    let started = shop.orders_pack("ada").await;
    // An unpaid order is not a purchase.
    shop.billing.validate_coupon(&an_external_id("ada"), &a_code("first"), None).await.unwrap();
    shop.hears("evt_1", told(&started, CheckoutOutcome::Paid)).await;
    assert_eq!(shop.refuses("ada", "first").await, "coupon_first_purchase_only");
    shop.buys("bob", "first").await.unwrap();
    // Another checkout replaces the first one until it is paid.
    let another = |key| with_code(shop.wants_pack("bob", Some(key)), "first");
    let started = shop.billing.start_checkout(&another("another")).await.unwrap();
    let Fact::Checkout(mut paid) = told(&started, CheckoutOutcome::Paid) else { panic!("a checkout") };
    paid.refs.payment = Some("pi_2".to_owned());
    shop.hears("evt_2", Fact::Checkout(paid)).await;
    let refused = shop.billing.start_checkout(&another("third")).await.unwrap_err();
    assert_eq!(refused.code(), "coupon_used_up");
}

#[tokio::test]
async fn showing_a_code_uses_nothing() {
    let shop = Shop::open().await;
    shop.offers(once("summer")).await;
    for wanted in [PurchaseItem::Pack(shop.pack.id), PurchaseItem::Plan(shop.plan.id, Interval::Yearly)] {
        let shown =
            shop.billing.validate_coupon(&an_external_id("ada"), &a_code("summer"), Some(wanted)).await;
        let priced = shown.unwrap().priced.unwrap();
        assert_eq!(priced.price().minor + priced.amount, priced.list.minor);
    }
    assert_eq!(shop.uses().await, 0);
    assert!(!shop.knows("ada").await);
}

#[tokio::test]
async fn a_code_brings_its_credits_once_per_account() {
    let shop = Shop::open().await;
    shop.offers(CouponDraft { max_redemptions: Some(2), ..credits("hello", 70) }).await;
    shop.offers(credits("other", 5)).await;
    let redeem = async |code: &str, key| {
        let key = request_key(key);
        shop.billing.redeem_coupon(&an_external_id("ada"), &a_code(code), Some(&key)).await
    };
    let first = redeem("hello", "k").await.unwrap();
    assert_eq!((first.credits.get(), first.replayed), (70, false));
    let again = redeem("hello", "k").await.unwrap();
    assert_eq!(
        (again.redemption.id, again.expires_at, again.replayed),
        (first.redemption.id, first.expires_at, true)
    );
    assert_eq!(redeem("other", "k").await.unwrap_err().code(), "idempotency_key_reused");
    assert_eq!(redeem("hello", "k2").await.unwrap_err().code(), "coupon_used_up");
    assert_eq!(shop.redeems("bob", "hello").await, Ok(70));
    assert_eq!(shop.redeems("cleo", "hello").await, Err("coupon_exhausted"));
    assert!(!shop.knows("cleo").await);
    assert_eq!((shop.balance("ada").await, shop.balance("bob").await, shop.uses().await), (70, 70, 2));
    shop.offers(a_coupon_draft("summer")).await;
    assert_eq!(shop.redeems("ada", "summer").await, Err("coupon_not_applicable"));
    shop.is_sound("ada").await;
    shop.clock.advance(30 * 86_400);
    assert_eq!(shop.balance("ada").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_who_want_the_last_use_one_gets_it() {
    let shop = Arc::new(Shop::open().await);
    shop.offers(CouponDraft { max_redemptions: Some(1), ..credits("last", 10) }).await;
    let mut running = JoinSet::new();
    for number in 0..50 {
        let shop = shop.clone();
        running.spawn(async move { shop.redeems(&format!("account-{number}"), "last").await });
    }
    let ended = running.join_all().await;
    assert_eq!(ended.iter().filter(|ended| ended.is_ok()).count(), 1, "{ended:?}");
    assert!(ended.iter().all(|ended| matches!(ended, Ok(10) | Err("coupon_exhausted"))), "{ended:?}");
    assert_eq!(shop.uses().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_asks_many_times_at_once_uses_a_code_as_often_as_it_may() {
    let shop = Arc::new(Shop::open().await);
    shop.offers(CouponDraft { max_per_account: Some(2), ..a_coupon_draft("twice") }).await;
    shop.orders_pack("ada").await;
    let mut running = JoinSet::new();
    for number in 0..8 {
        let shop = shop.clone();
        running.spawn(async move {
            let ask = with_code(shop.wants_pack("ada", Some(&format!("k{number}"))), "twice");
            shop.billing.start_checkout(&ask).await.map_err(|error| error.code())
        });
    }
    let ended = running.join_all().await;
    assert!(ended.iter().any(Result::is_ok), "{ended:?}");
    let orders = shop.billing.orders(&an_external_id("ada"), &page(100, 0)).await.unwrap().items;
    let open = |order: &&billing_core::orders::Order| {
        order.status == OrderStatus::Pending && order.discount.is_some()
    };
    let open = orders.iter().filter(open).count();
    assert_eq!(i64::try_from(open).unwrap(), shop.uses().await, "{ended:?}");
    assert!((1..=2).contains(&open), "each that is open holds a use: {ended:?}");
}

#[tokio::test]
async fn what_a_coupon_does_stays_once_somebody_counts_on_it() {
    let shop = Shop::open().await;
    shop.offers(a_coupon_draft("summer")).await;
    let id = shop.billing.coupons().await.unwrap()[0].id;
    let put = async |draft: CouponDraft| {
        shop.billing.publish_coupon(Some(id), &draft).await.map_err(|error| error.code())
    };
    let half = || CouponDraft { effect: CouponEffect::Percent(50), ..a_coupon_draft("summer") };
    put(half()).await.unwrap();
    shop.buys("ada", "summer").await.unwrap();
    assert_eq!(put(a_coupon_draft("summer")).await.unwrap_err(), "coupon_in_use");
    assert_eq!(
        put(CouponDraft { duration: Duration::Forever, ..half() }).await.unwrap_err(),
        "coupon_in_use"
    );
    assert_eq!(put(a_coupon_draft("winter")).await.unwrap_err(), "invalid_request");
    let off = put(CouponDraft { active: false, max_redemptions: Some(7), ..half() }).await.unwrap();
    assert_eq!((off.uses, off.version), (1, 3));
    assert_eq!(shop.refuses("bob", "summer").await, "coupon_inactive");
    let taken = shop.billing.publish_coupon(None, &a_coupon_draft("SUMMER")).await;
    assert_eq!(taken.unwrap_err().code(), "code_taken");
    let unknown = CouponDraft {
        packs: vec![billing_core::values::PackId::from_uuid(uuid::Uuid::from_u128(1))],
        ..a_coupon_draft("nothing")
    };
    assert_eq!(shop.billing.publish_coupon(None, &unknown).await.unwrap_err().code(), "invalid_request");
}
