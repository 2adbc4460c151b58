//! Unique constraints. A second row conflicts, whatever a read before the write showed.

use std::sync::Arc;

use billing_core::catalog::{Interval, Pack, PackPrices, Plan, PlanPrices, RateCard, RateCardVersion};
use billing_core::changes::{Changes, ProviderCustomer, Setting};
use billing_core::credentials::ApiKey;
use billing_core::orders::{Order, RequestMark};
use billing_core::payments::Channel;
use billing_core::ports::CommitError;
use billing_core::subscriptions::Subscription;
use billing_core::values::AccountId;

use super::super::world::World;
use crate::Stores;
use crate::builders::{
    a_check_in, a_key, a_pack, a_plan, a_rate_card, a_rate_card_version, a_session, a_subscription,
    an_account, an_order, fingerprint, noon, request_key,
};

/// An external id belongs to one account, also under concurrency.
pub async fn an_external_id_names_one_account(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let new = || Changes { accounts: vec![an_account("ada", &world.ids)], ..Changes::default() };
    let ended = world.commit_at_once((0..8).map(|_| new()).collect()).await;
    assert_eq!(ended.iter().filter(|ended| ended.is_ok()).count(), 1, "{ended:?}");
    let conflict = |ended: &&_| matches!(ended, Err(CommitError::Conflict));
    assert_eq!(ended.iter().filter(conflict).count(), 7, "{ended:?}");
    world.conflicts(new()).await;
    // External ids differ in case and in every character.
    for name in ["Ada", "ada-2", "ADA", "äda"] {
        world.account(name).await;
    }
    let twins = vec![an_account("twin", &world.ids), an_account("twin", &world.ids)];
    world.conflicts(Changes { accounts: twins, ..Changes::default() }).await;
}

fn customer(channel: Channel, account: AccountId, customer: &str) -> Changes {
    in_place_of(channel, account, None, customer)
}

fn in_place_of(channel: Channel, account: AccountId, gone: Option<&str>, customer: &str) -> Changes {
    let (customer, replaces) = (customer.to_owned(), gone.map(str::to_owned));
    let row = ProviderCustomer { channel, account, customer, replaces, deleted: false };
    Changes { provider_customers: vec![row], ..Changes::default() }
}

/// An account has one current customer per provider, and a customer one account.
pub async fn an_account_has_one_customer_per_provider(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    world.write(customer(Channel::named("stripe"), ada, "cus_1")).await;
    world.conflicts(customer(Channel::named("stripe"), ada, "cus_2")).await;
    world.conflicts(customer(Channel::named("stripe"), bob, "cus_1")).await;
    world.conflicts(customer(Channel::named("stripe"), ada, "cus_1")).await;
    world.write(customer(Channel::named("sandbox"), ada, "cus_1")).await;
    world.write(customer(Channel::named("stripe"), bob, "cus_2")).await;
}

/// A customer replaces the account's current one, once; the former one still leads to its account.
pub async fn a_customer_takes_the_place_of_one_that_is_gone(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    let replace =
        |account, replaced, new| in_place_of(Channel::named("stripe"), account, Some(replaced), new);
    world.write(customer(Channel::named("stripe"), ada, "cus_1")).await;
    world.conflicts(replace(ada, "cus_0", "cus_2")).await;
    world.conflicts(replace(bob, "cus_1", "cus_2")).await;
    world.write(replace(ada, "cus_1", "cus_2")).await;
    world.conflicts(replace(ada, "cus_1", "cus_3")).await;
    world.conflicts(replace(ada, "cus_2", "cus_1")).await;
    world.conflicts(customer(Channel::named("stripe"), bob, "cus_1")).await;
    world.write(replace(ada, "cus_2", "cus_3")).await;
    let current = world
        .store
        .provider_customer(Channel::named("stripe"), ada)
        .await
        .unwrap()
        .map(|known| known.customer);
    assert_eq!(current.as_deref(), Some("cus_3"));
    for known in ["cus_1", "cus_2", "cus_3"] {
        assert_eq!(
            world.store.account_of_customer(Channel::named("stripe"), known).await.unwrap(),
            Some(ada)
        );
    }
}

