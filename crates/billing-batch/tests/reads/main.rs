//! What gathered reads promise, over a store that does what each test tells it.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod scripted;

use std::sync::Arc;
use std::time::Duration;

use billing_batch::ReadConfig;
use billing_core::ports::{BalanceReads, StoreError};

use scripted::{Scripted, account, ask_soon, seen, start};

const ONE_READER: ReadConfig = ReadConfig {
    readers: 1,
    waiting: 100,
    together: 100,
    stuck_after: Duration::from_hours(1),
    stuck_questions: 1,
    answer_within: Duration::from_hours(1),
};

#[tokio::test]
async fn whoever_asks_during_a_question_is_in_the_next_one_with_all_others() {
    let store = Scripted::gated();
    let reads = start(&store, ONE_READER);
    let first = ask_soon(&reads, &[1]).await;
    store.has_begun().await;
    let others =
        [ask_soon(&reads, &[2]).await, ask_soon(&reads, &[3, 2]).await, ask_soon(&reads, &[2]).await];
    store.let_through(2);
    assert_eq!(seen(first).await, [Some(1)]);
    let mut answers = Vec::new();
    for other in others {
        answers.push(seen(other).await);
    }
    assert_eq!(answers, [vec![Some(2)], vec![Some(3), Some(2)], vec![Some(2)]]);
    // Each account is asked for once.
    assert_eq!(store.log(), [vec![1], vec![2, 3]]);
}

#[tokio::test]
async fn nothing_is_kept_so_that_everybody_sees_what_was_there_when_they_asked() {
    let store = Scripted::open();
    let reads = start(&store, ONE_READER);
    assert_eq!(reads.balance(account(1)).await.unwrap().unwrap().seq, 1);
    store.add(10);
    assert_eq!(reads.balance(account(1)).await.unwrap().unwrap().seq, 11);
    assert_eq!(reads.state(account(1)).await.unwrap().unwrap().balance.seq, 11);
}

#[tokio::test]
async fn an_account_that_nobody_knows_is_none_among_others() {
    let store = Scripted::open();
    let reads = start(&store, ONE_READER);
    let found = reads.balances(&[account(0), account(7), account(0)]).await.unwrap();
    assert_eq!(
        found.iter().map(|found| found.as_ref().map(|kept| kept.seq)).collect::<Vec<_>>(),
        [None, Some(7), None]
    );
    assert!(reads.balances(&[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_account_that_cannot_be_read_fails_alone() {
    for panics in [false, true] {
        let store = Scripted::gated();
        store.poison(5, panics);
        let reads = start(&store, ONE_READER);
        let first = ask_soon(&reads, &[1]).await;
        store.has_begun().await;
        let others: Vec<_> = [
            ask_soon(&reads, &[4]).await,
            ask_soon(&reads, &[5]).await,
            ask_soon(&reads, &[6]).await,
            ask_soon(&reads, &[7]).await,
        ]
        .into();
        store.let_through(100);
        assert_eq!(seen(first).await, [Some(1)]);
        let mut failed = Vec::new();
        for (place, other) in others.into_iter().enumerate() {
            match other.await.unwrap() {
                Ok(found) => assert_eq!(found.len(), 1),
                Err(StoreError::Unexpected(_)) => failed.push(place),
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(failed, [1], "whether it panics: {panics}");
        // And the reader lives on.
        assert_eq!(reads.balance(account(9)).await.unwrap().unwrap().seq, 9);
    }
}

#[tokio::test]
async fn a_store_that_is_away_is_told_to_all_at_once() {
    let store = Scripted::gated();
    let reads = start(&store, ONE_READER);
    let first = ask_soon(&reads, &[1]).await;
    store.has_begun().await;
    let others = [ask_soon(&reads, &[2]).await, ask_soon(&reads, &[3]).await];
    store.then_fail(None);
    store.then_fail(Some(StoreError::Busy));
    store.let_through(2);
    assert_eq!(seen(first).await, [Some(1)]);
    for other in others {
        assert!(matches!(other.await.unwrap(), Err(StoreError::Busy)));
    }
    assert_eq!(store.log().len(), 2);
}

#[tokio::test]
async fn whoever_finds_too_many_waiting_is_turned_away() {
    let store = Scripted::gated();
    let reads = start(&store, ReadConfig { waiting: 2, ..ONE_READER });
    let first = ask_soon(&reads, &[1]).await;
    store.has_begun().await;
    let waiting = [ask_soon(&reads, &[2]).await, ask_soon(&reads, &[3]).await];
    assert!(matches!(reads.balance(account(4)).await, Err(StoreError::Overloaded)));
    store.let_through(2);
    assert_eq!(seen(first).await, [Some(1)]);
    for waiting in waiting {
        assert_eq!(seen(waiting).await.len(), 1);
    }
}

#[tokio::test]
async fn a_question_takes_no_more_callers_than_it_may() {
    let store = Scripted::gated();
    let reads = start(&store, ReadConfig { together: 2, ..ONE_READER });
    let first = ask_soon(&reads, &[1]).await;
    store.has_begun().await;
    let mut others = Vec::new();
    for number in 2..=6 {
        others.push(ask_soon(&reads, &[number]).await);
    }
    store.let_through(10);
    assert_eq!(seen(first).await, [Some(1)]);
    for other in others {
        assert_eq!(seen(other).await.len(), 1);
    }
    assert_eq!(store.log(), [vec![1], vec![2, 3], vec![4, 5], vec![6]]);
}

#[tokio::test]
async fn whoever_has_gone_away_is_not_asked_for() {
    let store = Scripted::gated();
    let reads = start(&store, ONE_READER);
    let first = ask_soon(&reads, &[1]).await;
    store.has_begun().await;
    let gone = ask_soon(&reads, &[2]).await;
    let stays = ask_soon(&reads, &[3]).await;
    gone.abort();
    assert!(gone.await.is_err());
    store.let_through(2);
    assert_eq!(seen(first).await, [Some(1)]);
    assert_eq!(seen(stays).await, [Some(3)]);
    assert_eq!(store.log(), [vec![1], vec![3]]);
}

#[test]
fn when_the_readers_runtime_ends_nobody_waits_in_vain() {
    let readers = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = Scripted::open();
    let reads = readers.block_on(async { start(&store, ONE_READER) });
    drop(readers);
    let asking = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let told = asking.block_on(async { Arc::clone(&reads).balance(account(1)).await });
    assert!(matches!(told, Err(StoreError::Unavailable(_))));
}
