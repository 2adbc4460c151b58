//! Changes by time are written by each read, and by a job for accounts without reads.

use billing_core::Job;
use billing_core::ledger::Stage;
use billing_core::ports::{AccountRef, BillingReads, BillingStore, EntryFilter, LedgerReads, StoreError};
use billing_core::requests::{AdjustCredits, JobReport, ListEntries};
use billing_testkit::builders::{an_adjustment, an_external_id, noon, page};

use super::shop::Shop;

/// Grants credits that end in `seconds`.
async fn give(shop: &Shop, account: &str, seconds: i64) {
    let expires_at = Some(noon().plus_seconds(seconds));
    let ask = AdjustCredits { expires_at, ..an_adjustment(account, 10, &format!("k{seconds}")) };
    shop.billing.adjust(ask).await.unwrap();
}

/// The types of all stored entries, newest first.
async fn stored(shop: &Shop) -> Vec<String> {
    let all = shop.store.all_entries(&EntryFilter::default(), &page(100, 0)).await.unwrap();
    all.items.iter().map(|(_, entry)| entry.kind.as_str().to_owned()).collect()
}

fn done(done: u32, failed: u32) -> JobReport {
    JobReport { done, failed, ..JobReport::default() }
}

async fn freeze(shop: &Shop, name: &str) {
    let account = shop.store.account(AccountRef::External(&an_external_id(name))).await.unwrap().unwrap();
    let frozen = billing_core::accounts::Account { frozen: Some("an audit".to_owned()), ..account };
    let changes = billing_core::changes::Changes { accounts: vec![frozen], ..Default::default() };
    shop.store.commit(changes, noon()).await.unwrap();
}

#[tokio::test]
async fn what_expired_is_written_down_though_nobody_looks() {
    let shop = Shop::open().await;
    give(&shop, "ada", 60).await;
    give(&shop, "bob", 120).await;
    assert_eq!(shop.billing.run_due(Job::Expiry).await.unwrap(), done(0, 0));
    shop.clock.advance(60);
    assert_eq!(shop.billing.run_due(Job::Expiry).await.unwrap(), done(1, 0));
    assert_eq!(stored(&shop).await, ["expiry", "adjustment", "adjustment"]);
    assert_eq!(shop.billing.run_due(Job::Expiry).await.unwrap(), done(0, 0));
    shop.clock.advance(86_400);
    assert_eq!(shop.billing.run_due(Job::Expiry).await.unwrap(), done(1, 0));
    assert_eq!((shop.balance("ada").await, shop.balance("bob").await), (0, 0));
    shop.is_sound("ada").await;
    shop.is_sound("bob").await;
}

#[tokio::test]
async fn many_accounts_are_taken_in_turns() {
    let shop = Shop::open().await;
    for number in 0..250 {
        give(&shop, &format!("a{number}"), 60).await;
    }
    shop.clock.advance(60);
    for count in [200, 50, 0] {
        assert_eq!(shop.billing.run_due(Job::Expiry).await.unwrap(), done(count, 0));
    }
}

#[tokio::test]
async fn one_account_that_cannot_be_read_does_not_stop_the_others() {
    let shop = Shop::open().await;
    for name in ["ada", "bob", "eve"] {
        give(&shop, name, 60).await;
    }
    freeze(&shop, "eve").await;
    shop.clock.advance(60);
    // The whole batch fails, then the first account alone.
    for _ in 0..2 {
        shop.store.fail_next_write(StoreError::Corrupt("a row".to_owned()));
    }
    assert_eq!(shop.billing.run_due(Job::Expiry).await.unwrap(), done(1, 1));
    assert_eq!(shop.billing.run_due(Job::Expiry).await.unwrap(), done(0, 0), "it is passed over for a while");
    shop.clock.advance(30);
    assert_eq!(shop.billing.run_due(Job::Expiry).await.unwrap(), done(1, 0));
}

#[tokio::test]
async fn a_store_that_fails_for_all_ends_the_run_and_reschedules_nothing() {
    let shop = Shop::open().await;
    give(&shop, "ada", 60).await;
    shop.clock.advance(60);
    // The batch, the account alone, and the record of its failure.
    for _ in 0..3 {
        shop.store.fail_next_write(StoreError::Busy);
    }
    assert_eq!(shop.billing.run_due(Job::Expiry).await.unwrap_err().code(), "unavailable");
    assert_eq!(shop.billing.run_due(Job::Expiry).await.unwrap(), done(1, 0));
}

#[tokio::test]
async fn a_list_has_what_time_has_done_up_to_now() {
    let shop = Shop::open().await;
    let ada = an_external_id("ada");
    give(&shop, "ada", 60).await;
    shop.clock.advance(60);
    let wanted =
        || ListEntries { account: Some(ada.clone()), filter: EntryFilter::default(), page: page(10, 0) };
    // If the write fails, the persisted state is served.
    shop.store.fail_next_write(StoreError::Overloaded);
    assert_eq!(shop.billing.entries(wanted()).await.unwrap().items.len(), 1);
    let listed = shop.billing.entries(wanted()).await.unwrap().items;
    assert_eq!((listed[0].1.kind.as_str(), listed[0].1.effective_at), ("expiry", noon().plus_seconds(60)));

    give(&shop, "bob", 120).await;
    shop.clock.advance(60);
    let grants = shop.billing.grants(&an_external_id("bob"), &page(10, 0)).await.unwrap().items;
    assert_eq!((grants[0].stage, grants[0].remaining.get()), (Stage::Expired, 0));
    assert_eq!(shop.billing.run_due(Job::Expiry).await.unwrap(), done(0, 0), "it is written");

    // A used-up grant has no entry for its end, and has ended nevertheless.
    give(&shop, "carl", 180).await;
    shop.billing.adjust(an_adjustment("carl", -10, "all")).await.unwrap();
    shop.clock.advance(60);
    let grants = shop.billing.grants(&an_external_id("carl"), &page(10, 0)).await.unwrap().items;
    assert_eq!(grants[0].stage, Stage::Expired);
}

#[tokio::test]
async fn a_frozen_accounts_lists_show_what_is_written() {
    let shop = Shop::open().await;
    give(&shop, "ada", 60).await;
    freeze(&shop, "ada").await;
    shop.clock.advance(60);
    let grants = shop.billing.grants(&an_external_id("ada"), &page(10, 0)).await.unwrap().items;
    assert_eq!((grants[0].stage, grants[0].remaining.get()), (Stage::Expired, 10));
    assert_eq!(stored(&shop).await, ["adjustment"]);
    assert_eq!(shop.billing.run_due(Job::Expiry).await.unwrap(), done(0, 0));
}
