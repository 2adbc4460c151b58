//! What is gathered, and in which order it is done.

use std::sync::Arc;

use billing_batch::BatchConfig;
use billing_core::ledger::Posting;
use billing_core::ports::LedgerStore;

use crate::scripted::{Scripted, account, after, give, now, one_writer, post_soon, take, with};

#[tokio::test]
async fn a_lone_caller_waits_for_nobody() {
    let store = Scripted::open();
    let batched = one_writer(&store);
    for number in 0..3 {
        batched.post(vec![give(account(1), &number.to_string(), 1)], now(0)).await.unwrap();
    }
    assert_eq!(store.sizes(), [1, 1, 1]);
    assert_eq!(batched.post(Vec::new(), now(0)).await.unwrap(), []);
    assert_eq!(store.sizes(), [1, 1, 1], "who asks for nothing is answered at once");
}

#[tokio::test]
async fn whoever_comes_during_a_commit_is_in_the_next_one() {
    let store = Scripted::gated();
    let batched = one_writer(&store);
    let first = post_soon(&batched, vec![give(account(1), "first", 100)]).await;
    store.has_begun().await;
    let mut waiting = Vec::new();
    for number in 0..5 {
        waiting.push(post_soon(&batched, vec![take(account(1), &number.to_string(), 10)]).await);
    }
    assert_eq!(batched.stats().waiting, 5);
    store.let_through(2);
    assert_eq!(after(&first.await.unwrap().unwrap()), [100]);
    let mut left = Vec::new();
    for one in waiting {
        left.extend(after(&one.await.unwrap().unwrap()));
    }
    assert_eq!(left, [90, 80, 70, 60, 50], "one account's postings are done in the order of arrival");
    assert_eq!(store.sizes(), [1, 5]);
    let stats = batched.stats();
    assert_eq!((stats.batches, stats.postings, stats.waiting), (2, 6, 0));
    assert_eq!((stats.batch_size.count(), stats.answer_micros.count()), (2, 6));
}

#[tokio::test]
async fn a_batch_has_as_many_postings_and_accounts_as_it_may() {
    for (config, sizes) in [
        (BatchConfig { batch_postings: 4, ..BatchConfig::default() }, [1, 4, 4, 1]),
        (BatchConfig { batch_accounts: 3, ..BatchConfig::default() }, [1, 3, 3, 3]),
    ] {
        let store = Scripted::gated();
        let batched = with(&store, BatchConfig { writers: 1, ..config });
        let mut waiting = vec![post_soon(&batched, vec![give(account(0), "first", 1)]).await];
        store.has_begun().await;
        for number in 1..=9 {
            waiting.push(post_soon(&batched, vec![give(account(number), &number.to_string(), 1)]).await);
        }
        store.let_through(4);
        for one in waiting {
            one.await.unwrap().unwrap();
        }
        assert_eq!(store.sizes(), sizes);
    }
}

#[tokio::test]
async fn a_call_that_is_larger_than_a_batch_goes_alone_and_whole() {
    let store = Scripted::gated();
    let config = BatchConfig { writers: 1, batch_postings: 4, batch_accounts: 4, ..BatchConfig::default() };
    let batched = with(&store, config);
    let first = post_soon(&batched, vec![give(account(0), "first", 1)]).await;
    store.has_begun().await;
    let before = post_soon(&batched, vec![give(account(0), "before", 1)]).await;
    let large = (0..9).map(|number| give(account(number), &format!("large-{number}"), 1)).collect();
    let large = post_soon(&batched, large).await;
    let behind = post_soon(&batched, vec![give(account(0), "behind", 1)]).await;
    store.let_through(4);
    for one in [first, before, large, behind] {
        one.await.unwrap().unwrap();
    }
    assert_eq!(store.sizes(), [1, 1, 9, 1]);
}

