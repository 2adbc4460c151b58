//! What becomes of a batch that fails.

use std::sync::Arc;

use billing_batch::{BatchConfig, Batched};
use billing_core::ledger::Outcome;
use billing_core::ports::{LedgerStore, StoreError};
use tokio::task::JoinHandle;

use crate::scripted::{Act, Scripted, account, after, give, now, one_writer, post_soon, take, unknown, with};

type Waiting = JoinHandle<Result<Vec<Outcome>, StoreError>>;

/// Gives ten credits, and puts `calls` of one posting each into one batch behind that. They spend one credit.
async fn one_batch(store: &Arc<Scripted>, batched: &Arc<Batched>, calls: usize) -> Vec<Waiting> {
    let first = post_soon(batched, vec![give(account(1), "first", 10)]).await;
    store.has_begun().await;
    let mut waiting = Vec::new();
    for number in 0..calls {
        waiting.push(post_soon(batched, vec![take(account(1), &format!("s{number}"), 1)]).await);
    }
    store.let_through(1);
    first.await.unwrap().unwrap();
    waiting
}

async fn ends(waiting: Vec<Waiting>) -> Vec<Result<Vec<Outcome>, StoreError>> {
    let mut ends = Vec::new();
    for one in waiting {
        ends.push(one.await.unwrap());
    }
    ends
}

#[tokio::test]
async fn a_poisoned_call_fails_alone_and_its_neighbours_are_done_in_order() {
    for poisoned in 0..8 {
        let store = Scripted::gated();
        let batched = one_writer(&store);
        store.poison(&format!("s{poisoned}"), false);
        let waiting = one_batch(&store, &batched, 8).await;
        store.let_through(100);
        let ends = ends(waiting).await;
        let mut left = 10;
        for (number, end) in ends.into_iter().enumerate() {
            if number == poisoned {
                let error = end.unwrap_err();
                assert!(matches!(error, StoreError::Unexpected(_)), "{error:?}");
            } else {
                left -= 1;
                assert_eq!(after(&end.unwrap()), [left], "{number} of {poisoned}");
            }
        }
        assert_eq!(batched.stats().bisects, 3, "eight, four, two, one");
        assert_eq!(store.sizes().len(), 1 + 1 + 2 * 3);
    }
}

#[tokio::test]
async fn a_posting_that_the_store_panics_on_leaves_the_writer_alive_and_its_neighbours_done() {
    let store = Scripted::gated();
    let batched = one_writer(&store);
    store.poison("s2", true);
    let waiting = one_batch(&store, &batched, 5).await;
    store.let_through(100);
    let ends = ends(waiting).await;
    let failed: Vec<_> = ends.iter().map(Result::is_err).collect();
    assert_eq!(failed, [false, false, true, false, false]);
    // Nobody knows how far a panic got.
    assert!(matches!(ends[2], Err(StoreError::OutcomeUnknown(_))));
    assert_eq!(store.balance(account(1)), 6);
    batched.post(vec![take(account(1), "later", 1)], now(0)).await.unwrap();
    assert!(batched.stats().panics > 0);
}

#[tokio::test]
async fn a_panic_that_does_not_come_again_harms_nobody() {
    let store = Scripted::gated();
    let batched = one_writer(&store);
    let waiting = one_batch(&store, &batched, 4).await;
    store.then(Act::Panic);
    store.let_through(100);
    for end in ends(waiting).await {
        end.unwrap();
    }
    assert_eq!(store.balance(account(1)), 6);
}

#[tokio::test]
async fn what_a_panic_may_have_done_is_not_called_undone_by_a_later_failure() {
    let store = Scripted::gated();
    let batched = one_writer(&store);
    let waiting = one_batch(&store, &batched, 4).await;
    store.then(Act::Panic);
    store.poison("s1", false);
    store.let_through(100);
    let ends = ends(waiting).await;
    let failed: Vec<_> = ends.iter().map(Result::is_err).collect();
    assert_eq!(failed, [false, true, false, false]);
    assert!(matches!(ends[1], Err(StoreError::OutcomeUnknown(_))), "{:?}", ends[1]);
}

