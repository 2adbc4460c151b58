//! The price and the purchase of a gift.

use billing_core::catalog::Interval;
use billing_core::gifts::Recipient;
use billing_core::orders::{OrderStatus, RequestMark};
use billing_core::payments::{Channel, CheckoutOutcome};
use billing_core::ports::ProviderError;
use billing_core::requests::{GiftDetails, PlanDraft, PurchaseItem, StartCheckout};
use billing_core::values::Credits;
use billing_testkit::ScriptedProvider;
use billing_testkit::builders::{
    a_checkout, a_code, a_coupon_draft, a_plan_draft, an_external_id, page, request_key,
};

use super::super::shop::{DONE, Shop, told};

#[tokio::test]
async fn years_are_sold_at_the_price_of_years_and_nothing_else_is() {
    let shop = Shop::open().await;
    let monthly = shop.plan.price_monthly;
    for (months, price, interval) in [
        (1, monthly, Interval::Monthly),
        (11, 11 * monthly, Interval::Monthly),
        (12, 20_000, Interval::Yearly),
        (13, 13 * monthly, Interval::Monthly),
        (36, 60_000, Interval::Yearly),
    ] {
        let started = shop.orders_gift(months).await;
        let gift = shop.gift(&started.order).await;
        assert_eq!((started.order.price.minor, gift.plan.interval), (price, interval), "{months}");
    }
    for months in [0, 37, u32::MAX] {
        let refused = shop.billing.start_checkout(&shop.wants_gift(months)).await.unwrap_err();
        assert_eq!(refused.code(), "invalid_request", "{months}");
    }
    let free = PlanDraft { price_monthly: 0, ..a_plan_draft("free") };
    let free = shop.billing.publish_plan(None, &free).await.unwrap();
    let ask = a_checkout("ada", Channel::named("stripe"), PurchaseItem::Gift(free.id, 3), None);
    assert_eq!(shop.billing.start_checkout(&ask).await.unwrap_err().code(), "not_on_sale");
    let dear = PlanDraft { price_monthly: 999_999_999, ..a_plan_draft("dear") };
    let dear = shop.billing.publish_plan(None, &dear).await.unwrap();
    let ask = a_checkout("ada", Channel::named("stripe"), PurchaseItem::Gift(dear.id, 36), None);
    assert_eq!(shop.billing.start_checkout(&ask).await.unwrap().order.price.minor, 36 * 999_999_999);
}

#[tokio::test]
async fn what_was_agreed_stays_whatever_becomes_of_the_plan() {
    let shop = Shop::open().await;
    let (order, code) = shop.bought(2).await;
    let cheaper = PlanDraft { credits_included: Credits::new(1), active: false, ..a_plan_draft("pro") };
    shop.billing.publish_plan(Some(shop.plan.id), &cheaper).await.unwrap();
    let given = shop.redeems_gift("bob", &code).await.unwrap().shown.subscription;
    assert_eq!(given.terms.credits, Credits::new(2000));
    assert_eq!(shop.balance("bob").await, 2000);
    assert_eq!(shop.order("ada", &order).await.status, OrderStatus::Completed);
    let refused = shop.billing.start_checkout(&shop.wants_gift(3)).await.unwrap_err();
    assert_eq!(refused.code(), "not_on_sale");
}

#[tokio::test]
async fn what_nobody_pays_brings_nothing_until_the_money_comes_late() {
    for news in [CheckoutOutcome::Expired, CheckoutOutcome::Failed] {
        let shop = Shop::open().await;
        let started = shop.orders_gift(1).await;
        let code = shop.code(&started.order).await;
        assert_eq!(shop.hears("evt_1", told(&started, news)).await, DONE);
        assert_eq!(shop.redeems_gift("bob", &code).await, Err("gift_not_paid"));
        assert_eq!(shop.hears("evt_2", told(&started, CheckoutOutcome::Paid)).await, DONE);
        shop.redeems_gift("bob", &code).await.unwrap();
        assert_eq!(shop.balance("bob").await, 2000);
        shop.is_sound("bob").await;
    }
}

