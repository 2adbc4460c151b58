//! Connections that go silent: the other side takes what is sent and says nothing more.

use billing_store::testing::{Line, TestDatabase};
use billing_testkit::builders::an_adjustment;

use crate::world::{World, spend_of};

/// Gives everybody ten credits, and has them spend one at once, so that several connections are open.
async fn warm_up(world: &World, accounts: &[String]) {
    for account in accounts {
        world.billing.adjust(an_adjustment(account, 10, &format!("first-{account}"))).await.unwrap();
    }
    let spends: Vec<_> = accounts.iter().map(|account| world.spend(account, "warm")).collect();
    for spend in spends {
        spend.await.unwrap().unwrap();
    }
    let reads = accounts.iter().map(|account| world.balance(account));
    assert!(futures_util::future::join_all(reads).await.into_iter().all(|balance| balance.unwrap() == 9));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spend_on_a_silent_connection_holds_up_nobody_elses() {
    for writers in [1, 4] {
        let database = TestDatabase::postgres().await;
        let line = Line::to(database.url()).await;
        let world = World::start(line.url(), writers).await;
        let accounts: Vec<_> = (0..8).map(|number| format!("user-{number}")).collect();
        warm_up(&world, &accounts).await;
        line.silence_open_connections();
        let batches = world.batched.stats().batches;
        let victim = world.spend("user-0", "victim");
        while world.batched.stats().batches == batches {
            tokio::task::yield_now().await;
        }
        let (mut victims, mut meanwhile) = (1, 0);
        for account in &accounts[1..] {
            // With several writers, another connection that was open may be used before the first answer is late.
            while let Err(error) = world.billing.spend(spend_of(account, "other")).await {
                assert!(["unavailable", "outcome_unknown"].contains(&error.code()), "{error}");
                victims += 1;
            }
            assert_eq!(world.balance(account).await.unwrap(), 8);
            meanwhile += u32::from(!victim.is_finished());
        }
        assert!(victims <= writers, "{victims}");
        // Another writer's own connection may be silent, too: then its caller waits as the victim does.
        if writers == 1 {
            assert!(meanwhile > 0, "others are answered first");
        }
        // A second look may find on a new connection that nothing was done, and do it; or nobody knows.
        if let Err(error) = victim.await.unwrap() {
            assert_eq!(error.code(), "outcome_unknown");
        }
        world.billing.spend(spend_of("user-0", "victim")).await.unwrap();
        assert_eq!(
            world.balance("user-0").await.unwrap(),
            8,
            "the same key settles it, and it was done once"
        );
        world.close().await;
        drop(line);
        database.remove().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_on_a_silent_connection_is_told_so_and_holds_up_nobody_else() {
    let database = TestDatabase::postgres().await;
    let line = Line::to(database.url()).await;
    let world = World::start(line.url(), 1).await;
    let accounts: Vec<_> = (0..4).map(|number| format!("user-{number}")).collect();
    warm_up(&world, &accounts).await;
    line.silence_open_connections();
    let victim = {
        let billing = world.billing.clone();
        tokio::spawn(async move { billing.packs().await.map(drop) })
    };
    tokio::task::yield_now().await;
    // New accounts are written by the same pool. Connections of another pool may be used before an answer is late.
    let mut late = 0;
    for number in 0..6 {
        let account = format!("new-{number}");
        while world.billing.adjust(an_adjustment(&account, 1, "first")).await.is_err() {
            late += 1;
        }
        while world.balance(&account).await.is_err() {
            late += 1;
        }
        assert_eq!(world.balance(&account).await.unwrap(), 1);
    }
    assert!(late <= 2, "{late}");
    if let Err(error) = victim.await.unwrap() {
        assert_eq!(error.code(), "unavailable");
    }
    assert!(world.billing.packs().await.unwrap().is_empty());
    world.close().await;
    drop(line);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_says_nothing_at_all_is_told_and_found_again() {
    let database = TestDatabase::postgres().await;
    let line = Line::to(database.url()).await;
    let world = World::start(line.url(), 1).await;
    let accounts: Vec<_> = (0..3).map(|number| format!("user-{number}")).collect();
    warm_up(&world, &accounts).await;
    line.silence();
    let spends: Vec<_> = accounts.iter().map(|account| world.spend(account, "silent")).collect();
    assert!(world.balance("user-0").await.is_err());
    for spend in spends {
        let code = spend.await.unwrap().unwrap_err().code();
        assert!(["unavailable", "outcome_unknown"].contains(&code), "{code}");
    }
    line.restore();
    for account in &accounts {
        world.billing.spend(spend_of(account, "silent")).await.unwrap();
        assert_eq!(world.balance(account).await.unwrap(), 8);
    }
    world.close().await;
    drop(line);
    database.remove().await;
}
