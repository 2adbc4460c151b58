//! Counters and uniqueness of coupons.

use std::sync::Arc;

use billing_core::changes::Changes;
use billing_core::coupons::{Coupon, CouponUse, Redemption, RedemptionStatus};
use billing_core::ports::{CommitError, CouponRef, RedemptionRef};
use billing_core::values::AccountId;

use super::super::world::World;
use crate::Stores;
use crate::builders::{a_coupon, a_full_coupon, a_pack, a_redemption, an_order, request_key};

/// A store with a coupon that can be used `limit` times.
async fn with_coupon(store: Arc<dyn Stores>, limit: Option<u32>) -> (World, Coupon) {
    let world = World::new(store);
    let coupon = Coupon { max_redemptions: limit, ..a_coupon("last", &world.ids) };
    world.write(Changes { coupons: vec![coupon.clone()], ..Changes::default() }).await;
    (world, Coupon { version: 1, ..coupon })
}

async fn uses(world: &World, coupon: &Coupon) -> i64 {
    world.store.coupon(CouponRef::Id(coupon.id)).await.unwrap().unwrap().uses
}

/// One more use by `account`, as committed by a use case.
fn take(world: &World, coupon: &Coupon, account: AccountId) -> Changes {
    let redemption = a_redemption(coupon, account, None, &world.ids);
    Changes {
        coupon_uses: vec![CouponUse::Take { coupon: coupon.id, version: coupon.version }],
        redemptions: vec![redemption],
        ..Changes::default()
    }
}

fn counted(one: CouponUse) -> Changes {
    Changes { coupon_uses: vec![one], ..Changes::default() }
}

/// A code names one coupon.
pub async fn a_code_names_one_coupon(store: Arc<dyn Stores>) {
    let (world, _) = with_coupon(store, None).await;
    let same = a_coupon("Last", &world.ids);
    world.conflicts(Changes { coupons: vec![same], ..Changes::default() }).await;
    let other = a_coupon("last-2", &world.ids);
    world.write(Changes { coupons: vec![other], ..Changes::default() }).await;
}

/// An order uses one coupon; an account's use numbers and requests' keys are unique per coupon.
pub async fn an_order_and_a_place_have_one_use(store: Arc<dyn Stores>) {
    let (world, coupon) = with_coupon(store, None).await;
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    let pack = a_pack("small", &world.ids);
    let order = an_order(ada, &pack, &world.ids);
    let other = a_coupon("other", &world.ids);
    world
        .write(Changes {
            packs: vec![pack],
            orders: vec![order.clone()],
            coupons: vec![other.clone()],
            ..Changes::default()
        })
        .await;
    let redemptions = |one| Changes { redemptions: vec![one], ..Changes::default() };
    let first = a_redemption(&coupon, ada, Some(order.id), &world.ids);
    world.write(redemptions(first.clone())).await;
    world.conflicts(redemptions(a_redemption(&other, ada, Some(order.id), &world.ids))).await;
    let key = Some(request_key("k"));
    let next = |one: Redemption| Redemption { request_key: key.clone(), ..one };
    world.conflicts(redemptions(next(a_redemption(&coupon, ada, None, &world.ids)))).await;
    world.write(redemptions(next(a_redemption(&coupon, bob, None, &world.ids)))).await;
    world.write(redemptions(next(a_redemption(&other, ada, None, &world.ids)))).await;
    let second = Redemption { use_number: Some(1), ..next(a_redemption(&coupon, ada, None, &world.ids)) };
    world.conflicts(redemptions(second.clone())).await;
    world.write(redemptions(Redemption { request_key: None, ..second })).await;
    // Returned uses have no use number, and there may be any number of them.
    let status = RedemptionStatus::Returned;
    world.write(redemptions(Redemption { use_number: None, status, version: 1, ..first })).await;
    for _ in 0..2 {
        let returned = a_redemption(&coupon, ada, None, &world.ids);
        world.write(redemptions(Redemption { use_number: None, status, ..returned })).await;
    }
    world.write(redemptions(a_redemption(&coupon, ada, None, &world.ids))).await;
}

