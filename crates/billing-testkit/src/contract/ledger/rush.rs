//! Concurrency.

use std::sync::Arc;

use billing_core::ledger::Refusal;

use super::super::world::World;
use crate::Stores;
use crate::builders::{a_grant, a_spend};

/// Of 64 concurrent spends from an account with 40 credits exactly 40 succeed.
pub async fn spenders_at_once_never_overspend(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.rich_account("ada", 40 * 7 + 3).await;
    let batches = (0..64).map(|number| vec![a_spend(account, &format!("s{number}"), 7)]).collect();
    let outcomes: Vec<_> = world.post_at_once(batches).await.into_iter().flatten().collect();
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 40);
    let refused = |outcome: &&_| matches!(outcome, Err(Refusal::InsufficientCredits { .. }));
    assert_eq!(outcomes.iter().filter(refused).count(), 24);
    let kept = world.balance(account).await;
    assert_eq!((kept.posted.get(), kept.seq), (3, 41));
    world.is_sound().await;
}

/// One request that is sent 32 times concurrently is applied once, and all get the same answer.
pub async fn one_key_at_once_is_one_posting(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.rich_account("ada", 100).await;
    let outcomes: Vec<_> =
        world.post_at_once(vec![vec![a_spend(account, "s", 7)]; 32]).await.into_iter().flatten().collect();
    let posted: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
    assert_eq!(posted.iter().filter(|posted| !posted.replayed).count(), 1);
    assert!(posted.iter().all(|other| other.entries == posted[0].entries));
    assert_eq!(world.available(account).await, 93);
    world.is_sound().await;
}

/// Overlapping batches in different orders all succeed, and no credit is lost.
pub async fn overlapping_batches_do_not_block_each_other(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let mut accounts = Vec::new();
    for number in 0..6 {
        accounts.push(world.rich_account(&format!("account-{number}"), 1000).await);
    }
    let batches = (0..24).map(|batch| {
        let mut order = accounts.clone();
        order.rotate_left(batch % 6);
        if batch % 2 == 1 {
            order.reverse();
        }
        order.into_iter().map(|account| a_spend(account, &format!("b{batch}"), 10)).collect()
    });
    let outcomes = world.post_at_once(batches.collect()).await;
    assert!(outcomes.iter().flatten().all(Result::is_ok));
    for account in accounts {
        let kept = world.balance(account).await;
        assert_eq!((kept.posted.get(), kept.seq), (1000 - 240, 25));
    }
    world.is_sound().await;
}

/// Concurrent grants and spends leave numbers without gaps and a balance that adds up.
pub async fn entries_are_numbered_without_gaps_under_load(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.rich_account("ada", 50).await;
    let batches = (0..40).map(|number| {
        let key = format!("k{number}");
        if number % 2 == 0 { vec![a_grant(account, &key, 3)] } else { vec![a_spend(account, &key, 2)] }
    });
    let outcomes = world.post_at_once(batches.collect()).await;
    assert!(outcomes.iter().flatten().all(Result::is_ok));
    let history = world.history(account).await;
    let numbers: Vec<_> = history.lines.entries.iter().map(|entry| entry.seq).collect();
    assert_eq!(numbers, (1..=41).collect::<Vec<_>>());
    assert_eq!(history.kept.balance.posted.get(), 50 + 20 * 3 - 20 * 2);
    world.is_sound().await;
}
