//! A customer opens a checkout, leaves it, and starts again.

use std::sync::Arc;

use billing_core::catalog::Interval;
use billing_core::orders::OrderStatus;
use billing_core::payments::{Channel, CheckoutOutcome, Fact};
use billing_core::ports::ProviderError;
use billing_core::requests::{CouponDraft, PackDraft, PurchaseItem, StartCheckout, StartedCheckout};
use billing_testkit::builders::{
    a_checkout, a_code, a_coupon_draft, a_pack_draft, an_external_id, creem_product, fingerprint,
};
use billing_testkit::{Asked, ScriptedProvider};
use tokio::task::JoinSet;

use super::shop::{DONE, Shop, told};

impl Shop {
    async fn starts(
        &self,
        wanted: PurchaseItem,
        code: Option<&str>,
    ) -> Result<StartedCheckout, &'static str> {
        let mut ask = a_checkout("ada", Channel::named("stripe"), wanted, None);
        ask.coupon = code.map(a_code);
        ask.request.fingerprint = fingerprint(&format!("{wanted:?} {code:?}"));
        self.billing.start_checkout(&ask).await.map_err(|error| error.code())
    }

    fn monthly(&self) -> PurchaseItem {
        PurchaseItem::Plan(self.plan.id, Interval::Monthly)
    }

    fn yearly(&self) -> PurchaseItem {
        PurchaseItem::Plan(self.plan.id, Interval::Yearly)
    }

    /// The checkouts that the provider was asked to close, in order.
    fn closed(&self) -> Vec<String> {
        let asked = self.provider.asked().into_iter();
        asked.filter_map(|asked| if let Asked::Expire(id) = asked { Some(id) } else { None }).collect()
    }

    async fn stands(&self, started: &StartedCheckout) -> OrderStatus {
        self.order("ada", &started.order).await.status
    }
}

fn checkout_fact(
    started: &StartedCheckout,
    outcome: CheckoutOutcome,
) -> billing_core::payments::CheckoutFact {
    let Fact::Checkout(fact) = told(started, outcome) else { panic!("a checkout") };
    fact
}

#[tokio::test]
async fn a_double_click_is_one_order_and_one_checkout() {
    let shop = Arc::new(Shop::open().await);
    // The account exists already, so that only the creation of the order is concurrent.
    shop.billing.start_checkout(&shop.wants_pack("ada", Some("before"))).await.unwrap();
    for wanted in [PurchaseItem::Pack(shop.pack.id), shop.monthly()] {
        let before = shop.orders("ada").await;
        let mut clicks = JoinSet::new();
        for _ in 0..4 {
            let shop = shop.clone();
            clicks.spawn(async move { shop.starts(wanted, None).await.unwrap() });
        }
        let started = clicks.join_all().await;
        let first = &started[0];
        assert!(started.iter().all(|one| (one.order.id, &one.session) == (first.order.id, &first.session)));
        assert_eq!(shop.orders("ada").await, before + 1);
    }
    assert!(shop.closed().is_empty());
}

#[tokio::test]
async fn a_checkout_for_another_plan_takes_the_place_of_the_one_that_was_left() {
    let shop = Shop::open().await;
    let left = shop.starts(shop.monthly(), None).await.unwrap();
    let pack = shop.starts(PurchaseItem::Pack(shop.pack.id), None).await.unwrap();
    let started = shop.starts(shop.yearly(), None).await.unwrap();
    assert_eq!(shop.closed(), std::slice::from_ref(&left.session.id));
    assert_eq!(shop.stands(&left).await, OrderStatus::Expired);
    assert_eq!(shop.stands(&pack).await, OrderStatus::Pending, "a pack may stand beside it");
    // The provider reports the expiry; that changes nothing, and the new checkout is found again.
    shop.hears("evt_1", told(&left, CheckoutOutcome::Expired)).await;
    let again = shop.starts(shop.yearly(), None).await.unwrap();
    assert_eq!((again.order.id, again.replayed), (started.order.id, true));
}

#[tokio::test]
async fn what_was_paid_meanwhile_is_not_replaced() {
    for (outcome, stands) in
        [(CheckoutOutcome::Paid, OrderStatus::Completed), (CheckoutOutcome::Processing, OrderStatus::Pending)]
    {
        let shop = Shop::open().await;
        let left = shop.starts(shop.monthly(), None).await.unwrap();
        shop.provider.on_read(checkout_fact(&left, outcome));
        assert_eq!(shop.starts(shop.yearly(), None).await.unwrap_err(), "payment_pending");
        assert_eq!((shop.stands(&left).await, shop.orders("ada").await), (stands, 1));
    }
}

