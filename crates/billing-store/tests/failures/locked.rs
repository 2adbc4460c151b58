//! Rows that another transaction keeps locked.

use billing_core::changes::Changes;
use billing_core::ports::{AccountRef, BillingReads, BillingStore, CommitError, StoreError};
use billing_core::requests::Spend;
use billing_core::values::Credits;
use billing_store::testing::TestDatabase;
use billing_testkit::builders::{an_adjustment, an_external_id, noon};

use crate::world::{Second, World, code, spend_of};

const OTHERS: usize = 12;

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_account_delays_its_own_callers_only() {
    for writers in [1, 4] {
        for table in ["balances", "grants"] {
            let database = TestDatabase::postgres().await;
            let world = World::start(database.url(), writers).await;
            for number in 0..=OTHERS {
                let account = format!("user-{number}");
                world.billing.adjust(an_adjustment(&account, 10, &format!("first-{number}"))).await.unwrap();
            }
            let lock = database.lock_rows(table, "user-0").await;
            for round in 0..3 {
                let key = format!("spend-{round}");
                let held_up = world.carry_out(a_spend_that_writes(table, &key));
                let others: Vec<_> =
                    (1..=OTHERS).map(|number| world.spend(&format!("user-{number}"), &key)).collect();
                for other in others {
                    other.await.unwrap().unwrap();
                }
                assert!(!held_up.is_finished(), "the others were answered first");
                assert_eq!(code(held_up.await.unwrap()), "lock_timeout");
            }
            // It can be read all the while.
            assert_eq!(world.balance("user-0").await.unwrap(), 10);
            lock.release().await;
            for round in 0..3 {
                let again = a_spend_that_writes(table, &format!("spend-{round}"));
                let done = world.billing.spend(again).await.unwrap();
                assert!(!done.replayed, "nothing was written, and the same key is free");
            }
            assert_eq!(world.balance("user-0").await.unwrap(), 7);
            world.close().await;
            database.remove().await;
        }
    }
}

