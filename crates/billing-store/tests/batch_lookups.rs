//! A request about many accounts looks them up together.

use std::sync::Arc;

use billing_core::ledger::{Actor, Source};
use billing_core::requests::{ImportCredits, ImportRow};
use billing_core::values::Credits;
use billing_core::{Billing, BillingError};
use billing_store::SqlStore;
use billing_store::testing::{Recorder, TestDatabase};
use billing_testkit::builders::{a_spend_request, an_adjustment, an_external_id, noon, request_key};
use billing_testkit::{ManualClock, SequentialIds};

const ACCOUNTS: usize = 40;

fn start(store: &SqlStore, first_id: u64) -> Billing {
    let clock = Arc::new(ManualClock::at(noon()));
    Billing::builder(Arc::new(store.clone()), clock, Arc::new(SequentialIds::starting_at(first_id))).build()
}

/// How often accounts were looked up since the last call.
fn lookups(recorder: &Recorder) -> usize {
    let of_accounts = |sql: &&String| sql.starts_with("SELECT") && sql.contains("FROM \"accounts\"");
    recorder.sent().iter().filter(of_accounts).count()
}

#[tokio::test]
async fn a_batch_of_spends_and_an_import_look_their_accounts_up_once() {
    let database = TestDatabase::sqlite().await;
    let store = SqlStore::connect(database.url(), 4, Arc::new(SequentialIds::new())).await.unwrap();
    let (store, recorder) = store.recorded();
    let name = |number: usize| format!("user_{number}");
    let before = start(&store, 1 << 40);
    for number in 0..ACCOUNTS {
        before.adjust(an_adjustment(&name(number), 10, &format!("gift_{number}"))).await.unwrap();
    }
    lookups(&recorder);

    // A process that has seen none of them. Some are asked for twice, and some are nobody's.
    let billing = start(&store, 1 << 41);
    let spends = (0..2 * ACCOUNTS + 5).map(|number| {
        let account = if number < 2 * ACCOUNTS { name(number % ACCOUNTS) } else { "nobody".to_owned() };
        a_spend_request(&account, 1, "batch")
    });
    let spent = billing.spend_many(&request_key("batch"), spends.collect()).await.unwrap();
    assert_eq!(lookups(&recorder), 1);
    assert!(spent[..2 * ACCOUNTS].iter().all(Result::is_ok));
    assert!(spent[2 * ACCOUNTS..].iter().all(|one| matches!(one, Err(BillingError::AccountNotFound(_)))));

    let billing = start(&store, 1 << 42);
    let rows = (0..ACCOUNTS).map(|number| ImportRow {
        key: request_key(&format!("row_{number}")),
        account: an_external_id(&name(number)),
        amount: Credits::new(1),
        source: Source::Manual,
        priority: 0,
        expires_at: None,
        description: "Moved".to_owned(),
    });
    let actor = Actor::Operator("test".to_owned());
    billing.import(ImportCredits { rows: rows.collect(), actor, dry_run: false }).await.unwrap();
    assert_eq!(lookups(&recorder), 1);
    store.close().await;
    database.remove().await;
}
