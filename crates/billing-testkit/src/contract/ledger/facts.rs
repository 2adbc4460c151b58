//! One grant per business key.

use std::sync::Arc;

use billing_core::ledger::{Command, Outcome, Posting, Refusal};
use billing_core::values::{AccountId, BusinessKey};

use super::super::world::World;
use crate::Stores;
use crate::builders::{a_posting, give};

/// The business key of all these cases.
fn paid(account: AccountId, key: &str) -> Posting {
    a_posting(account, key, vec![Command::Grant(give("order:1:pack", 10))])
}

fn is_granted_before(outcome: &Outcome) -> bool {
    let fact = BusinessKey::from_stored("order:1:pack".to_owned());
    *outcome == Err(Refusal::AlreadyGranted { business_key: fact })
}

/// A business key grants under one posting key only.
pub async fn a_fact_grants_once_per_account(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    world.post_one(paid(account, "a")).await.unwrap();
    assert!(is_granted_before(&world.post_one(paid(account, "b")).await));
    assert_eq!(world.available(account).await, 10);
    world.is_sound().await;
}

/// Also over all accounts.
pub async fn a_fact_grants_once_over_all_accounts(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    world.post_one(paid(ada, "a")).await.unwrap();
    assert!(is_granted_before(&world.post_one(paid(bob, "a")).await));
    assert_eq!(world.available(bob).await, 0);
    world.is_sound().await;
}

/// Also within one batch, or one posting. Of one account's postings the first one gets it; of two accounts' any of
/// them, since a decorator may split a batch by account.
pub async fn a_fact_grants_once_within_a_batch(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    let twice = Command::Grant(give("order:2:pack", 5));
    let of_ada = vec![paid(ada, "a"), paid(ada, "b"), a_posting(ada, "c", vec![twice.clone(), twice])];
    let outcomes = world.post(of_ada).await;
    assert!(outcomes[0].is_ok() && is_granted_before(&outcomes[1]), "{outcomes:?}");
    assert!(matches!(outcomes[2], Err(Refusal::AlreadyGranted { .. })), "{outcomes:?}");
    assert_eq!(world.available(ada).await, 10);
    let gift = |account, key: &str| a_posting(account, key, vec![Command::Grant(give("order:3:pack", 7))]);
    let outcomes = world.post(vec![gift(ada, "d"), gift(bob, "e")]).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    let refused = |outcome: &&_| matches!(outcome, Err(Refusal::AlreadyGranted { .. }));
    assert_eq!(outcomes.iter().filter(refused).count(), 1, "{outcomes:?}");
    assert_eq!(world.available(ada).await + world.available(bob).await, 17);
    world.is_sound().await;
}

/// Of two accounts that claim one business key concurrently one gets it.
pub async fn a_fact_grants_once_also_at_the_same_moment(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let mut batches = Vec::new();
    for number in 0..8 {
        let account = world.account(&format!("account-{number}")).await;
        batches.push(vec![paid(account, "a")]);
    }
    let outcomes: Vec<_> = world.post_at_once(batches).await.into_iter().flatten().collect();
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| is_granted_before(outcome)).count(), 7, "{outcomes:?}");
    world.is_sound().await;
}

/// A posting with several business keys of which one is used grants none of them.
pub async fn several_facts_of_one_posting_stand_or_fall_together(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    world.post_one(paid(account, "a")).await.unwrap();
    let commands = vec![Command::Grant(give("new", 1)), Command::Grant(give("order:1:pack", 10))];
    assert!(is_granted_before(&world.post_one(a_posting(account, "b", commands)).await));
    world.post_one(a_posting(account, "c", vec![Command::Grant(give("new", 1))])).await.unwrap();
    assert_eq!(world.available(account).await, 11);
    world.is_sound().await;
}
