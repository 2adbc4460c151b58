//! Version guards.

use std::sync::Arc;

use billing_core::accounts::Account;
use billing_core::catalog::RateCard;
use billing_core::changes::Changes;
use billing_core::coupons::{Coupon, Redemption, RedemptionStatus};
use billing_core::gifts::Gift;
use billing_core::ports::{AccountRef, CommitError};

use super::super::world::World;
use crate::Stores;
use crate::builders::{
    a_coupon, a_full_account, a_full_check_in_config, a_full_coupon, a_full_gift, a_full_key, a_full_order,
    a_full_pack, a_full_plan, a_full_subscription, a_gift, a_key, a_pack, a_plan, a_rate_card,
    a_rate_card_version, a_redemption, a_subscription, an_account, an_order, an_order_for_a_gift, noon,
};

/// Each versioned noun, as inserted and as changed.
async fn versioned(world: &World) -> Vec<(&'static str, Changes, Changes)> {
    let ids = &world.ids;
    let account = an_account("ada", ids);
    let (plan, pack) = (a_plan("pro", ids), a_pack("small", ids));
    let owner = world.account("owner").await;
    let base = (a_plan("base", ids), a_pack("base", ids));
    world
        .write(Changes { plans: vec![base.0.clone()], packs: vec![base.1.clone()], ..Changes::default() })
        .await;
    let order = an_order(owner, &base.1, ids);
    let subscription = a_subscription(owner, &base.0, "sub_1", ids);
    let key = a_key(1, ids);
    let accounts = |account| Changes { accounts: vec![account], ..Changes::default() };
    let plans = |plan| Changes { plans: vec![plan], ..Changes::default() };
    let packs = |pack| Changes { packs: vec![pack], ..Changes::default() };
    let orders = |order| Changes { orders: vec![order], ..Changes::default() };
    let subscriptions = |subscription| Changes { subscriptions: vec![subscription], ..Changes::default() };
    let keys = |key| Changes { api_keys: vec![key], ..Changes::default() };
    let config = |config| Changes { check_in_config: Some(config), ..Changes::default() };
    let rate_cards = |card| Changes { rate_cards: vec![card], ..Changes::default() };
    let (rate_card, _) = a_rate_card("default", ids);
    let later = a_rate_card_version("default", 2, noon().plus_days(1)).edition;
    let other_rate_card = RateCard {
        name: "Renamed".to_owned(),
        active: false,
        versions: vec![rate_card.versions[0], later],
        version: 1,
        ..rate_card.clone()
    };
    let coupons = |coupon| Changes { coupons: vec![coupon], ..Changes::default() };
    let redemptions = |redemption| Changes { redemptions: vec![redemption], ..Changes::default() };
    let (coupon, base_coupon) = (a_coupon("summer", ids), a_coupon("base", ids));
    world.write(coupons(base_coupon.clone())).await;
    let redemption = a_redemption(&base_coupon, owner, None, ids);
    let other_redemption =
        Redemption { status: RedemptionStatus::Returned, use_number: None, version: 1, ..redemption.clone() };
    let gifts = |gift| Changes { gifts: vec![gift], ..Changes::default() };
    let gift_order = an_order_for_a_gift(owner, &base.0, ids);
    world.write(orders(gift_order.clone())).await;
    let gift = a_gift(&gift_order, &base.0, ids);
    let full_gift = Gift { id: gift.id, version: 1, ..a_full_gift(&gift_order, &base.0, ids) };
    let full_coupon = Coupon { id: coupon.id, version: 1, ..a_full_coupon("summer", ids) };
    let mut full_account = a_full_account("ada", ids);
    let mut full_plan = a_full_plan("pro", ids);
    let mut full_pack = a_full_pack("small", ids);
    let mut full_order = a_full_order(owner, &base.1, ids);
    let mut full_subscription = a_full_subscription(owner, &base.0, "sub_1", ids);
    let mut full_key = a_full_key(1, owner, ids);
    let mut other_config = a_full_check_in_config();
    (full_account.id, full_account.version) = (account.id, 1);
    (full_plan.id, full_plan.version) = (plan.id, 1);
    (full_pack.id, full_pack.version) = (pack.id, 1);
    (full_order.id, full_order.version) = (order.id, 1);
    (full_subscription.id, full_subscription.version) = (subscription.id, 1);
    (full_key.id, full_key.version) = (key.id, 1);
    (other_config.enabled, other_config.version) = (true, 1);
    vec![
        ("account", accounts(account), accounts(full_account)),
        ("plan", plans(plan), plans(full_plan)),
        ("pack", packs(pack), packs(full_pack)),
        ("rate card", rate_cards(rate_card), rate_cards(other_rate_card)),
        ("coupon", coupons(coupon), coupons(full_coupon)),
        ("redemption", redemptions(redemption), redemptions(other_redemption)),
        ("gift", gifts(gift), gifts(full_gift)),
        ("order", orders(order), orders(full_order)),
        ("subscription", subscriptions(subscription), subscriptions(full_subscription)),
        ("key", keys(key), keys(full_key)),
        ("check-in configuration", config(a_full_check_in_config()), config(other_config)),
    ]
}

fn is_conflict(ended: &Result<billing_core::ports::Committed, CommitError>) -> bool {
    matches!(ended, Err(CommitError::Conflict))
}

/// A change of a row that does not exist conflicts; with the current version it is written once.
pub async fn a_change_is_written_over_the_version_that_was_read(store: Arc<dyn Stores>) {
    let world = World::new(store);
    for (noun, new, changed) in versioned(&world).await {
        assert!(is_conflict(&world.commit(changed.clone()).await), "{noun}: changed before it was there");
        world.commit(new.clone()).await.unwrap_or_else(|error| panic!("{noun}: {error:?}"));
        assert!(is_conflict(&world.commit(new).await), "{noun}: inserted twice");
        world.commit(changed.clone()).await.unwrap_or_else(|error| panic!("{noun}: {error:?}"));
        assert!(is_conflict(&world.commit(changed).await), "{noun}: changed twice over one version");
    }
}

/// Of concurrent changes of one version one is written.
pub async fn of_many_changes_over_one_version_one_is_written(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.stored_account("ada").await;
    let named = |number: usize| Account { name: Some(format!("name {number}")), ..account.clone() };
    let changes = (0..16).map(|number| Changes { accounts: vec![named(number)], ..Changes::default() });
    let ended = world.commit_at_once(changes.collect()).await;
    let written: Vec<_> = (0..16).filter(|number| ended[*number].is_ok()).collect();
    assert_eq!(written.len(), 1, "{ended:?}");
    assert_eq!(ended.iter().filter(|ended| is_conflict(ended)).count(), 15, "{ended:?}");
    let stored = world.store.account(AccountRef::Id(account.id)).await.unwrap().unwrap();
    assert_eq!(stored, Account { version: 2, ..named(written[0]) });
}

/// A change of an account does not touch its ledger.
pub async fn changing_an_account_leaves_its_credits_alone(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.rich_account("ada", 10).await;
    let stored = world.store.account(AccountRef::Id(account)).await.unwrap().unwrap();
    let changed = Account { email: Some("ada@example.com".to_owned()), ..stored };
    world.write(Changes { accounts: vec![changed], ..Changes::default() }).await;
    assert_eq!(world.available(account).await, 10);
    world.is_sound().await;
}
