//! Stripe's events in every order of delivery, each three times and in parallel, on every store: what was bought is
//! granted exactly once.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod scene;

use std::sync::Arc;

use billing_core::payments::Channel;
use billing_store::SqlStore;
use billing_store::testing::TestDatabase;
use billing_testkit::fixtures::stripe::{FixtureEvent, Shape, Story};
use billing_testkit::{MemoryStore, SequentialIds, Stores};
use itertools::Itertools;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use scene::Scene;

/// Up to this many events, every order there is.
const EVERY_ORDER_UP_TO: usize = 5;
/// Beyond it, this many orders by chance, the same in every run.
const ORDERS_BEYOND: u64 = 500;
/// How many of them a database is put through.
const ORDERS_ON_SQL: usize = 20;

/// The stories that begin with a checkout of ours.
const STORIES: [Story; 19] = [
    Story::CreditsPaid,
    Story::CreditsSettled,
    Story::CreditsFailed,
    Story::CreditsExpired,
    Story::SubscriptionFirst,
    Story::DunningRecovered,
    Story::Upgraded,
    Story::CanceledAtPeriodEnd,
    Story::CanceledInPortal,
    Story::TrialPaid,
    Story::TrialPaused,
    Story::RefundedInParts,
    Story::RefundFailed,
    Story::DisputeLost,
    Story::DisputeWon,
    Story::Inquiry,
    Story::RefundedAndDisputed,
    Story::SubscriptionRefunded,
    Story::Odd,
];

#[tokio::test(flavor = "multi_thread")]
async fn every_order_of_delivery_ends_the_same_in_memory() {
    for (story, shape) in stories() {
        // A shop that grows with every play would slow the last ones down.
        for some in orders(count(story, shape).await).chunks(20) {
            let scene = Scene::open(Arc::new(MemoryStore::new())).await;
            play(&scene, story, shape, some).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_orders_of_delivery_end_the_same_on_sqlite() {
    on(TestDatabase::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_orders_of_delivery_end_the_same_on_postgres() {
    on(TestDatabase::postgres().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_at_once_ends_the_same() {
    let scene = Scene::open(Arc::new(MemoryStore::new())).await;
    for (story, shape) in stories() {
        for _ in 0..20 {
            let act = scene.begin(story, shape).await;
            let twice = [act.events.as_slice(), act.events.as_slice()].concat();
            scene.deliver_at_once(&twice).await;
            scene.settle().await;
            scene.check(&act).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_signed_as_it_should_be_is_not_stored() {
    let scene = Scene::open(Arc::new(MemoryStore::new())).await;
    for story in STORIES {
        for shape in Shape::ALL {
            let act = scene.begin(story, shape).await;
            for event in &act.events {
                scene.refuses_forgeries_of(event).await;
                assert_eq!(
                    scene.store.event(Channel::named("stripe"), &event.id).await.unwrap(),
                    None,
                    "{}",
                    event.name
                );
            }
            // The true one is still welcome.
            scene.deliver_at_once(&act.events).await;
            scene.settle().await;
            scene.check(&act).await;
        }
    }
}

async fn on(database: TestDatabase) {
    let store = SqlStore::connect(database.url(), 16, Arc::new(SequentialIds::default())).await.unwrap();
    let stores: Arc<dyn Stores> = Arc::new(store.clone());
    let plays = async move {
        let scene = Scene::open(stores).await;
        for (story, shape) in stories() {
            let some: Vec<_> = orders(count(story, shape).await).into_iter().take(ORDERS_ON_SQL).collect();
            play(&scene, story, shape, &some).await;
        }
    };
    let outcome = tokio::spawn(plays).await;
    store.close().await;
    database.remove().await;
    if let Err(failure) = outcome {
        std::panic::resume_unwind(failure.into_panic());
    }
}

/// Plays one story in each of `orders`. Each play has an account of its own.
async fn play(scene: &Scene, story: Story, shape: Shape, orders: &[Vec<usize>]) {
    for order in orders {
        let act = scene.begin(story, shape).await;
        for place in order {
            // Each event comes three times, two of them under way together.
            scene.deliver_at_once(&[act.events[*place].clone(), act.events[*place].clone()]).await;
            scene.deliver_at_once(&[act.events[*place].clone()]).await;
        }
        scene.settle().await;
        scene.check(&act).await;
    }
}

/// Every story in both shapes.
fn stories() -> impl Iterator<Item = (Story, Shape)> {
    STORIES.into_iter().cartesian_product(Shape::ALL)
}

/// How many events a story has.
async fn count(story: Story, shape: Shape) -> usize {
    let scene = Scene::open(Arc::new(MemoryStore::new())).await;
    scene.begin(story, shape).await.events.len()
}

/// The orders in which `count` events are delivered, as places in the natural one. Chosen ones come
/// shuffled, so that the first few are as good as any.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let natural: Vec<usize> = (0..count).collect();
    let mut chance = StdRng::seed_from_u64(2026);
    if count <= EVERY_ORDER_UP_TO {
        let mut all: Vec<_> = natural.into_iter().permutations(count).collect();
        all.shuffle(&mut chance);
        return all;
    }
    (0..ORDERS_BEYOND)
        .map(|_| {
            let mut order = natural.clone();
            order.shuffle(&mut chance);
            order
        })
        .collect()
}

#[test]
fn there_are_as_many_orders_as_there_should_be() {
    assert_eq!(orders(1).len(), 1);
    assert_eq!(orders(3).iter().unique().count(), 6);
    assert_eq!(orders(5).iter().unique().count(), 120);
    assert_eq!(orders(9).len(), 500);
}

/// One story about one account, and where it should end.
struct Act {
    story: Story,
    account: String,
    order: billing_core::values::OrderId,
    events: Vec<FixtureEvent>,
}