#[tokio::test]
async fn a_provider_that_does_not_answer_leaves_the_order_that_was_left() {
    let shop = Shop::open().await;
    let left = shop.starts(shop.monthly(), None).await.unwrap();
    shop.provider.fall_silent(Some(billing_testkit::Silence::NoAnswer));
    assert_eq!(shop.starts(shop.yearly(), None).await.unwrap_err(), "provider_unavailable");
    assert_eq!((shop.stands(&left).await, shop.orders("ada").await), (OrderStatus::Pending, 1));
    shop.provider.fall_silent(None);
    shop.starts(shop.yearly(), None).await.unwrap();
    assert_eq!(shop.stands(&left).await, OrderStatus::Expired);
}

#[tokio::test]
async fn a_checkout_without_an_answer_is_taken_up_by_the_same_request() {
    for wanted in [true, false] {
        let shop = Shop::open().await;
        let wanted = if wanted { shop.monthly() } else { PurchaseItem::Pack(shop.pack.id) };
        let unknown = ProviderError::Unknown { message: "no answer".to_owned(), request_id: None };
        shop.provider.answer_checkout(Err(unknown));
        assert_eq!(shop.starts(wanted, None).await.unwrap_err(), "provider_unavailable");
        let started = shop.starts(wanted, None).await.unwrap();
        let asked = shop.provider.asked_checkouts();
        assert_eq!(asked[0], asked[1], "the very same call");
        assert_eq!((started.order.id, shop.orders("ada").await), (asked[0].order, 1));
    }
}

#[tokio::test]
async fn an_order_that_never_got_a_checkout_is_given_up_once_it_could_not_be_paid_any_more() {
    let shop = Shop::open().await;
    let unknown = ProviderError::Unknown { message: "no answer".to_owned(), request_id: None };
    shop.provider.answer_checkout(Err(unknown));
    shop.starts(shop.monthly(), None).await.unwrap_err();
    shop.clock.advance(23 * 3600);
    let started = shop.starts(shop.monthly(), None).await.unwrap();
    assert!(!started.replayed);
    assert_eq!(shop.orders("ada").await, 2);
}

#[tokio::test]
async fn a_coupon_goes_over_to_the_checkout_that_is_paid() {
    let shop = Shop::open().await;
    let once = CouponDraft { max_redemptions: Some(1), ..a_coupon_draft("welcome") };
    shop.billing.publish_coupon(None, &once).await.unwrap();
    let large =
        shop.billing.publish_pack(None, &PackDraft { price: 1_800, ..a_pack_draft("large") }).await.unwrap();
    let left = shop.starts(PurchaseItem::Pack(shop.pack.id), Some("welcome")).await.unwrap();
    let validate = async |account: &str| {
        let shown = shop.billing.validate_coupon(&an_external_id(account), &a_code("welcome"), None).await;
        shown.map(drop).map_err(|error| error.code())
    };
    assert_eq!(validate("ada").await, Ok(()), "it can be had back");
    assert_eq!(validate("bob").await, Err("coupon_exhausted"));
    let large = shop.starts(PurchaseItem::Pack(large.id), Some("welcome")).await.unwrap();
    let plan = shop.starts(shop.monthly(), Some("welcome")).await.unwrap();
    assert_eq!(shop.closed(), [left.session.id.clone(), large.session.id.clone()]);
    assert_eq!(shop.billing.coupons().await.unwrap()[0].uses, 1);
    for (started, status) in
        [(&left, OrderStatus::Expired), (&large, OrderStatus::Expired), (&plan, OrderStatus::Pending)]
    {
        assert_eq!(shop.stands(started).await, status);
    }
    // It is paid nevertheless, because a page was still open: the agreed purchase is honoured.
    assert_eq!(shop.hears("evt_1", told(&left, CheckoutOutcome::Paid)).await, DONE);
    assert_eq!((shop.stands(&left).await, shop.balance("ada").await), (OrderStatus::Completed, 1050));
    assert_eq!(shop.billing.coupons().await.unwrap()[0].uses, 2);
}

#[tokio::test]
async fn a_request_that_is_refused_leaves_the_order_that_was_left() {
    let shop = Shop::open().await;
    let left = shop.starts(shop.monthly(), None).await.unwrap();
    assert_eq!(shop.starts(shop.yearly(), Some("nonesuch")).await.unwrap_err(), "coupon_not_found");
    assert!(shop.closed().is_empty());
    assert_eq!(shop.stands(&left).await, OrderStatus::Pending);
}

#[tokio::test]
async fn a_coupon_of_a_checkout_that_was_paid_meanwhile_is_used() {
    let shop = Shop::open().await;
    let once = CouponDraft { max_per_account: Some(1), ..a_coupon_draft("welcome") };
    shop.billing.publish_coupon(None, &once).await.unwrap();
    let pack = PurchaseItem::Pack(shop.pack.id);
    let left = shop.starts(pack, Some("welcome")).await.unwrap();
    shop.provider.on_read(checkout_fact(&left, CheckoutOutcome::Paid));
    assert_eq!(shop.starts(shop.monthly(), Some("welcome")).await.unwrap_err(), "payment_pending");
    assert_eq!(shop.starts(shop.monthly(), Some("welcome")).await.unwrap_err(), "coupon_used_up");
    assert_eq!((shop.balance("ada").await, shop.orders("ada").await), (1050, 1));
}

