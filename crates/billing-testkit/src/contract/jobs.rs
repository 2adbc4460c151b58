//! The state of background jobs.

use std::sync::Arc;

use billing_core::accounts::Account;
use billing_core::changes::Changes;
use billing_core::jobs::Job;
use billing_core::orders::{Order, OrderStatus};
use billing_core::payments::{Channel, CheckoutSession};
use billing_core::ports::{DueItem, DueQuery, Lease, RescheduledItem};
use billing_core::subscriptions::{Subscription, SubscriptionRef, SubscriptionRole, SubscriptionStatus};
use billing_core::values::Timestamp;
use uuid::Uuid;

use super::world::{World, at_once};
use crate::Stores;
use crate::builders::{
    a_given_subscription, a_pack, a_plan, a_session, a_subscription, an_account, an_order, noon,
};

fn after(seconds: i64) -> Timestamp {
    noon().plus_seconds(seconds)
}

async fn due(world: &World, job: Job, at: Timestamp, limit: u32) -> Vec<DueItem> {
    world.store.due(&DueQuery { job, by: at, now: at, limit }).await.unwrap()
}

async fn due_ids(world: &World, job: Job, at: Timestamp, limit: u32) -> Vec<Uuid> {
    due(world, job, at, limit).await.into_iter().map(|item| item.id).collect()
}

async fn write_accounts(world: &World, accounts: Vec<Account>) {
    world.write(Changes { accounts, ..Changes::default() }).await;
}

/// Unpaid orders are due after their checkout has closed, the longest closed first; not those with a known payment,
/// nor those that are not pending.
pub async fn unpaid_orders_are_due_once_they_are_closed(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let pack = a_pack("pack", &world.ids);
    world.write(Changes { packs: vec![pack.clone()], ..Changes::default() }).await;
    let open_until =
        |seconds: i64| CheckoutSession { expires_at: after(seconds), ..a_session(&format!("cs_{seconds}")) };
    let with = |session: Option<CheckoutSession>, made: i64| Order {
        session,
        created_at: after(made),
        ..an_order(account, &pack, &world.ids)
    };
    let (late, early) = (with(Some(open_until(20)), 5), with(Some(open_until(10)), 1));
    let bare = with(None, 0);
    let mut under_way = with(Some(open_until(11)), 2);
    under_way.refs.payment = Some("pi_1".to_owned());
    let mut subscribed = with(Some(open_until(12)), 3);
    subscribed.refs.subscription = Some("sub_1".to_owned());
    let failed = Order { status: OrderStatus::Failed, ..with(Some(open_until(13)), 4) };
    let [late_id, early_id, bare_id] = [late.id.uuid(), early.id.uuid(), bare.id.uuid()];
    let channel = Some(early.channel);
    let orders = vec![late, early, bare, under_way, subscribed, failed];
    world.write(Changes { orders, ..Changes::default() }).await;
    assert_eq!(due(&world, Job::Orders, after(10), 10).await, []);
    let first = DueItem { id: early_id, channel, attempts: 0 };
    assert_eq!(due(&world, Job::Orders, after(11), 10).await, [first]);
    assert_eq!(due_ids(&world, Job::Orders, after(21), 10).await, [early_id, late_id]);
    assert_eq!(due_ids(&world, Job::Orders, after(21), 1).await, [early_id]);
    assert_eq!(due_ids(&world, Job::Orders, after(86_400), 10).await, [early_id, late_id]);
    assert_eq!(due_ids(&world, Job::Orders, after(86_401), 10).await, [early_id, late_id, bare_id]);
}

