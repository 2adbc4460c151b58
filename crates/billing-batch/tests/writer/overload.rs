//! What happens when more comes than can be written.

use billing_batch::BatchConfig;
use billing_core::ledger::Posting;
use billing_core::ports::{LedgerStore, StoreError};
use billing_core::values::AccountId;

use crate::scripted::{Scripted, account, give, now, post_soon, take, with};

fn call(account: AccountId, name: &str, postings: usize) -> Vec<Posting> {
    (0..postings).map(|number| take(account, &format!("{name}-{number}"), 0)).collect()
}

#[tokio::test]
async fn a_full_queue_turns_callers_away_and_nothing_was_done() {
    let store = Scripted::gated();
    let batched = with(&store, BatchConfig { writers: 1, waiting: 3, ..BatchConfig::default() });
    let mut waiting = vec![post_soon(&batched, call(account(1), "first", 1)).await];
    store.has_begun().await;
    for number in 0..3 {
        waiting.push(post_soon(&batched, call(account(1), &number.to_string(), 1)).await);
    }
    let turned_away = batched.post(call(account(1), "more", 1), now(0)).await;
    assert!(matches!(turned_away, Err(StoreError::Overloaded)), "{turned_away:?}");
    store.let_through(3);
    for one in waiting {
        one.await.unwrap().unwrap();
    }
    assert!(!store.recorded().contains("more-0"));
    batched.post(call(account(1), "more", 1), now(0)).await.unwrap();
    assert_eq!((batched.stats().overloads, store.recorded().len()), (1, 5));
}

#[tokio::test]
async fn a_call_of_a_thousand_fits_whole_or_not_at_all() {
    let store = Scripted::gated();
    let batched = with(&store, BatchConfig { writers: 1, waiting: 1500, ..BatchConfig::default() });
    let first = post_soon(&batched, call(account(1), "first", 1)).await;
    store.has_begun().await;
    let thousand = post_soon(&batched, call(account(1), "thousand", 1000)).await;
    let turned_away = batched.post(call(account(1), "another", 1000), now(0)).await;
    assert!(matches!(turned_away, Err(StoreError::Overloaded)));
    let small = post_soon(&batched, call(account(1), "small", 500)).await;
    store.let_through(3);
    for (one, postings) in [(first, 1), (thousand, 1000), (small, 500)] {
        assert_eq!(one.await.unwrap().unwrap().len(), postings);
    }
    assert_eq!(store.recorded().len(), 1501);
}

#[tokio::test]
async fn a_call_over_many_writers_fits_into_all_of_their_queues_or_into_none() {
    let store = Scripted::gated();
    let batched =
        with(&store, BatchConfig { writers: 4, per_writer: 1, waiting: 8, ..BatchConfig::default() });
    // Fill one writer's queue: the first is under way, eight wait.
    let mut waiting = Vec::new();
    for number in 0..9 {
        waiting.push(post_soon(&batched, call(account(1), &number.to_string(), 1)).await);
        if number == 0 {
            store.has_begun().await;
        }
    }
    let many: Vec<_> = (1..=12).map(|number| take(account(number), "many", 0)).collect();
    let turned_away = batched.post(many.clone(), now(0)).await;
    assert!(matches!(turned_away, Err(StoreError::Overloaded)));
    assert_eq!(batched.stats().waiting, 8, "nothing of it waits anywhere");
    store.let_through(100);
    for one in waiting {
        one.await.unwrap().unwrap();
    }
    assert!(!store.recorded().contains("many"));
    assert_eq!(batched.post(many, now(0)).await.unwrap().len(), 12);
}

#[tokio::test]
async fn a_call_that_is_larger_than_the_queue_is_taken_in_where_nothing_waits() {
    let store = Scripted::open();
    let config = BatchConfig { writers: 1, waiting: 3, waiting_of_one_account: 2, ..BatchConfig::default() };
    let batched = with(&store, config);
    assert_eq!(batched.post(call(account(1), "large", 10), now(0)).await.unwrap().len(), 10);
}

#[tokio::test]
async fn one_accounts_flood_is_turned_away_before_it_turns_others_away() {
    let store = Scripted::gated();
    let config = BatchConfig { writers: 1, waiting_of_one_account: 2, ..BatchConfig::default() };
    let batched = with(&store, config);
    let mut waiting = vec![post_soon(&batched, call(account(1), "first", 1)).await];
    store.has_begun().await;
    for number in 0..2 {
        waiting.push(post_soon(&batched, call(account(1), &number.to_string(), 1)).await);
    }
    for flood in [call(account(1), "more", 1), call(account(1), "many", 3)] {
        assert!(matches!(batched.post(flood, now(0)).await, Err(StoreError::Overloaded)));
    }
    waiting.push(post_soon(&batched, call(account(2), "other", 1)).await);
    waiting.push(post_soon(&batched, vec![give(account(1), "purchase", 5)]).await);
    store.let_through(2);
    for one in waiting {
        one.await.unwrap().unwrap();
    }
    batched.stats();
    store.let_through(1);
    batched.post(call(account(1), "more", 1), now(0)).await.unwrap();
}

#[tokio::test]
async fn a_caller_who_goes_away_before_its_turn_asks_for_nothing() {
    let store = Scripted::gated();
    let batched = with(&store, BatchConfig { writers: 1, ..BatchConfig::default() });
    let first = post_soon(&batched, call(account(1), "first", 1)).await;
    store.has_begun().await;
    let gone = post_soon(&batched, call(account(1), "gone", 1)).await;
    let stays = post_soon(&batched, call(account(1), "stays", 1)).await;
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    store.let_through(2);
    first.await.unwrap().unwrap();
    stays.await.unwrap().unwrap();
    assert_eq!(store.log(), [["first-0"], ["stays-0"]]);
    assert_eq!((batched.stats().abandoned, batched.stats().waiting), (1, 0));
}

#[tokio::test]
async fn a_caller_who_goes_away_in_mid_commit_stops_nothing() {
    let store = Scripted::gated();
    let batched = with(&store, BatchConfig { writers: 1, ..BatchConfig::default() });
    let first = post_soon(&batched, call(account(1), "first", 1)).await;
    store.has_begun().await;
    let gone = post_soon(&batched, vec![give(account(1), "gone", 5)]).await;
    let stays = post_soon(&batched, vec![take(account(1), "stays", 3)]).await;
    store.let_through(1);
    first.await.unwrap().unwrap();
    store.has_begun().await;
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    store.let_through(1);
    stays.await.unwrap().unwrap();
    assert_eq!(store.balance(account(1)), 2, "both were carried out whole");
}
