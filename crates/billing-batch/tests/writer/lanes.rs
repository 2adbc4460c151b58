//! Who goes first.

use billing_batch::BatchConfig;
use billing_core::ports::{LedgerStore, StoreError};

use crate::scripted::{Scripted, account, after, give, now, post_soon, start, take, with};

#[tokio::test]
async fn what_gives_credits_overtakes_a_flood_of_spends() {
    let store = Scripted::gated();
    let batched = with(&store, BatchConfig { writers: 1, batch_postings: 2, ..BatchConfig::default() });
    let mut waiting = vec![post_soon(&batched, vec![take(account(1), "first", 0)]).await];
    store.has_begun().await;
    for number in 0..4 {
        waiting.push(post_soon(&batched, vec![take(account(1), &format!("s{number}"), 0)]).await);
    }
    for number in 0..3 {
        waiting.push(post_soon(&batched, vec![give(account(2), &format!("g{number}"), 1)]).await);
    }
    store.let_through(10);
    for one in waiting {
        one.await.unwrap().unwrap();
    }
    let expected = [vec!["first"], vec!["g0", "g1"], vec!["g2", "s0"], vec!["s1", "s2"], vec!["s3"]];
    assert_eq!(store.log(), expected);
}

#[tokio::test]
async fn a_flood_of_spends_leaves_room_for_a_purchase() {
    let store = Scripted::gated();
    let config = BatchConfig { writers: 1, waiting: 1, waiting_grants: 1, ..BatchConfig::default() };
    let batched = with(&store, config);
    let mut waiting = vec![post_soon(&batched, vec![take(account(1), "first", 0)]).await];
    store.has_begun().await;
    waiting.push(post_soon(&batched, vec![take(account(1), "second", 0)]).await);
    let turned_away = batched.post(vec![take(account(1), "third", 0)], now(0)).await;
    assert!(matches!(turned_away, Err(StoreError::Overloaded)));
    waiting.push(post_soon(&batched, vec![give(account(1), "purchase", 1)]).await);
    let turned_away = batched.post(vec![give(account(1), "another", 1)], now(0)).await;
    assert!(matches!(turned_away, Err(StoreError::Overloaded)));
    store.let_through(2);
    for one in waiting {
        one.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_call_that_gives_and_takes_keeps_its_own_order() {
    let store = Scripted::gated();
    let batched = with(&store, BatchConfig { writers: 1, ..BatchConfig::default() });
    let first = post_soon(&batched, vec![take(account(1), "first", 0)]).await;
    store.has_begun().await;
    let spend = post_soon(&batched, vec![take(account(1), "before", 0)]).await;
    let mixed = vec![take(account(1), "a", 1), give(account(1), "b", 5), take(account(1), "c", 2)];
    let mixed = post_soon(&batched, mixed).await;
    store.let_through(2);
    first.await.unwrap().unwrap();
    spend.await.unwrap().unwrap();
    assert_eq!(after(&mixed.await.unwrap().unwrap()), [-1, 5, 3]);
    assert_eq!(store.log()[1], ["before", "a", "b", "c"], "it takes something, so it overtakes nobody");
}

#[tokio::test]
async fn spends_share_no_transaction_with_postings_that_take_locks() {
    let store = Scripted::gated();
    let batched = start(&store, BatchConfig { writers: 1, ..BatchConfig::default() });
    let grant = post_soon(&batched, vec![give(account(1), "grant", 5)]).await;
    store.has_begun().await;
    let others = post_soon(&batched, vec![take(account(2), "other account", 0)]).await;
    store.has_begun().await;
    let more = post_soon(&batched, vec![give(account(3), "another grant", 1)]).await;
    let own = post_soon(&batched, vec![take(account(1), "same account", 2)]).await;
    store.let_through(3);
    assert_eq!(after(&grant.await.unwrap().unwrap()), [5]);
    assert_eq!(after(&own.await.unwrap().unwrap()), [3], "an account's postings keep their order");
    for one in [others, more] {
        one.await.unwrap().unwrap();
    }
    assert_eq!(store.log(), [vec!["grant"], vec!["other account"], vec!["another grant", "same account"]]);
}