#[tokio::test]
async fn a_call_of_several_postings_is_singled_out_as_one() {
    let store = Scripted::gated();
    let batched = one_writer(&store);
    store.poison("b", false);
    let first = post_soon(&batched, vec![give(account(1), "first", 10)]).await;
    store.has_begun().await;
    let before = post_soon(&batched, vec![take(account(1), "before", 1)]).await;
    let several = ["a", "b", "c"].map(|key| take(account(1), key, 1)).to_vec();
    let several = post_soon(&batched, several).await;
    let behind = post_soon(&batched, vec![take(account(1), "behind", 1)]).await;
    store.let_through(100);
    for good in [first, before, behind] {
        good.await.unwrap().unwrap();
    }
    assert!(matches!(several.await.unwrap(), Err(StoreError::Unexpected(_))));
    assert_eq!(store.recorded(), ["before", "behind", "first"].map(str::to_owned).into(), "nothing of it");
}

#[tokio::test(start_paused = true)]
async fn a_busy_store_is_asked_again_and_then_everybody_is_told() {
    for (busy, done) in [(3, true), (4, false)] {
        let store = Scripted::gated();
        let batched = one_writer(&store);
        let waiting = one_batch(&store, &batched, 3).await;
        for _ in 0..busy {
            store.then(Act::Fail(StoreError::Busy));
        }
        store.let_through(100);
        for end in ends(waiting).await {
            assert_eq!(end.is_ok(), done, "{end:?}");
            assert!(end.is_ok() || matches!(end, Err(StoreError::Busy)));
        }
        assert_eq!(batched.stats().retries, 3);
        assert_eq!(store.balance(account(1)), if done { 7 } else { 10 });
    }
}

