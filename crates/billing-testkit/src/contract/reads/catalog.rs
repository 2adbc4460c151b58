//! The catalogue.

use std::sync::Arc;

use billing_core::catalog::{ChangePolicy, CreditsInterval, RolloverMode, RolloverPolicy};
use billing_core::catalog::{Interval, Pack, PackPrices, Plan, PricedItem};
use billing_core::changes::Changes;
use billing_core::payments::Channel;
use billing_core::values::{PackId, PlanId};

use super::super::world::World;
use crate::Stores;
use crate::builders::{a_full_pack, a_full_plan, a_pack, a_plan, monthly_price, noon};

async fn write_plan(world: &World, plan: Plan) {
    world.write(Changes { plans: vec![plan], ..Changes::default() }).await;
}

/// A plan is read with every field, set or unset, and with every enum value.
pub async fn a_plan_reads_back(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let ids = &world.ids;
    let mut plans = vec![a_plan("bare", ids), a_full_plan("full", ids)];
    for mode in RolloverMode::ALL {
        plans
            .push(Plan { rollover: RolloverPolicy { mode: *mode, cap: None }, ..a_plan(mode.as_str(), ids) });
    }
    for policy in ChangePolicy::ALL {
        plans.push(Plan { change_policy: *policy, ..a_plan(policy.as_str(), ids) });
    }
    for interval in CreditsInterval::ALL {
        plans.push(Plan { credits_interval: *interval, ..a_plan(interval.as_str(), ids) });
    }
    for plan in plans {
        write_plan(&world, plan.clone()).await;
        let stored = world.store.plan(plan.id).await.unwrap();
        assert_eq!(stored, Some(Plan { version: 1, ..plan }));
    }
    assert_eq!(world.store.plan(PlanId::from_uuid(uuid::Uuid::from_u128(404))).await.unwrap(), None);
}

/// A plan can be changed in every field, and back.
pub async fn a_plan_can_be_changed(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let bare = a_plan("pro", &world.ids);
    write_plan(&world, bare.clone()).await;
    let full = Plan { id: bare.id, version: 1, ..a_full_plan("renamed", &world.ids) };
    for (version, next) in [(2, full), (3, Plan { version: 2, ..bare.clone() })] {
        write_plan(&world, next.clone()).await;
        assert_eq!(world.store.plan(bare.id).await.unwrap(), Some(Plan { version, ..next }));
    }
}

/// All plans are listed oldest first, also after a change.
pub async fn plans_are_listed_in_the_order_in_which_they_were_made(store: Arc<dyn Stores>) {
    let world = World::new(store);
    assert_eq!(world.store.plans().await.unwrap(), []);
    let first = a_plan("z", &world.ids);
    write_plan(&world, first.clone()).await;
    for (number, slug) in ["b", "a", "c"].into_iter().enumerate() {
        let created_at = noon().plus_seconds(i64::try_from(number).unwrap());
        write_plan(&world, Plan { created_at, ..a_plan(slug, &world.ids) }).await;
    }
    write_plan(&world, Plan { version: 1, name: "Changed".to_owned(), ..first }).await;
    let slugs: Vec<_> = world.store.plans().await.unwrap().into_iter().map(|plan| plan.slug).collect();
    assert_eq!(slugs, ["z", "b", "a", "c"]);
}

/// A provider's price finds its item, also after it is no longer sold.
pub async fn a_price_finds_what_it_stands_for(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (plan, pack) = (a_full_plan("pro", &world.ids), a_full_pack("small", &world.ids));
    write_plan(&world, a_full_plan("other", &world.ids)).await;
    write_plan(&world, plan.clone()).await;
    world.write(Changes { packs: vec![pack.clone()], ..Changes::default() }).await;
    let find = async |channel, reference| world.store.priced_item(channel, reference).await.unwrap();
    let all = [
        (Channel::named("stripe"), "price_pro_month", PricedItem::Plan(plan.id, Interval::Monthly)),
        (Channel::named("stripe"), "price_pro_year", PricedItem::Plan(plan.id, Interval::Yearly)),
        (Channel::named("creem"), "prod_pro_year", PricedItem::Plan(plan.id, Interval::Yearly)),
        (Channel::named("creem"), "prod_small_pack", PricedItem::Pack(pack.id)),
    ];
    let every_price_is_found = async || {
        for (channel, reference, item) in all {
            assert_eq!(find(channel, reference).await, Some(item), "{reference}");
        }
    };
    every_price_is_found().await;
    assert_eq!(find(Channel::named("stripe"), "price_pro").await, None);
    assert_eq!(find(Channel::named("creem"), "price_pro_month").await, None);
    let prices = monthly_price(Channel::named("stripe"), "price_pro_new");
    write_plan(&world, Plan { version: 1, prices: prices.clone(), ..plan.clone() }).await;
    world
        .write(Changes {
            packs: vec![Pack { version: 1, prices: PackPrices::default(), ..pack }],
            ..Changes::default()
        })
        .await;
    every_price_is_found().await;
    assert_eq!(
        find(Channel::named("stripe"), "price_pro_new").await,
        Some(PricedItem::Plan(plan.id, Interval::Monthly))
    );
    assert_eq!(world.store.plan(plan.id).await.unwrap().unwrap().prices, prices);
}

/// A pack is read with every field, set or unset, and can be changed.
pub async fn a_pack_reads_back(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let write = async |pack: Pack| {
        world.write(Changes { packs: vec![pack.clone()], ..Changes::default() }).await;
        let stored = world.store.pack(pack.id).await.unwrap();
        let version = pack.version + 1;
        assert_eq!(stored, Some(Pack { version, ..pack }));
    };
    let bare = a_pack("bare", &world.ids);
    write(bare.clone()).await;
    write(a_full_pack("full", &world.ids)).await;
    write(Pack { id: bare.id, version: 1, ..a_full_pack("renamed", &world.ids) }).await;
    write(Pack { version: 2, ..bare }).await;
    let slugs: Vec<_> = world.store.packs().await.unwrap().into_iter().map(|pack| pack.slug).collect();
    assert_eq!(slugs, ["bare", "full"]);
    assert_eq!(world.store.pack(PackId::from_uuid(uuid::Uuid::from_u128(404))).await.unwrap(), None);
}
