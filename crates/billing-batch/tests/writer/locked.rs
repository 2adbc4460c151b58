//! Accounts whose rows another transaction keeps locked.

use std::sync::Arc;
use std::time::Duration;

use billing_batch::{BatchConfig, Batched};
use billing_core::ports::{LedgerStore, StoreError};

use crate::scripted::{Act, Scripted, account, after, give, now, one_writer, post_soon, with};

const LOCKED: u128 = 7;

/// Waits until `batched` has found locked accounts `times`.
async fn found_locked(batched: &Batched, times: u64) {
    while batched.stats().lock_timeouts < times {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_locked_account_delays_its_own_callers_only() {
    for named in [true, false] {
        for writers in [1, 4] {
            let store = Scripted::gated();
            let config = BatchConfig { writers, per_writer: 1, ..BatchConfig::default() };
            let batched = with(&store, config);
            store.lock(account(LOCKED), named);
            let mut others = Vec::new();
            let first = post_soon(&batched, vec![give(account(0), "first", 1)]).await;
            store.has_begun().await;
            for number in 1..=8 {
                others.push(post_soon(&batched, vec![give(account(number), &format!("n{number}"), 1)]).await);
            }
            let held_up = others.remove(usize::try_from(LOCKED).unwrap() - 1);
            store.let_through(1_000);
            first.await.unwrap().unwrap();
            for other in others {
                assert_eq!(after(&other.await.unwrap().unwrap()), [1]);
            }
            // All of them have their answers before the lock is let go of.
            assert!(!held_up.is_finished());
            store.unlock(account(LOCKED));
            assert_eq!(after(&held_up.await.unwrap().unwrap()), [1]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn batches_go_on_without_an_account_that_is_known_to_be_locked() {
    let store = Scripted::open();
    let batched = one_writer(&store);
    store.lock(account(LOCKED), true);
    let held_up = post_soon(&batched, vec![give(account(LOCKED), "early", 1)]).await;
    found_locked(&batched, 1).await;
    let tries = store.log().len();
    let late = post_soon(&batched, vec![give(account(LOCKED), "late", 2)]).await;
    let other = batched.post(vec![give(account(1), "other", 1)], now(0)).await.unwrap();
    assert_eq!(after(&other), [1]);
    let with_other = |keys: &&Vec<String>| keys.contains(&"other".to_owned());
    assert_eq!(store.log()[tries..].iter().filter(with_other).collect::<Vec<_>>(), [&["other".to_owned()]]);
    store.unlock(account(LOCKED));
    assert_eq!(after(&held_up.await.unwrap().unwrap()), [1], "in the order in which they came");
    assert_eq!(after(&late.await.unwrap().unwrap()), [3]);
}

#[tokio::test(start_paused = true)]
async fn callers_of_an_account_that_stays_locked_are_told_so_and_the_same_key_works_later() {
    let store = Scripted::open();
    let batched = one_writer(&store);
    store.lock(account(LOCKED), true);
    let begun = tokio::time::Instant::now();
    let held_up = batched.post(vec![give(account(LOCKED), "k", 5)], now(0)).await;
    let Err(StoreError::LockTimeout { accounts }) = held_up else { panic!("{held_up:?}") };
    assert_eq!(accounts.into_iter().collect::<Vec<_>>(), [account(LOCKED)]);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(store.balance(account(LOCKED)), 0);
    store.unlock(account(LOCKED));
    let again = batched.post(vec![give(account(LOCKED), "k", 5)], now(0)).await.unwrap();
    assert_eq!(after(&again), [5]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_before_a_lock_is_not_called_undone() {
    let store = Scripted::gated();
    let batched = one_writer(&store);
    store.then(Act::LoseAnswer);
    let held_up = post_soon(&batched, vec![give(account(LOCKED), "k", 5)]).await;
    store.has_begun().await;
    store.let_through(1);
    // The second look finds the account locked, and so do all that follow.
    store.has_begun().await;
    store.lock(account(LOCKED), true);
    store.let_through(1_000);
    let ended = held_up.await.unwrap();
    assert!(matches!(ended, Err(StoreError::OutcomeUnknown(_))), "{ended:?}");
    assert_eq!(store.balance(account(LOCKED)), 5);
}

#[tokio::test(start_paused = true)]
async fn draining_answers_callers_of_locked_accounts_too() {
    let store = Scripted::open();
    let batched = one_writer(&store);
    store.lock(account(LOCKED), true);
    let held_up = post_soon(&batched, vec![give(account(LOCKED), "k", 5)]).await;
    found_locked(&batched, 1).await;
    batched.drain().await;
    assert!(held_up.is_finished());
    assert!(matches!(held_up.await.unwrap(), Err(StoreError::LockTimeout { .. })));
    assert!(Arc::strong_count(&store) <= 2);
}