#[tokio::test]
async fn while_the_database_is_away_everybody_is_told_at_once() {
    let store = Scripted::gated();
    let batched = one_writer(&store);
    let waiting = one_batch(&store, &batched, 3).await;
    store.then(Act::Fail(StoreError::Unavailable(Arc::new(std::io::Error::other("gone")))));
    store.let_through(100);
    for end in ends(waiting).await {
        assert!(matches!(end, Err(StoreError::Unavailable(_))), "{end:?}");
    }
    assert_eq!(store.sizes(), [1, 3], "nobody was tried alone");
    batched.post(vec![take(account(1), "later", 1)], now(0)).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_was_lost_is_found_under_the_keys() {
    let store = Scripted::gated();
    let batched = one_writer(&store);
    let waiting = one_batch(&store, &batched, 3).await;
    store.then(Act::LoseAnswer);
    store.let_through(100);
    let ends = ends(waiting).await;
    let left: Vec<_> = ends.iter().flat_map(|end| after(end.as_ref().unwrap())).collect();
    assert_eq!(left, [9, 8, 7]);
    let outcome = ends[0].as_ref().unwrap()[0].as_ref().unwrap();
    assert!(outcome.replayed, "the key had been seen: by the first look");
    assert_eq!((store.balance(account(1)), batched.stats().second_looks), (7, 1));
}

#[tokio::test]
async fn a_commit_that_was_lost_is_made_up_for() {
    let store = Scripted::gated();
    let batched = one_writer(&store);
    let waiting = one_batch(&store, &batched, 3).await;
    store.then(Act::LoseCommit);
    store.let_through(100);
    for end in ends(waiting).await {
        assert!(!end.unwrap()[0].as_ref().unwrap().replayed);
    }
    assert_eq!(store.balance(account(1)), 7);
}

#[tokio::test(start_paused = true)]
async fn a_database_that_comes_back_soon_settles_what_was_lost() {
    let store = Scripted::gated();
    let batched = one_writer(&store);
    let waiting = one_batch(&store, &batched, 3).await;
    store.then(Act::LoseAnswer);
    for _ in 0..3 {
        store.then(Act::Fail(StoreError::Unavailable(Arc::new(std::io::Error::other("starting up")))));
    }
    store.let_through(100);
    for end in ends(waiting).await {
        end.unwrap();
    }
    assert_eq!(store.balance(account(1)), 7);
}

#[tokio::test(start_paused = true)]
async fn what_a_second_look_cannot_settle_is_called_unknown() {
    let unavailable = || StoreError::Unavailable(Arc::new(std::io::Error::other("gone")));
    for second in [unknown(), StoreError::Busy, unavailable()] {
        let store = Scripted::gated();
        let batched = one_writer(&store);
        let waiting = one_batch(&store, &batched, 3).await;
        store.then(Act::LoseAnswer);
        for _ in 0..4 {
            store.then(Act::Fail(second.clone()));
        }
        store.let_through(100);
        for end in ends(waiting).await {
            assert!(matches!(end, Err(StoreError::OutcomeUnknown(_))), "{second:?}: {end:?}");
        }
        assert_eq!(store.balance(account(1)), 7, "it had been done");
    }
}

#[tokio::test]
async fn a_poisoned_call_behind_a_lost_answer_does_not_take_the_truth_from_its_neighbours() {
    let store = Scripted::gated();
    let batched = one_writer(&store);
    let waiting = one_batch(&store, &batched, 4).await;
    store.then(Act::LoseCommit);
    store.poison("s1", false);
    store.let_through(100);
    let ends = ends(waiting).await;
    let unknown: Vec<_> = ends.iter().map(|end| matches!(end, Err(StoreError::OutcomeUnknown(_)))).collect();
    assert_eq!(unknown, [false, true, false, false]);
    assert!(ends.iter().filter(|end| end.is_ok()).count() == 3);
}

#[tokio::test]
async fn a_store_that_forgets_an_outcome_is_not_believed() {
    let store = Scripted::open();
    let batched = one_writer(&store);
    store.then(Act::Miscount);
    let outcomes = batched.post(vec![give(account(1), "a", 5), take(account(1), "b", 2)], now(0)).await;
    assert_eq!(after(&outcomes.unwrap()), [5, 3], "asked again, it remembers");
}

#[tokio::test]
async fn of_a_call_that_was_done_in_part_nothing_is_claimed_and_the_rest_can_be_asked_for() {
    let store = Scripted::open();
    let batched = with(&store, BatchConfig { writers: 4, per_writer: 1, ..BatchConfig::default() });
    store.poison("3", false);
    let call: Vec<_> = (0..12).map(|number| give(account(number), &number.to_string(), 1)).collect();
    let end = batched.post(call.clone(), now(0)).await;
    let Err(StoreError::OutcomeUnknown(why)) = end else { panic!("{end:?}") };
    let done = store.recorded().len();
    assert_eq!(why.to_string(), format!("{done} of 12 postings were carried out"));
    assert!(why.source().is_some() && done < 12);

    let healed = Scripted::open();
    let batched = with(&healed, BatchConfig { writers: 4, per_writer: 1, ..BatchConfig::default() });
    healed.then(Act::Fail(StoreError::Unavailable(Arc::new(std::io::Error::other("gone")))));
    assert!(batched.post(call.clone(), now(0)).await.is_err());
    let again = batched.post(call, now(0)).await.unwrap();
    assert_eq!(after(&again), [1; 12], "nothing twice");
}

#[tokio::test]
async fn a_call_that_fails_everywhere_did_nothing() {
    let store = Scripted::open();
    let batched = with(&store, BatchConfig { writers: 2, per_writer: 1, ..BatchConfig::default() });
    for _ in 0..2 {
        store.then(Act::Fail(StoreError::Unavailable(Arc::new(std::io::Error::other("gone")))));
    }
    let call: Vec<_> = (0..12).map(|number| give(account(number), &number.to_string(), 1)).collect();
    let end = batched.post(call, now(0)).await;
    assert!(matches!(end, Err(StoreError::Unavailable(_))), "{end:?}");
}
