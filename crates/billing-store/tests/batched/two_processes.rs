//! Two services on one database, each with its own writers.

use std::collections::BTreeSet;
use std::sync::Arc;

use billing_core::changes::Changes;
use billing_core::ledger::{Outcome, Posting, audit};
use billing_core::ports::{BillingStore, LedgerReads, LedgerStore};
use billing_core::values::AccountId;
use billing_store::SqlStore;
use billing_store::testing::TestDatabase;
use billing_testkit::builders::{a_grant, a_spend, an_account, noon};
use billing_testkit::{Decorated, SequentialIds};
use futures_util::future::join_all;

use crate::runner::writers;

/// One of the two; its ids are its own.
async fn process(database: &TestDatabase, number: u64) -> (SqlStore, Arc<Decorated>) {
    let ids = Arc::new(SequentialIds::starting_at(1 + (number << 32)));
    let store = SqlStore::connect(database.url(), 8, ids).await.unwrap();
    (store.clone(), Arc::new(writers(Arc::new(store), 2)))
}

/// All of `calls` at the same time, those of even number through one process and the others through the other.
async fn optimistic(processes: [&Arc<Decorated>; 2], calls: Vec<Vec<Posting>>) -> Vec<Vec<Outcome>> {
    let calls = calls.into_iter().enumerate().map(|(number, call)| {
        let process = processes[number % 2].clone();
        tokio::spawn(async move { process.post(call, noon()).await.unwrap() })
    });
    join_all(calls.collect::<Vec<_>>()).await.into_iter().map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_services_on_one_database_neither_overspend_nor_do_anything_twice() {
    for database in [TestDatabase::sqlite().await, TestDatabase::postgres().await] {
        let (store, one) = process(&database, 0).await;
        let (other_store, two) = process(&database, 1).await;
        let ids = SequentialIds::starting_at(1 << 48);
        let accounts: Vec<_> = (0..4).map(|number| an_account(&format!("account-{number}"), &ids)).collect();
        let ids: Vec<AccountId> = accounts.iter().map(|account| account.id).collect();
        store.commit(Changes { accounts, ..Changes::default() }, noon()).await.unwrap();
        let gifts = ids.iter().map(|account| vec![a_grant(*account, "opening", 50)]).collect();
        optimistic([&one, &two], gifts).await;

        // Every key comes twice, once through each; 80 different ones an account, of which 50 can be paid.
        let keys = (0..320).map(|number| a_spend(ids[number % 4], &format!("spend-{}", number / 4), 1));
        let twice = keys.flat_map(|spend| [vec![spend.clone()], vec![spend]]).collect();
        let outcomes = optimistic([&one, &two], twice).await;
        let done: BTreeSet<_> = outcomes
            .iter()
            .flatten()
            .flatten()
            .map(|posted| (posted.account, posted.entries[0].seq))
            .collect();
        assert_eq!(done.len(), 200, "fifty spends of each of four accounts");
        for account in &ids {
            let history = store.history(*account).await.unwrap().unwrap();
            assert_eq!(history.kept.balance.posted.get(), 0);
            assert_eq!(audit::check(&history), []);
        }
        for store in [store, other_store] {
            store.close().await;
        }
        database.remove().await;
    }
}
