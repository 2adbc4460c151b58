//! Many at once.

use std::collections::BTreeSet;

use crate::client::Backend;
use crate::process::{Setup, on_both};

#[tokio::test(flavor = "multi_thread")]
async fn of_64_spenders_at_once_exactly_as_many_succeed_as_can_be_paid() {
    on_both(async |setup: Setup| {
        let service = setup.start();
        let backend = Backend::of(&service);
        backend.give("alice", 40 * 7 + 3).await;
        let spends = (0..64).map(|number| {
            let backend = backend.clone();
            tokio::spawn(async move { backend.spend("alice", 7, &format!("spend-{number}")).await.unwrap() })
        });
        let mut answers = Vec::new();
        for spend in spends.collect::<Vec<_>>() {
            answers.push(spend.await.unwrap());
        }
        let done: BTreeSet<_> = answers
            .iter()
            .filter(|answer| answer.status == 200)
            .map(|answer| answer.body["data"]["balance"].as_i64())
            .collect();
        assert_eq!(done.len(), 40, "each success leaves another balance");
        assert_eq!(answers.iter().filter(|answer| answer.status == 402).count(), 24);
        assert_eq!(backend.balance("alice").await, 3);
        let history = backend.get("/credits/transactions?account_id=alice&limit=100").await;
        let sum: i64 = history.body["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line["amount"].as_i64().unwrap())
            .sum();
        assert_eq!(sum, 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_check_ins_at_once_one_brings_credits() {
    on_both(async |setup: Setup| {
        let service = setup.start();
        let backend = Backend::of(&service);
        let check_ins = (0..16).map(|_| {
            let backend = backend.clone();
            tokio::spawn(async move {
                backend.post("/checkin?account_id=alice", serde_json::json!({})).await.status
            })
        });
        let mut done = 0;
        for check_in in check_ins.collect::<Vec<_>>() {
            match check_in.await.unwrap() {
                200 => done += 1,
                status => assert_eq!(status, 409),
            }
        }
        assert_eq!((done, backend.balance("alice").await), (1, 10));
    })
    .await;
}