/// Gift subscriptions are due when their period is over, the longest over first, and no others.
pub async fn given_subscriptions_are_due_once_they_are_over(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let plan = a_plan("pro", &world.ids);
    world.write(Changes { plans: vec![plan.clone()], ..Changes::default() }).await;
    let given =
        |name: &str, days| a_given_subscription(account, &plan, name, noon().plus_days(days), &world.ids);
    let (later, sooner) = (given("later", 2), given("sooner", 1));
    let ended = Subscription { status: SubscriptionStatus::Canceled, ..given("ended", 1) };
    let paid = Subscription { period: sooner.period, ..a_subscription(account, &plan, "paid", &world.ids) };
    let [later_id, sooner_id] = [later.id.uuid(), sooner.id.uuid()];
    let subscriptions = vec![later, sooner, ended, paid];
    world.write(Changes { subscriptions, ..Changes::default() }).await;
    let over = async |at, limit| due_ids(&world, Job::Gifts, at, limit).await;
    assert!(over(noon().plus_days(1).plus_seconds(-1), 9).await.is_empty());
    let found = due(&world, Job::Gifts, noon().plus_days(1), 9).await;
    assert_eq!(found, [DueItem { id: sooner_id, channel: None, attempts: 0 }]);
    assert_eq!(over(noon().plus_days(2), 9).await, [sooner_id, later_id]);
    assert_eq!(over(noon().plus_days(9), 1).await, [sooner_id]);
}

/// Duplicate subscriptions are due, oldest first, and no others.
pub async fn duplicate_subscriptions_are_due(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let plan = a_plan("pro", &world.ids);
    world.write(Changes { plans: vec![plan.clone()], ..Changes::default() }).await;
    let mut duplicate = Vec::new();
    for (number, role) in [
        SubscriptionRole::Duplicate,
        SubscriptionRole::Active,
        SubscriptionRole::DuplicateUnresolved,
        SubscriptionRole::Duplicate,
        SubscriptionRole::DuplicateRefunded,
    ]
    .into_iter()
    .enumerate()
    {
        let subscription =
            Subscription { role, ..a_subscription(account, &plan, &format!("sub_{number}"), &world.ids) };
        if role == SubscriptionRole::Duplicate {
            duplicate.push(subscription.id.uuid());
        }
        world.write(Changes { subscriptions: vec![subscription], ..Changes::default() }).await;
    }
    assert_eq!(due_ids(&world, Job::Duplicates, noon(), 9).await, duplicate);
    let found = due(&world, Job::Duplicates, noon(), 1).await;
    assert_eq!((found[0].id, found[0].channel), (duplicate[0], Some(Channel::named("stripe"))));
}

/// Accounts without a subscription are due for their free month when the last one has ended, or none ever started.
pub async fn accounts_without_a_free_month_are_due(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let mut ids = Vec::new();
    for (name, free_until, subscribed) in [
        ("later", Some(noon().plus_days(9)), false),
        ("over", Some(noon()), false),
        ("long", Some(noon().plus_days(-9)), false),
        ("never", None, false),
        ("payer", Some(noon().plus_days(-9)), true),
    ] {
        let active_subscription = subscribed.then(|| SubscriptionRef::new(Channel::named("stripe"), "sub_1"));
        let account = Account { free_until, active_subscription, ..an_account(name, &world.ids) };
        ids.push(account.id.uuid());
        write_accounts(&world, vec![account]).await;
    }
    let found = async |limit| due_ids(&world, Job::FreePlan, noon(), limit).await;
    assert_eq!(found(10).await, [ids[3], ids[2], ids[1]]);
    assert_eq!(found(2).await, [ids[3], ids[2]]);
    assert!(found(0).await.is_empty());
}

async fn accounts(world: &World, count: usize) -> Vec<Uuid> {
    let accounts: Vec<_> = (0..count).map(|number| an_account(&format!("a{number}"), &world.ids)).collect();
    let ids = accounts.iter().map(|account| account.id.uuid()).collect();
    write_accounts(world, accounts).await;
    ids
}

fn retry(id: Uuid, attempts: u32, not_before: Timestamp) -> RescheduledItem {
    RescheduledItem { id, attempts, not_before, note: "größe: \"no\"".to_owned() }
}

/// Rescheduled items are excluded until their time, however many there are, and then returned with the number of
/// failed attempts.
pub async fn a_page_of_failed_items_holds_up_none_behind_them(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let ids = accounts(&world, 12).await;
    let failed: Vec<_> = ids[..9].iter().map(|id| retry(*id, 3, after(60))).collect();
    world.store.reschedule(Job::FreePlan, failed, noon()).await.unwrap();
    assert_eq!(due_ids(&world, Job::FreePlan, after(59), 3).await, ids[9..]);
    let again = due(&world, Job::FreePlan, after(60), 1).await;
    assert_eq!(again, [DueItem { id: ids[0], channel: None, attempts: 3 }]);
    assert_eq!(due_ids(&world, Job::FreePlan, after(60), 20).await, ids);
}