/// Of 50 concurrent uses one gets the last use.
pub async fn the_last_use_at_once_goes_to_one(store: Arc<dyn Stores>) {
    let (world, coupon) = with_coupon(store, Some(2)).await;
    let first = world.account("first").await;
    world.write(take(&world, &coupon, first)).await;
    let mut all = Vec::new();
    for number in 0..50 {
        let account = world.account(&format!("account {number}")).await;
        all.push(take(&world, &coupon, account));
    }
    let ended = world.commit_at_once(all.clone()).await;
    assert_eq!(ended.iter().filter(|ended| ended.is_ok()).count(), 1, "{ended:?}");
    assert!(ended.iter().all(|ended| matches!(ended, Ok(_) | Err(CommitError::Conflict))), "{ended:?}");
    assert_eq!(uses(&world, &coupon).await, 2);
    for (changes, ended) in all.into_iter().zip(ended) {
        let kept = world.store.redemption(RedemptionRef::Id(changes.redemptions[0].id)).await.unwrap();
        assert_eq!(kept.is_some(), ended.is_ok());
    }
}

/// A returned use can be used again, and the counter does not go below zero.
pub async fn a_use_that_came_back_can_be_used_again(store: Arc<dyn Stores>) {
    let (world, coupon) = with_coupon(store, Some(1)).await;
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    world.write(take(&world, &coupon, ada)).await;
    world.conflicts(take(&world, &coupon, bob)).await;
    world.write(counted(CouponUse::Return { coupon: coupon.id })).await;
    assert_eq!(uses(&world, &coupon).await, 0);
    world.conflicts(counted(CouponUse::Return { coupon: coupon.id })).await;
    world.write(take(&world, &coupon, bob)).await;
    assert_eq!(uses(&world, &coupon).await, 1);
}

/// Paid uses count beyond the limit.
pub async fn what_was_paid_for_counts_beyond_the_limit(store: Arc<dyn Stores>) {
    let (world, coupon) = with_coupon(store, Some(1)).await;
    let ada = world.account("ada").await;
    world.write(take(&world, &coupon, ada)).await;
    world.write(counted(CouponUse::TakeBeyond { coupon: coupon.id })).await;
    assert_eq!(uses(&world, &coupon).await, 2);
    world.conflicts(counted(CouponUse::Take { coupon: coupon.id, version: 1 })).await;
}

/// A use of a coupon that was changed since it was read conflicts; other uses are no changes.
pub async fn a_coupon_that_was_changed_is_looked_at_again(store: Arc<dyn Stores>) {
    let (world, coupon) = with_coupon(store, None).await;
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    world.write(take(&world, &coupon, ada)).await;
    let used = Coupon { uses: 1, ..coupon.clone() };
    world.write(Changes { coupons: vec![Coupon { active: false, ..used }], ..Changes::default() }).await;
    world.conflicts(take(&world, &coupon, bob)).await;
    world.write(take(&world, &Coupon { version: 2, ..coupon.clone() }, bob)).await;
    assert_eq!(uses(&world, &coupon).await, 2);
}

/// Writing a coupon does not overwrite its counter.
pub async fn writing_a_coupon_leaves_its_uses_alone(store: Arc<dyn Stores>) {
    let (world, coupon) = with_coupon(store, None).await;
    for name in ["ada", "bob", "cleo"] {
        let account = world.account(name).await;
        world.write(take(&world, &coupon, account)).await;
    }
    let read_early = Coupon { uses: 1, max_redemptions: Some(1), ..coupon.clone() };
    world.write(Changes { coupons: vec![read_early.clone()], ..Changes::default() }).await;
    let stored = world.store.coupon(CouponRef::Id(coupon.id)).await.unwrap();
    assert_eq!(stored, Some(Coupon { uses: 3, version: 2, ..read_early }));
}

/// A coupon that was unused when it was read is written only while it is unused: its effect may change.
pub async fn an_unused_coupon_is_written_only_while_it_is(store: Arc<dyn Stores>) {
    let (world, coupon) = with_coupon(store, None).await;
    let ada = world.account("ada").await;
    world.write(take(&world, &coupon, ada)).await;
    let other = Coupon { id: coupon.id, version: 1, ..a_full_coupon("last", &world.ids) };
    world.conflicts(Changes { coupons: vec![other], ..Changes::default() }).await;
}