/// A slug belongs to one plan.
pub async fn a_slug_names_one_plan(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let ids = &world.ids;
    let plans = |plans: Vec<Plan>| Changes { plans, ..Changes::default() };
    world.write(plans(vec![a_plan("pro", ids)])).await;
    world.conflicts(plans(vec![a_plan("pro", ids)])).await;
    world.conflicts(plans(vec![a_plan("twin", ids), a_plan("twin", ids)])).await;
    // Plans without prices do not clash over what they lack.
    world.write(plans(vec![a_plan("b", ids), a_plan("c", ids)])).await;
}

/// A provider's price stands for one plan and interval, or one pack, permanently: also after it is no longer sold.
pub async fn a_price_stands_for_one_item_for_good(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let ids = &world.ids;
    let plans = |plan| Changes { plans: vec![plan], ..Changes::default() };
    let packs = |pack| Changes { packs: vec![pack], ..Changes::default() };
    for channel in [Channel::named("stripe"), Channel::named("creem")] {
        let slug = |name: &str| format!("{name}-{channel}");
        let priced = |interval| PlanPrices::default().with(channel, interval, Some("ref_1".to_owned()));
        let first = Plan { prices: priced(Interval::Monthly), ..a_plan(&slug("first"), ids) };
        let others = || {
            let other = |interval| Plan { prices: priced(interval), ..a_plan(&slug("other"), ids) };
            let pack = PackPrices::default().with(channel, Some("ref_1".to_owned()));
            [
                plans(other(Interval::Monthly)),
                plans(other(Interval::Yearly)),
                packs(Pack { prices: pack, ..a_pack(&slug("pack"), ids) }),
            ]
        };
        world.write(plans(first.clone())).await;
        for other in others() {
            world.conflicts(other).await;
        }
        world.write(plans(Plan { prices: PlanPrices::default(), version: 1, ..first.clone() })).await;
        for other in others() {
            world.conflicts(other).await;
        }
        // Nor is it the year's now; but it may be sold again.
        world.conflicts(plans(Plan { prices: priced(Interval::Yearly), version: 2, ..first.clone() })).await;
        world.write(plans(Plan { version: 2, ..first.clone() })).await;
        let stored = world.store.plan(first.id).await.unwrap().unwrap();
        assert_eq!(stored, Plan { version: 3, ..first });
    }
}

/// A slug belongs to one pack.
pub async fn a_slug_names_one_pack(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let packs = |packs: Vec<Pack>| Changes { packs, ..Changes::default() };
    world.write(packs(vec![a_pack("small", &world.ids)])).await;
    world.conflicts(packs(vec![a_pack("small", &world.ids)])).await;
    world.write(packs(vec![a_pack("large", &world.ids)])).await;
}

/// A slug belongs to one rate card, and a number to one of its versions.
pub async fn a_slug_and_a_number_name_one_version(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let cards = |(card, version): (RateCard, RateCardVersion)| Changes {
        rate_cards: vec![card],
        rate_card_versions: vec![version],
        ..Changes::default()
    };
    let versions = |slug: &str, number| Changes {
        rate_card_versions: vec![a_rate_card_version(slug, number, noon())],
        ..Changes::default()
    };
    let ended = world.commit_at_once((0..8).map(|_| cards(a_rate_card("default", &world.ids))).collect());
    let ended = ended.await;
    assert_eq!(ended.iter().filter(|ended| ended.is_ok()).count(), 1, "{ended:?}");
    world.conflicts(cards(a_rate_card("default", &world.ids))).await;
    world.conflicts(versions("default", 1)).await;
    world.write(versions("default", 2)).await;
    world.write(cards(a_rate_card("batch", &world.ids))).await;
    world.conflicts(versions("batch", 1)).await;
}