#[tokio::test]
async fn a_pending_order_can_be_canceled() {
    let shop = Shop::open().await;
    let coupon = CouponDraft { max_redemptions: Some(1), ..a_coupon_draft("welcome") };
    shop.billing.publish_coupon(None, &coupon).await.unwrap();
    let started = shop.starts(PurchaseItem::Pack(shop.pack.id), Some("welcome")).await.unwrap();
    let cancel = async || {
        let order = shop.billing.cancel_order(&an_external_id("ada"), started.order.id).await;
        order.map(|order| order.status).map_err(|error| error.code())
    };
    let others = shop.billing.cancel_order(&an_external_id("bob"), started.order.id).await;
    assert_eq!(others.unwrap_err().code(), "not_found");
    assert_eq!(cancel().await, Ok(OrderStatus::Expired));
    assert_eq!(cancel().await, Ok(OrderStatus::Expired), "again");
    assert_eq!(shop.closed(), std::slice::from_ref(&started.session.id));
    assert_eq!(shop.billing.coupons().await.unwrap()[0].uses, 0);
    assert_eq!(shop.hears("evt_1", told(&started, CheckoutOutcome::Paid)).await, DONE);
    assert_eq!((shop.balance("ada").await, cancel().await), (1050, Err("order_closed")));
}

#[tokio::test]
async fn an_order_whose_payment_is_on_its_way_is_not_canceled() {
    let shop = Shop::open().await;
    let started = shop.orders_pack("ada").await;
    shop.provider.on_read(checkout_fact(&started, CheckoutOutcome::Processing));
    let canceled = shop.billing.cancel_order(&an_external_id("ada"), started.order.id).await;
    assert_eq!(canceled.unwrap_err().code(), "payment_pending");
    assert_eq!(shop.stands(&started).await, OrderStatus::Pending);
}

#[tokio::test]
async fn a_provider_that_cannot_close_checkouts_may_be_paid_late() {
    let shop = Shop::open().await;
    let creem = Channel::named("creem");
    let billing = shop.selling_through(ScriptedProvider::new(creem));
    let pack = PackDraft { prices: creem_product("prod_1"), ..a_pack_draft("other") };
    let pack = billing.publish_pack(None, &pack).await.unwrap();
    let ask = a_checkout("ada", creem, PurchaseItem::Pack(pack.id), None);
    let started = billing.start_checkout(&ask).await.unwrap();
    let canceled = billing.cancel_order(&an_external_id("ada"), started.order.id).await.unwrap();
    assert_eq!(canceled.status, OrderStatus::Expired);
    let again =
        billing.start_checkout(&StartCheckout { cancel_url: ask.cancel_url.clone(), ..ask }).await.unwrap();
    assert_ne!(again.order.id, started.order.id);
}

#[tokio::test]
async fn an_order_is_found_by_the_id_of_its_checkout() {
    let shop = Shop::open().await;
    let started = shop.orders_pack("ada").await;
    let find = async |account: &str, name: &str| {
        let found = shop.billing.order_by_name(&an_external_id(account), name).await;
        found.map(|order| order.id).map_err(|error| error.code())
    };
    assert_eq!(find("ada", &started.session.id).await, Ok(started.order.id));
    assert_eq!(find("ada", &started.order.id.to_string()).await, Ok(started.order.id));
    assert_eq!(find("bob", &started.session.id).await, Err("not_found"));
    assert_eq!(find("ada", "cs_unknown").await, Err("not_found"));
}

#[tokio::test]
async fn a_free_order_leads_back_to_a_page_that_knows_it() {
    let shop = Shop::open().await;
    let effect = billing_core::coupons::CouponEffect::Percent(100);
    shop.billing.publish_coupon(None, &CouponDraft { effect, ..a_coupon_draft("free") }).await.unwrap();
    let ask = a_checkout("ada", Channel::named("stripe"), PurchaseItem::Pack(shop.pack.id), None);
    let success_url = format!("{}?session={{CHECKOUT_SESSION_ID}}", ask.success_url);
    let ask = StartCheckout { coupon: Some(a_code("free")), success_url, ..ask };
    let started = shop.billing.start_checkout(&ask).await.unwrap();
    assert!(
        started.session.url.ends_with(&format!("?session={}", started.order.id)),
        "{}",
        started.session.url
    );
    let found = shop.billing.order_by_name(&an_external_id("ada"), &started.session.id).await.unwrap();
    assert_eq!(found.status, OrderStatus::Completed);
}
