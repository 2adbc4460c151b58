//! Subscriptions.

use std::sync::Arc;

use billing_core::changes::Changes;
use billing_core::payments::Channel;
use billing_core::ports::SubscriptionSelector;
use billing_core::subscriptions::{Subscription, SubscriptionStatus};

use super::super::world::World;
use crate::Stores;
use crate::builders::{a_full_subscription, a_plan, a_subscription, noon};

async fn keep(world: &World, subscription: Subscription) -> Subscription {
    world.write(Changes { subscriptions: vec![subscription.clone()], ..Changes::default() }).await;
    Subscription { version: subscription.version + 1, ..subscription }
}

/// A subscription is read with every field, set or unset, in every status, and can be changed.
pub async fn a_subscription_reads_back(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let plan = a_plan("pro", &world.ids);
    world.write(Changes { plans: vec![plan.clone()], ..Changes::default() }).await;
    let find = async |id: &str| {
        world.store.subscription(SubscriptionSelector::Provider(Channel::named("stripe"), id)).await.unwrap()
    };
    let bare = a_subscription(account, &plan, "sub_bare", &world.ids);
    let mut all = vec![bare.clone(), a_full_subscription(account, &plan, "sub_full", &world.ids)];
    for status in SubscriptionStatus::ALL {
        let named = a_subscription(account, &plan, status.as_str(), &world.ids);
        all.push(Subscription { status: *status, ..named });
    }
    for subscription in all {
        let kept = keep(&world, subscription).await;
        assert_eq!(find(&kept.provider_id).await, Some(kept));
    }
    let full = a_full_subscription(account, &plan, "sub_bare", &world.ids);
    for next in [Subscription { id: bare.id, version: 1, ..full }, Subscription { version: 2, ..bare }] {
        let kept = keep(&world, next).await;
        assert_eq!(find("sub_bare").await, Some(kept));
    }
    assert_eq!(find("sub_none").await, None);
    let elsewhere = world
        .store
        .subscription(SubscriptionSelector::Provider(Channel::named("sandbox"), "sub_bare"))
        .await
        .unwrap();
    assert_eq!(elsewhere, None);
}

/// An account's subscriptions are listed latest start first, and only its own.
pub async fn subscriptions_come_latest_begun_first(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    let plan = a_plan("pro", &world.ids);
    world.write(Changes { plans: vec![plan.clone()], ..Changes::default() }).await;
    assert_eq!(world.store.subscriptions(ada).await.unwrap(), []);
    for (id, days) in [("middle", 5), ("last", 9), ("first", 1)] {
        let begun = a_subscription(ada, &plan, id, &world.ids);
        keep(&world, Subscription { started_at: noon().plus_days(days), ..begun }).await;
    }
    keep(&world, a_subscription(bob, &plan, "other", &world.ids)).await;
    let own = world.store.subscriptions(ada).await.unwrap();
    let names: Vec<_> = own.iter().map(|known| known.provider_id.as_str()).collect();
    assert_eq!(names, ["last", "middle", "first"]);
}