/// A request's key belongs to one order of its account, and a checkout to one order of its provider.
pub async fn a_request_and_a_checkout_name_one_order(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let ids = &world.ids;
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    let pack = a_pack("small", ids);
    world.write(Changes { packs: vec![pack.clone()], ..Changes::default() }).await;
    let orders = |order: Order| Changes { orders: vec![order], ..Changes::default() };
    let asked = |account, key: &str| {
        let request = RequestMark { key: Some(request_key(key)), fingerprint: fingerprint(key) };
        Order { request, ..an_order(account, &pack, ids) }
    };
    world.write(orders(asked(ada, "k"))).await;
    world.conflicts(orders(asked(ada, "k"))).await;
    world.write(orders(asked(bob, "k"))).await;
    let opened = |channel| Order { channel, session: Some(a_session("cs_1")), ..an_order(ada, &pack, ids) };
    world.write(orders(opened(Channel::named("stripe")))).await;
    world.conflicts(orders(opened(Channel::named("stripe")))).await;
    world.write(orders(opened(Channel::named("sandbox")))).await;
    // Orders without either do not clash over what they lack.
    world.write(orders(an_order(ada, &pack, ids))).await;
    world.write(orders(an_order(ada, &pack, ids))).await;
}

/// A provider's id belongs to one subscription.
pub async fn a_provider_id_names_one_subscription(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let ids = &world.ids;
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    let plan = a_plan("pro", ids);
    world.write(Changes { plans: vec![plan.clone()], ..Changes::default() }).await;
    let subscriptions = |row: Subscription| Changes { subscriptions: vec![row], ..Changes::default() };
    world.write(subscriptions(a_subscription(ada, &plan, "sub_1", ids))).await;
    world.conflicts(subscriptions(a_subscription(bob, &plan, "sub_1", ids))).await;
    let elsewhere =
        Subscription { channel: Channel::named("sandbox"), ..a_subscription(bob, &plan, "sub_1", ids) };
    world.write(subscriptions(elsewhere)).await;
    world.write(subscriptions(a_subscription(ada, &plan, "sub_2", ids))).await;
}

/// An account checks in once a day, also under concurrency.
pub async fn an_account_checks_in_once_a_day(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    let on = |account, day: &str| Changes {
        check_ins: vec![a_check_in(account, day, &world.ids)],
        ..Changes::default()
    };
    let ended = world.commit_at_once((0..8).map(|_| on(ada, "2026-04-15")).collect()).await;
    assert_eq!(ended.iter().filter(|ended| ended.is_ok()).count(), 1, "{ended:?}");
    world.conflicts(on(ada, "2026-04-15")).await;
    world.write(on(ada, "2026-04-16")).await;
    world.write(on(bob, "2026-04-15")).await;
}

/// A hash belongs to one key.
pub async fn a_hash_is_one_keys(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let keys = |key: ApiKey| Changes { api_keys: vec![key], ..Changes::default() };
    world.write(keys(a_key(1, &world.ids))).await;
    world.conflicts(keys(a_key(1, &world.ids))).await;
    world.write(keys(a_key(2, &world.ids))).await;
}

/// A setting is generated once; the first value stays.
pub async fn a_setting_is_made_once(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let set = |value: String| Changes {
        settings: vec![Setting { name: "secret".to_owned(), value }],
        ..Changes::default()
    };
    let ended = world.commit_at_once((0..8).map(|number| set(number.to_string())).collect()).await;
    let made: Vec<_> = (0..8).filter(|number| ended[*number].is_ok()).collect();
    assert_eq!(made.len(), 1, "{ended:?}");
    world.conflicts(set("late".to_owned())).await;
    assert_eq!(world.store.setting("secret").await.unwrap(), Some(made[0].to_string()));
    assert_eq!(world.store.setting("other").await.unwrap(), None);
}