#[tokio::test]
async fn a_buyer_says_whom_it_is_for_and_gets_a_link() {
    let shop = Shop::open().await;
    let recipient = Recipient {
        email: Some("bob@example.com".to_owned()),
        name: Some("Bob".to_owned()),
        message: Some("Enjoy!".to_owned()),
    };
    let redeem_url = Some("https://app.example.com/redeem".to_owned());
    let wrapped = |gift| StartCheckout { gift, ..shop.wants_gift(3) };
    let gift = GiftDetails { recipient: recipient.clone(), redeem_url };
    let started = shop.billing.start_checkout(&wrapped(gift.clone())).await.unwrap();
    let again = shop.billing.start_checkout(&wrapped(gift.clone())).await.unwrap();
    assert_eq!((again.order.id, again.replayed), (started.order.id, true));
    let listed = shop.billing.gifts(&an_external_id("ada"), &page(10, 0)).await.unwrap().items;
    assert_eq!(listed.len(), 1);
    let code = listed[0].code().unwrap().reveal();
    assert_eq!(listed[0].link().unwrap(), format!("https://app.example.com/redeem?code={code}"));
    assert_eq!(shop.billing.gifts(&an_external_id("bob"), &page(10, 0)).await.unwrap().items, []);
    let off = |change: fn(&mut GiftDetails)| {
        let mut gift = gift.clone();
        change(&mut gift);
        StartCheckout { account: an_external_id("cleo"), ..wrapped(gift) }
    };
    for (ask, code) in [
        (off(|gift| gift.recipient.email = Some("bob".to_owned())), "invalid_request"),
        (off(|gift| gift.recipient.name = Some(" ".to_owned())), "invalid_request"),
        (off(|gift| gift.recipient.message = Some("x".repeat(1001))), "invalid_request"),
        (off(|gift| gift.redeem_url = Some("https://evil.test/".to_owned())), "url_not_allowed"),
    ] {
        assert_eq!(shop.billing.start_checkout(&ask).await.unwrap_err().code(), code);
    }
}

#[tokio::test]
async fn coupons_and_catalogues_are_not_for_gifts() {
    let shop = Shop::open().await;
    shop.billing.publish_coupon(None, &a_coupon_draft("summer")).await.unwrap();
    let ask = StartCheckout { coupon: Some(a_code("summer")), ..shop.wants_gift(3) };
    assert_eq!(shop.billing.start_checkout(&ask).await.unwrap_err().code(), "coupon_not_applicable");
    let wanted = Some(PurchaseItem::Gift(shop.plan.id, 3));
    let shown = shop.billing.validate_coupon(&an_external_id("ada"), &a_code("summer"), wanted).await;
    assert_eq!(shown.unwrap_err().code(), "coupon_not_applicable");
    let creem = shop.selling_through(ScriptedProvider::new(Channel::named("creem")));
    let ask = StartCheckout { channel: Channel::named("creem"), ..shop.wants_gift(3) };
    assert_eq!(creem.start_checkout(&ask).await.unwrap_err().code(), "plan_not_available_on_channel");
    let ask = StartCheckout { channel: Channel::GIFT, ..shop.wants_gift(3) };
    assert_eq!(shop.billing.start_checkout(&ask).await.unwrap_err().code(), "channel_not_configured");
    assert_eq!((shop.orders("ada").await, shop.knows("ada").await), (0, false));
}

#[tokio::test]
async fn a_checkout_that_got_no_answer_is_one_gift() {
    let shop = Shop::open().await;
    let lost = ProviderError::Unknown { message: "lost".to_owned(), request_id: None };
    shop.provider.answer_checkout(Err(lost));
    let ask = StartCheckout {
        request: RequestMark { key: Some(request_key("k")), ..shop.wants_gift(3).request },
        ..shop.wants_gift(3)
    };
    shop.billing.start_checkout(&ask).await.unwrap_err();
    shop.billing.start_checkout(&ask).await.unwrap();
    assert_eq!(shop.billing.gifts(&an_external_id("ada"), &page(10, 0)).await.unwrap().items.len(), 1);
}
