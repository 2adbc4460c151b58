//! What a check finds that was changed behind the ledger's back.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeSet;
use std::sync::Arc;

use billing_core::Billing;
use billing_core::ports::{AccountRef, AuditScope, BillingReads, LedgerAudit};
use billing_core::requests::VerifyLedger;
use billing_core::values::AccountId;
use billing_store::SqlStore;
use billing_store::testing::TestDatabase;
use billing_testkit::builders::{a_spend_request, an_adjustment, an_external_id, noon};
use billing_testkit::{ManualClock, SequentialIds};

/// An account that has used up one grant and not another, found sound.
async fn audited(database: &TestDatabase) -> (SqlStore, Billing, AccountId) {
    let store = SqlStore::connect(database.url(), 4, Arc::new(SequentialIds::new())).await.unwrap();
    let clock = Arc::new(ManualClock::at(noon()));
    let ids = Arc::new(SequentialIds::starting_at(1 << 40));
    let billing = Billing::builder(Arc::new(store.clone()), clock, ids).build();
    billing.adjust(an_adjustment("ada", 10, "first")).await.unwrap();
    billing.adjust(an_adjustment("ada", 100, "second")).await.unwrap();
    billing.spend(a_spend_request("ada", 30, "spent")).await.unwrap();
    let account = store.account(AccountRef::External(&an_external_id("ada"))).await.unwrap().unwrap().id;
    assert_eq!(found(&store, account, true).await, 0);
    (store, billing, account)
}

/// How many violations there are; an account without one is marked as sound.
async fn found(store: &SqlStore, account: AccountId, whole: bool) -> usize {
    let audited = store.audit(&[account], whole).await.unwrap().pop().unwrap();
    if audited.violations.is_empty() {
        store.keep_progress(vec![audited.mark]).await.unwrap();
    }
    audited.violations.len()
}

async fn on_both(test: impl AsyncFn(&TestDatabase)) {
    for database in [TestDatabase::sqlite().await, TestDatabase::postgres().await] {
        test(&database).await;
        database.remove().await;
    }
}

#[tokio::test]
async fn what_can_change_is_checked_by_a_check_that_goes_on() {
    on_both(async |database| {
        let (store, billing, account) = audited(database).await;
        // What is left of a grant stands in one of two places.
        database.execute("UPDATE grants SET remaining = remaining - 1 WHERE live").await;
        database.execute("UPDATE balances SET burning_left = burning_left - 1").await;
        billing.spend(a_spend_request("ada", 1, "again")).await.unwrap();
        assert!(found(&store, account, false).await > 0);
        assert!(found(&store, account, true).await > 0);
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_was_over_at_the_mark_is_checked_by_a_check_of_the_whole() {
    on_both(async |database| {
        let (store, billing, account) = audited(database).await;
        database.execute("UPDATE grants SET forfeited = 3 WHERE NOT live").await;
        billing.spend(a_spend_request("ada", 1, "again")).await.unwrap();
        assert_eq!(found(&store, account, false).await, 0, "it looks at what changed");
        assert!(found(&store, account, true).await > 0);
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_grant_that_a_later_entry_names_is_checked_though_it_is_over() {
    on_both(async |database| {
        let (store, billing, account) = audited(database).await;
        billing.spend(a_spend_request("ada", 80, "again")).await.unwrap();
        // Both grants are used up now, the second one by an entry after the mark.
        database.execute("UPDATE grants SET clawed = amount + 1").await;
        let audited = store.audit(&[account], false).await.unwrap().pop().unwrap();
        assert_eq!(audited.violations.len(), 1, "{:?}", audited.violations);
        assert_eq!(found(&store, account, true).await, 2);
        store.close().await;
    })
    .await;
}

/// One account whose rows cannot be read is frozen and told of; those behind it are checked all the same.
#[tokio::test]
async fn an_account_that_cannot_be_read_keeps_no_other_from_being_checked() {
    for (spoil, freezes) in [
        (
            "UPDATE entries SET allocations = substr(allocations, 1, 5) WHERE account_id = (SELECT min_id FROM spoiled)",
            true,
        ),
        ("UPDATE grants SET stage = 'nonsense' WHERE account_id = (SELECT min_id FROM spoiled)", true),
        ("UPDATE accounts SET metadata = 'nonsense' WHERE id = (SELECT min_id FROM spoiled)", false),
    ] {
        on_both(async |database| {
            let (store, billing, ada) = audited(database).await;
            for account in ["bob", "cyn"] {
                billing.adjust(an_adjustment(account, 10, account)).await.unwrap();
            }
            let first = "CREATE TABLE spoiled AS SELECT id AS min_id FROM accounts WHERE external_id = 'ada'";
            database.execute(first).await;
            database.execute(spoil).await;
            // What reads it first of all is in the way of spends too, but of nobody else's.
            let ask = VerifyLedger {
                scope: AuditScope::All,
                whole: true,
                freeze: true,
                after: None,
                limit: 10,
                parallel: 1,
            };
            let report = billing.verify_ledger(ask).await.unwrap();
            let accounts: BTreeSet<String> =
                report.violations.iter().map(|(account, _)| account.as_str().to_owned()).collect();
            assert_eq!((report.accounts, report.last), (3, None), "{spoil}");
            if freezes {
                assert_eq!(accounts, BTreeSet::from(["ada".to_owned()]), "{spoil}");
                assert!(store.account(AccountRef::Id(ada)).await.unwrap().unwrap().frozen.is_some());
            } else {
                assert!(accounts.len() <= 1, "{accounts:?}");
            }
            assert!(billing.spend(a_spend_request("bob", 1, "after")).await.is_ok());
            store.close().await;
        })
        .await;
    }
}
