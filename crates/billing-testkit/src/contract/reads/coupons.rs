//! Coupons and their uses.

use std::sync::Arc;

use billing_core::changes::Changes;
use billing_core::coupons::{Coupon, CouponEffect, Duration, Redemption, RedemptionStatus};
use billing_core::orders::{Order, OrderStatus};
use billing_core::ports::{CouponRef, OrderRef, RedemptionRef};
use billing_core::values::CouponId;

use super::super::world::World;
use crate::Stores;
use crate::builders::{
    a_code, a_coupon, a_credits_coupon, a_full_coupon, a_pack, a_redemption, an_order, noon, request_key,
};

/// A coupon is read with everything and with nothing set, of every kind, by its id and its code.
pub async fn a_coupon_reads_back(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let ids = &world.ids;
    let trial = Coupon { effect: CouponEffect::TrialDays(30), ..a_coupon("trial", ids) };
    let forever = Coupon { duration: Duration::Forever, ..a_coupon("forever", ids) };
    let credits = a_credits_coupon("credits", 9_007_199_254_740_991, ids);
    let all = [a_coupon("plain", ids), a_full_coupon("full", ids), trial, forever, credits];
    assert_eq!(world.store.coupon(CouponRef::Id(all[0].id)).await.unwrap(), None);
    world.write(Changes { coupons: all.to_vec(), ..Changes::default() }).await;
    for coupon in all {
        let kept = Some(Coupon { version: 1, ..coupon.clone() });
        assert_eq!(world.store.coupon(CouponRef::Id(coupon.id)).await.unwrap(), kept);
        assert_eq!(world.store.coupon(CouponRef::Code(&coupon.code)).await.unwrap(), kept);
    }
    assert_eq!(world.store.coupon(CouponRef::Id(CouponId::new(ids))).await.unwrap(), None);
    assert_eq!(world.store.coupon(CouponRef::Code(&a_code("plain-"))).await.unwrap(), None);
}

/// Coupons are listed oldest first.
pub async fn coupons_are_listed_in_the_order_in_which_they_were_made(store: Arc<dyn Stores>) {
    let world = World::new(store);
    assert_eq!(world.store.coupons().await.unwrap(), []);
    let made = |code: &str, seconds| Coupon {
        created_at: noon().plus_seconds(seconds),
        ..a_coupon(code, &world.ids)
    };
    let coupons = vec![made("second", 2), made("third", 2), made("first", 1)];
    world.write(Changes { coupons, ..Changes::default() }).await;
    let listed = world.store.coupons().await.unwrap();
    let codes: Vec<_> = listed.iter().map(|coupon| coupon.code.as_str()).collect();
    assert_eq!(codes, ["FIRST", "SECOND", "THIRD"]);
}

/// Uses are read by their ids, and by coupon and account, oldest first.
pub async fn uses_read_back_by_coupon_and_account(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    let (coupon, other) = (a_coupon("one", &world.ids), a_coupon("other", &world.ids));
    let pack = a_pack("small", &world.ids);
    let order = an_order(ada, &pack, &world.ids);
    let reserved = a_redemption(&coupon, ada, Some(order.id), &world.ids);
    let returned = Redemption {
        use_number: None,
        status: RedemptionStatus::Returned,
        request_key: Some(request_key("k")),
        created_at: noon().plus_seconds(-1),
        ..a_redemption(&coupon, ada, None, &world.ids)
    };
    let others = [a_redemption(&coupon, bob, None, &world.ids), a_redemption(&other, ada, None, &world.ids)];
    let redemptions = [&[reserved.clone(), returned.clone()][..], &others].concat();
    let (coupons, orders) = (vec![coupon.clone(), other], vec![order]);
    world.write(Changes { coupons, packs: vec![pack], orders, redemptions, ..Changes::default() }).await;
    let kept = |one: &Redemption| Redemption { version: 1, ..one.clone() };
    let found = world.store.redemptions(coupon.id, ada).await.unwrap();
    assert_eq!(found, [kept(&returned), kept(&reserved)]);
    assert_eq!(world.store.redemption(RedemptionRef::Id(reserved.id)).await.unwrap(), Some(kept(&reserved)));
    assert_eq!(world.store.redemptions(CouponId::new(&world.ids), ada).await.unwrap(), []);
    let mut paid = kept(&reserved);
    paid.status = RedemptionStatus::Confirmed;
    world.write(Changes { redemptions: vec![paid.clone()], ..Changes::default() }).await;
    assert_eq!(
        world.store.redemption(RedemptionRef::Id(reserved.id)).await.unwrap(),
        Some(Redemption { version: 2, ..paid })
    );
}

/// A use is found by its request's key, per account.
pub async fn a_use_is_found_by_its_request(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    let coupon = a_coupon("one", &world.ids);
    let asked =
        Redemption { request_key: Some(request_key("k")), ..a_redemption(&coupon, ada, None, &world.ids) };
    let bobs = a_redemption(&coupon, bob, None, &world.ids);
    let redemptions = vec![asked.clone(), bobs];
    world.write(Changes { coupons: vec![coupon], redemptions, ..Changes::default() }).await;
    let find = async |account, key| {
        world.store.redemption(RedemptionRef::Request(account, &request_key(key))).await.unwrap()
    };
    assert_eq!(find(ada, "k").await, Some(Redemption { version: 1, ..asked }));
    assert_eq!(find(ada, "K").await, None);
    assert_eq!(find(bob, "k").await, None);
}

/// A paid account has bought before, even if the payment was reversed; an unpaid order does not count.
pub async fn who_bought_before_is_known(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    let pack = a_pack("small", &world.ids);
    let open = an_order(ada, &pack, &world.ids);
    let orders = vec![open.clone()];
    world.write(Changes { packs: vec![pack], orders, ..Changes::default() }).await;
    let bought = async |account| world.store.order(OrderRef::Paid(account)).await.unwrap().is_some();
    assert!(!bought(ada).await);
    let refunded = Order { status: OrderStatus::Refunded, completed_at: Some(noon()), version: 1, ..open };
    world.write(Changes { orders: vec![refunded], ..Changes::default() }).await;
    assert!(bought(ada).await);
    assert!(!bought(bob).await);
}
