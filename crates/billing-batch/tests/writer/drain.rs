//! How it ends.

use std::sync::Arc;

use billing_batch::{BatchConfig, Batched};
use billing_core::ports::{LedgerStore, StoreError};

use crate::scripted::{Scripted, account, give, now, one_writer, post_soon, with};

#[tokio::test]
async fn draining_answers_everybody_who_waits_and_turns_away_who_comes_later() {
    let store = Scripted::gated();
    let batched =
        with(&store, BatchConfig { writers: 3, per_writer: 1, batch_postings: 1, ..BatchConfig::default() });
    let mut waiting = Vec::new();
    for number in 0..12 {
        waiting.push(post_soon(&batched, vec![give(account(number), &number.to_string(), 1)]).await);
    }
    store.has_begun().await;
    let drained = {
        let batched = batched.clone();
        tokio::spawn(async move { batched.drain().await })
    };
    tokio::task::yield_now().await;
    let late = batched.post(vec![give(account(1), "late", 1)], now(0)).await;
    assert!(matches!(late, Err(StoreError::Overloaded)), "{late:?}");
    assert!(!drained.is_finished());
    store.let_through(12);
    drained.await.unwrap();
    for one in waiting {
        assert!(one.is_finished());
        one.await.unwrap().unwrap();
    }
    batched.drain().await;
    assert_eq!(store.recorded().len(), 12);
}

#[tokio::test]
async fn writers_end_with_the_last_handle() {
    let store = Scripted::open();
    let batched = one_writer(&store);
    batched.post(vec![give(account(1), "a", 1)], now(0)).await.unwrap();
    assert!(Arc::strong_count(&store) > 1);
    drop(batched);
    while Arc::strong_count(&store) > 1 {
        tokio::task::yield_now().await;
    }
}

#[test]
fn who_waits_for_a_writer_whose_runtime_ends_is_told() {
    let store = Scripted::gated();
    let writers = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let batched = writers.block_on(async { Arc::new(Batched::start(store.clone(), BatchConfig::default())) });
    let callers = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let ends = callers.block_on(async {
        let under_way = post_soon(&batched, vec![give(account(1), "under way", 1)]).await;
        store.has_begun().await;
        let waiting = post_soon(&batched, vec![give(account(1), "waiting", 1)]).await;
        writers.shutdown_background();
        (under_way.await.unwrap(), waiting.await.unwrap())
    });
    assert!(matches!(ends.0, Err(StoreError::OutcomeUnknown(_))), "{:?}", ends.0);
    assert!(matches!(ends.1, Err(StoreError::OutcomeUnknown(_))), "{:?}", ends.1);
    let late = callers.block_on(batched.post(vec![give(account(1), "late", 1)], now(0)));
    assert!(matches!(late, Err(StoreError::Overloaded)), "{late:?}");
}
