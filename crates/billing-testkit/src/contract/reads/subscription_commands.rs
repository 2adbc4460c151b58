//! Changes of subscriptions that were requested under an idempotency key.

use std::sync::Arc;

use billing_core::changes::Changes;
use billing_core::payments::ProrationBehavior;
use billing_core::ports::CommitError;
use billing_core::subscriptions::{ChangeOffer, CommandState, SubscriptionCommand};
use billing_core::values::{Credits, Money, Period};

use super::super::world::World;
use crate::Stores;
use crate::builders::{a_plan, a_subscription, a_subscription_command, noon, request_key};

/// A command reads back by its key, per account, in every field, and can be completed.
pub async fn a_subscription_command_reads_back(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    let plan = a_plan("pro", &world.ids);
    let subscription = a_subscription(ada, &plan, "sub_1", &world.ids);
    let (plans, subscriptions) = (vec![plan], vec![subscription.clone()]);
    world.write(Changes { plans, subscriptions, ..Changes::default() }).await;
    let money = |minor| Money::new(minor, "usd".parse().unwrap());
    let offer = ChangeOffer {
        money: ProrationBehavior::Prorate,
        due_now: money(500),
        credits_now: Credits::new(70),
        credits_then: Credits::new(900),
        price: money(4000),
        renews_at: noon().plus_days(9),
        fresh: Period { start: noon(), end: noon().plus_days(30) },
    };
    let command = SubscriptionCommand { offer: Some(offer), ..a_subscription_command(&subscription, "k") };
    let write = async |command: &SubscriptionCommand| {
        let changes = Changes { subscription_commands: vec![command.clone()], ..Changes::default() };
        world.store.commit(changes, noon()).await.map(drop)
    };
    let find = async |account| world.store.subscription_command(account, &request_key("k")).await.unwrap();
    assert_eq!(find(subscription.account).await, None);
    write(&command).await.unwrap();
    let stored = SubscriptionCommand { version: 1, ..command.clone() };
    assert_eq!(find(subscription.account).await, Some(stored.clone()));
    assert_eq!(find(bob).await, None);
    assert!(matches!(write(&command).await, Err(CommitError::Conflict)), "a key stands for one request");
    let state = CommandState::Completed;
    let completed = SubscriptionCommand { state, offer: None, ..stored.clone() };
    write(&completed).await.unwrap();
    assert_eq!(find(subscription.account).await, Some(SubscriptionCommand { version: 2, ..completed }));
    assert!(matches!(write(&stored).await, Err(CommitError::Conflict)), "it was completed meanwhile");
}