/// A spend of `user-0` that writes to its row of `table`: an ordinary one leaves the row of the grant that it draws on
/// alone, one of usage that is reported late does not.
fn a_spend_that_writes(table: &str, key: &str) -> Spend {
    let spend = spend_of("user-0", key);
    Spend { occurred_at: (table == "grants").then(noon), ..spend }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_grant_holds_up_nobody_who_spends_a_part_of_it() {
    let database = TestDatabase::postgres().await;
    let world = World::start(database.url(), 1).await;
    world.billing.adjust(an_adjustment("user-0", 10, "first")).await.unwrap();
    let lock = database.lock_rows("grants", "user-0").await;
    for key in ["one", "two"] {
        world.billing.spend(spend_of("user-0", key)).await.unwrap();
    }
    lock.release().await;
    assert_eq!(world.balance("user-0").await.unwrap(), 8);
    world.close().await;
    database.remove().await;
}

/// An operator's DDL, say: everybody is concerned, and everybody is told the same.
#[tokio::test(flavor = "multi_thread")]
async fn callers_of_a_locked_table_are_told_so() {
    let database = TestDatabase::postgres().await;
    let world = World::start(database.url(), 1).await;
    let accounts: Vec<_> = (0..6).map(|number| format!("user-{number}")).collect();
    for account in &accounts {
        world.billing.adjust(an_adjustment(account, 10, &format!("first-{account}"))).await.unwrap();
    }
    let second = Second::look_at(database.url()).await;
    second.run("BEGIN; LOCK TABLE balances IN ACCESS EXCLUSIVE MODE").await;
    let spends: Vec<_> = accounts.iter().map(|account| world.spend(account, "spend")).collect();
    for spend in spends {
        assert_eq!(code(spend.await.unwrap()), "lock_timeout");
    }
    second.run("ROLLBACK").await;
    for account in &accounts {
        assert!(!world.billing.spend(spend_of(account, "spend")).await.unwrap().replayed);
    }
    second.close().await;
    world.close().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_meets_a_locked_account_is_told_so_and_others_go_on() {
    let database = TestDatabase::postgres().await;
    let world = World::start(database.url(), 1).await;
    for account in ["ada", "bob"] {
        world.billing.adjust(an_adjustment(account, 10, account)).await.unwrap();
    }
    let lock = database.lock_rows("balances", "ada").await;
    let adjust = |account: &str| {
        let (billing, adjustment) = (world.billing.clone(), an_adjustment(account, 1, "more"));
        tokio::spawn(async move { billing.adjust(adjustment).await.map(drop) })
    };
    let held_up = adjust("ada");
    adjust("bob").await.unwrap().unwrap();
    assert!(!held_up.is_finished());
    assert_eq!(code(held_up.await.unwrap()), "lock_timeout");
    lock.release().await;
    adjust("ada").await.unwrap().unwrap();
    assert_eq!(world.balance("ada").await.unwrap(), 11);
    world.close().await;
    database.remove().await;
}

/// However many commits want a locked account: they do not keep the connections that others need.
#[tokio::test(flavor = "multi_thread")]
async fn many_commits_that_meet_a_locked_account_hold_up_nobody_else() {
    for table in ["accounts", "balances"] {
        let database = TestDatabase::postgres().await;
        let world = World::start(database.url(), 1).await;
        for account in ["ada", "bob"] {
            world.billing.adjust(an_adjustment(account, 10, account)).await.unwrap();
        }
        let account = async |name: &str| {
            world.store.account(AccountRef::External(&an_external_id(name))).await.unwrap().unwrap()
        };
        let (mut ada, mut bob) = (account("ada").await, account("bob").await);
        // What the ledger goes by, so that its row has to be written as well.
        ada.overdraft_limit = Credits::new(5);
        let lock = database.lock_rows(table, "ada").await;
        let victims: Vec<_> = (0..20)
            .map(|_| {
                let (store, accounts) = (world.store.clone(), vec![ada.clone()]);
                tokio::spawn(
                    async move { store.commit(Changes { accounts, ..Changes::default() }, noon()).await },
                )
            })
            .collect();
        for _ in 0..5 {
            let health = world.store.health().await.unwrap();
            assert!(health.migrated && health.writable);
            assert!(world.billing.packs().await.unwrap().is_empty());
            let changes = Changes { accounts: vec![bob.clone()], ..Changes::default() };
            world.store.commit(changes, noon()).await.unwrap();
            bob.version += 1;
        }
        assert!(!victims.iter().any(tokio::task::JoinHandle::is_finished), "the others were answered first");
        for victim in victims {
            let ended = victim.await.unwrap();
            assert!(matches!(ended, Err(CommitError::Store(StoreError::LockTimeout { .. }))), "{ended:?}");
        }
        lock.release().await;
        world.store.commit(Changes { accounts: vec![ada], ..Changes::default() }, noon()).await.unwrap();
        world.close().await;
        database.remove().await;
    }
}

/// A sibling that is frozen in mid transaction says nothing more; the server ends its session and frees its locks
/// while the callers still wait.
#[tokio::test(flavor = "multi_thread")]
async fn the_locks_of_a_frozen_sibling_are_freed_before_callers_give_up() {
    let database = TestDatabase::postgres().await;
    let (world, sibling) =
        (World::start(database.url(), 1).await, World::starting_at(database.url(), 1, 1).await);
    world.billing.adjust(an_adjustment("ada", 10, "first")).await.unwrap();
    let frozen = sibling.store.freeze_with_lock("balances").await;
    world.billing.spend(spend_of("ada", "spend")).await.unwrap();
    drop(frozen);
    assert_eq!(world.balance("ada").await.unwrap(), 9);
    sibling.close().await;
    world.close().await;
    database.remove().await;
}
