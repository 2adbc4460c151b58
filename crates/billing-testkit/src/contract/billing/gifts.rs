//! Redemption of gifts.

use std::sync::Arc;

use billing_core::catalog::Plan;
use billing_core::changes::Changes;
use billing_core::gifts::{Gift, GiftOrigin, GiftStatus, Redeemed};
use billing_core::orders::Order;
use billing_core::ports::GiftRef;

use super::super::world::World;
use crate::Stores;
use crate::builders::{a_complimentary_gift, a_gift, a_grant, a_plan, an_order_for_a_gift, noon};

async fn ordered(world: &World) -> (Plan, Order) {
    let account = world.account("buyer").await;
    let plan = a_plan("pro", &world.ids);
    let order = an_order_for_a_gift(account, &plan, &world.ids);
    world
        .write(Changes { plans: vec![plan.clone()], orders: vec![order.clone()], ..Changes::default() })
        .await;
    (plan, order)
}

fn gifts(gift: Gift) -> Changes {
    Changes { gifts: vec![gift], ..Changes::default() }
}

/// A code belongs to one gift, and an order pays for one.
pub async fn a_code_and_an_order_have_one_gift(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (plan, order) = ordered(&world).await;
    let gift = a_gift(&order, &plan, &world.ids);
    world.write(gifts(gift.clone())).await;
    world.conflicts(gifts(a_gift(&order, &plan, &world.ids))).await;
    let another = an_order_for_a_gift(order.account, &plan, &world.ids);
    world.write(Changes { orders: vec![another.clone()], ..Changes::default() }).await;
    let mut same_code = a_gift(&another, &plan, &world.ids);
    if let (GiftOrigin::Bought { code, .. }, Some(taken)) = (&mut same_code.origin, gift.code()) {
        code.clone_from(taken);
    }
    world.conflicts(gifts(same_code)).await;
    world.write(gifts(a_gift(&another, &plan, &world.ids))).await;
}

/// A request of an account redeems one gift; other accounts' keys are independent.
pub async fn a_request_gives_one_gift(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (plan, order) = ordered(&world).await;
    let bob = world.account("bob").await;
    world.write(gifts(a_complimentary_gift(order.account, &plan, "k", &world.ids))).await;
    world.conflicts(gifts(a_complimentary_gift(order.account, &plan, "k", &world.ids))).await;
    world.write(gifts(a_complimentary_gift(bob, &plan, "k", &world.ids))).await;
    world.write(gifts(a_complimentary_gift(order.account, &plan, "l", &world.ids))).await;
}

/// Of concurrent redemptions of a gift one succeeds, and only that account gets the credits.
pub async fn a_gift_at_once_goes_to_one(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (plan, order) = ordered(&world).await;
    let gift = Gift { status: GiftStatus::Paid, ..a_gift(&order, &plan, &world.ids) };
    world.write(gifts(gift.clone())).await;
    let mut all = Vec::new();
    for number in 0..10 {
        let account = world.account(&format!("account-{number}")).await;
        let mut redeemed = Gift { version: 1, ..gift.clone() };
        redeemed.redeem(Redeemed { by: account, at: noon(), request: None }).unwrap();
        let postings = vec![a_grant(account, &format!("month-{number}"), 7)];
        all.push((account, Changes { gifts: vec![redeemed], postings, ..Changes::default() }));
    }
    let (accounts, changes): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    let done = world.commit_at_once(changes).await;
    assert_eq!(done.iter().filter(|one| one.is_ok()).count(), 1, "{done:?}");
    let kept = world.store.gift(GiftRef::Id(gift.id)).await.unwrap().unwrap();
    let winner = kept.redeemed.unwrap().by;
    for account in accounts {
        assert_eq!(world.available(account).await, if account == winner { 7 } else { 0 });
    }
    world.is_sound().await;
}