/// An item is rescheduled for one job only, replacing earlier attempts, until its attempts are cleared.
pub async fn an_item_is_rescheduled_for_one_job_until_it_is_cleared(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let id = accounts(&world, 1).await[0];
    world.store.reschedule(Job::Expiry, vec![retry(id, 1, after(60))], noon()).await.unwrap();
    assert_eq!(due_ids(&world, Job::FreePlan, noon(), 9).await, [id]);
    for (attempts, seconds) in [(1, 60), (2, 120), (3, 90)] {
        let items = vec![retry(id, attempts, after(seconds))];
        world.store.reschedule(Job::FreePlan, items, noon()).await.unwrap();
        assert!(due_ids(&world, Job::FreePlan, after(seconds - 1), 9).await.is_empty());
        assert_eq!(due(&world, Job::FreePlan, after(seconds), 9).await[0].attempts, attempts);
    }
    world.store.clear_attempts(Job::Expiry, id).await.unwrap();
    assert!(due_ids(&world, Job::FreePlan, noon(), 9).await.is_empty());
    world.store.clear_attempts(Job::FreePlan, id).await.unwrap();
    assert_eq!(due(&world, Job::FreePlan, noon(), 9).await[0].attempts, 0);
}

/// Attempts that were due more than a week ago are deleted.
pub async fn attempts_of_long_ago_are_forgotten(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let ids = accounts(&world, 2).await;
    world.store.reschedule(Job::FreePlan, vec![retry(ids[0], 5, noon())], noon()).await.unwrap();
    for (days, attempts) in [(7, 5), (8, 0)] {
        let now = noon().plus_days(days);
        world.store.reschedule(Job::FreePlan, vec![retry(ids[1], 1, now.plus_days(1))], now).await.unwrap();
        assert_eq!(due(&world, Job::FreePlan, now, 9).await[0].attempts, attempts, "{days} days");
    }
}

fn lease(holder: u128, expires: i64) -> Lease {
    Lease { name: "orders".to_owned(), holder: Uuid::from_u128(holder), expires_at: after(expires) }
}

/// A lease excludes others until it expires or is released; its holder may renew it.
pub async fn a_lease_has_one_holder(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let acquire = async |lease: Lease, at: i64| world.store.acquire_lease(lease, after(at)).await.unwrap();
    assert!(acquire(lease(1, 10), 0).await);
    assert!(!acquire(lease(2, 20), 9).await, "another holder");
    assert!(acquire(Lease { name: "gifts".to_owned(), ..lease(2, 20) }, 0).await, "another lease");
    assert!(acquire(lease(1, 15), 9).await, "a renewal");
    assert!(!acquire(lease(2, 20), 14).await, "renewed");
    assert!(acquire(lease(2, 25), 15).await, "expired: its holder died");
    assert!(!acquire(lease(1, 30), 16).await, "lost");
    world.store.release_lease("orders", lease(1, 0).holder).await.unwrap();
    assert!(!acquire(lease(1, 30), 16).await, "only its holder gives it back");
    world.store.release_lease("orders", lease(2, 0).holder).await.unwrap();
    assert!(acquire(lease(1, 30), 16).await, "given back");
}

/// Of concurrent acquisitions of a lease one succeeds.
pub async fn of_many_who_want_a_lease_one_gets_it(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let acquire = |holder: u128| {
        let store = world.store.clone();
        async move {
            // A store may be busy; a retry holds the lease already, or never gets it.
            loop {
                match store.acquire_lease(lease(holder, 10), noon()).await {
                    Ok(acquired) => break acquired,
                    Err(billing_core::ports::StoreError::Busy) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        }
    };
    let acquired = at_once((0..16).map(acquire)).await;
    assert_eq!(acquired.into_iter().filter(|acquired| *acquired).count(), 1);
}