#[tokio::test]
async fn a_call_over_many_writers_is_answered_in_its_own_order() {
    let store = Scripted::open();
    let batched = with(&store, BatchConfig { writers: 4, per_writer: 1, ..BatchConfig::default() });
    // Two for each account, the second of which sees the first.
    let call = |round: i64| {
        (0..20).map(move |number| {
            let amount = i64::try_from(number).unwrap() + round;
            give(account(number), &format!("{round}-{number}"), amount)
        })
    };
    let outcomes = batched.post(call(0).chain(call(1)).collect(), now(0)).await.unwrap();
    let expected: Vec<i64> = (0..20).chain((0..20).map(|number| 2 * number + 1)).collect();
    assert_eq!(after(&outcomes), expected);
    assert!(store.sizes().len() > 1, "the accounts were spread");
    let accounts: Vec<_> = outcomes.iter().map(|outcome| outcome.as_ref().unwrap().account).collect();
    assert_eq!(accounts, (0..20).chain(0..20).map(account).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_batch_leaves_what_its_postings_one_by_one_would_leave() {
    let calls: Vec<Vec<Posting>> = (0..60_u128)
        .map(|number| {
            let (own, key) = (account(number % 5), number.to_string());
            match number % 4 {
                0 => vec![give(own, &key, 7)],
                1 => vec![take(own, &key, 5), take(account(number % 3), &key, 4)],
                2 => vec![take(own, &key, 9)],
                // Under a key that was there before.
                _ => vec![take(own, &(number - 1).to_string(), 9)],
            }
        })
        .collect();
    let alone = Scripted::open();
    let mut expected = Vec::new();
    for call in &calls {
        expected.push(alone.post(call.clone(), now(0)).await.unwrap());
    }
    // In one lane, so that nothing overtakes: each call also takes nothing from somebody else.
    let store = Scripted::gated();
    let batched = one_writer(&store);
    let nobody = |number: usize| take(account(99), &format!("nobody-{number}"), 0);
    let mut waiting = vec![post_soon(&batched, vec![nobody(1000)]).await];
    store.has_begun().await;
    for (number, call) in calls.iter().enumerate() {
        let call = call.iter().cloned().chain([nobody(number)]).collect();
        waiting.push(post_soon(&batched, call).await);
    }
    store.let_through(2);
    let mut outcomes = Vec::new();
    for one in waiting {
        let mut own = one.await.unwrap().unwrap();
        own.pop();
        outcomes.push(own);
    }
    assert_eq!(outcomes[1..], expected);
    assert!((0..5).all(|number| store.balance(account(number)) == alone.balance(account(number))));
    assert_eq!(store.sizes().len(), 2);
}

#[tokio::test]
async fn a_batch_is_done_at_the_latest_moment_of_its_callers() {
    let store = Scripted::gated();
    let batched = one_writer(&store);
    let first = post_soon(&batched, vec![give(account(1), "first", 1)]).await;
    store.has_begun().await;
    let late = {
        let batched = batched.clone();
        tokio::spawn(async move { batched.post(vec![give(account(1), "late", 1)], now(9)).await })
    };
    tokio::task::yield_now().await;
    let early = post_soon(&batched, vec![give(account(2), "early", 1)]).await;
    store.let_through(2);
    for one in [first, late, early] {
        one.await.unwrap().unwrap();
    }
    assert_eq!(store.nows(), [now(0), now(9)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_on_other_runtimes_are_answered() {
    let store = Scripted::open();
    let batched = one_writer(&store);
    let workers = (0..3_u128).map(|worker| {
        let batched = batched.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            for number in 0..20 {
                let call = vec![give(account(worker), &number.to_string(), 1)];
                runtime.block_on(batched.post(call, now(0))).unwrap();
            }
        })
    });
    let workers: Vec<_> = workers.collect();
    tokio::task::spawn_blocking(|| workers.into_iter().for_each(|worker| worker.join().unwrap()))
        .await
        .unwrap();
    assert!((0..3).all(|worker| store.balance(account(worker)) == 20));
    assert_eq!(Arc::strong_count(&batched), 1);
}
