//! Batches that get no answer.

use std::sync::Arc;
use std::time::Duration;

use billing_batch::{BatchConfig, Batched};
use billing_core::ports::{LedgerStore, StoreError};

use crate::scripted::{Act, Scripted, account, after, give, now, post_soon};

const LIMITS: BatchConfig = BatchConfig {
    writers: 1,
    locking_writer: false,
    per_writer: 24,
    waiting: 100,
    waiting_grants: 100,
    waiting_of_one_account: 100,
    batch_postings: 100,
    batch_accounts: 100,
    busy_retries: 3,
    stuck_after: Duration::from_millis(200),
    stuck_batches: 2,
    lock_patience: Duration::from_secs(3),
    answer_within: Duration::from_secs(9),
};

fn start(store: &Arc<Scripted>, config: BatchConfig) -> Arc<Batched> {
    Arc::new(Batched::start(store.clone(), config))
}

#[tokio::test(start_paused = true)]
async fn a_stuck_batch_holds_up_its_own_callers_only() {
    let store = Scripted::open();
    let batched = start(&store, LIMITS);
    store.then(Act::Hang);
    store.then(Act::Hang);
    let first = post_soon(&batched, vec![give(account(1), "stuck", 1)]).await;
    tokio::time::sleep(Duration::from_millis(250)).await;
    let second = post_soon(&batched, vec![give(account(2), "stuck too", 1)]).await;
    let begun = tokio::time::Instant::now();
    let other = batched.post(vec![give(account(3), "other", 1)], now(0)).await.unwrap();
    assert_eq!(after(&other), [1]);
    assert!(begun.elapsed() <= LIMITS.stuck_after, "{:?}", begun.elapsed());
    assert!(!first.is_finished() && !second.is_finished());
    for stuck in [first, second] {
        let stuck = stuck.await.unwrap();
        assert!(matches!(stuck, Err(StoreError::OutcomeUnknown(_))), "{stuck:?}");
    }
    assert!(begun.elapsed() <= LIMITS.answer_within + LIMITS.stuck_after, "{:?}", begun.elapsed());
    let settled = batched.post(vec![give(account(1), "stuck", 1)], now(0)).await.unwrap();
    assert_eq!(after(&settled), [1], "the same key settles it");
}

#[tokio::test(start_paused = true)]
async fn no_more_batches_are_stuck_at_once_than_there_are_connections_for() {
    let store = Scripted::open();
    let batched = start(&store, BatchConfig { stuck_batches: 1, ..LIMITS });
    let mut stuck = Vec::new();
    for number in 0..3 {
        store.then(Act::Hang);
        stuck.push(post_soon(&batched, vec![give(account(number), &format!("k{number}"), 1)]).await);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(store.log().len(), 2, "one beside the writer, and the writer's own");
    for one in stuck {
        assert!(one.await.unwrap().is_err());
    }
    assert_eq!(after(&batched.post(vec![give(account(9), "later", 1)], now(0)).await.unwrap()), [1]);
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_tried_in_time_is_told_that_nothing_was_done() {
    let store = Scripted::open();
    let batched = start(&store, BatchConfig { stuck_batches: 0, ..LIMITS });
    store.then(Act::Hang);
    let stuck = post_soon(&batched, vec![give(account(1), "stuck", 1)]).await;
    tokio::time::sleep(Duration::from_millis(1)).await;
    let waiting = post_soon(&batched, vec![give(account(2), "waiting", 1)]).await;
    assert!(matches!(stuck.await.unwrap(), Err(StoreError::OutcomeUnknown(_))));
    // Its turn came in the last moment, or too late.
    match waiting.await.unwrap() {
        Ok(outcomes) => assert_eq!(after(&outcomes), [1]),
        Err(error) => {
            assert!(matches!(error, StoreError::Busy), "{error:?}");
            assert!(!store.recorded().contains("waiting"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn draining_waits_for_stuck_batches_and_ends() {
    let store = Scripted::open();
    let batched = start(&store, LIMITS);
    store.then(Act::Hang);
    let stuck = post_soon(&batched, vec![give(account(1), "stuck", 1)]).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!stuck.is_finished());
    batched.drain().await;
    assert!(stuck.is_finished());
    assert!(matches!(stuck.await.unwrap(), Err(StoreError::OutcomeUnknown(_))));
}
