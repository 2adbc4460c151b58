//! What others do between the look and the write.

use billing_core::ledger::{Charge, Command, Outcome, PlaceHold, Refusal, audit};
use billing_core::ports::{BalanceReads, LedgerReads, LedgerStore};
use billing_core::values::{Credits, Metadata};
use billing_store::testing::TestDatabase;
use billing_testkit::builders::{a_posting, a_spend, at, noon};
use sea_orm::ConnectionTrait;

use super::{a_process, all_wait, fifty_credits, other, somebody_waits};

/// What becomes of a spend of ten, if `change` is made, and ended with `end`, after it was decided on and before
/// it is written.
async fn a_spend_meets(change: &str, end: &str) -> Outcome {
    let database = TestDatabase::postgres().await;
    let store = a_process(&database, 0).await;
    let account = fifty_credits(&store).await;
    let (other, observer) = (other(&database).await, other(&database).await);
    other.execute_unprepared(&format!("BEGIN; UPDATE balances SET {change}")).await.unwrap();
    let spending = tokio::spawn({
        let store = store.clone();
        async move { store.post(vec![a_spend(account, "lunch", 10)], noon()).await.unwrap().remove(0) }
    });
    somebody_waits(&observer).await;
    other.execute_unprepared(end).await.unwrap();
    let outcome = spending.await.unwrap();
    let kept = store.balance(account).await.unwrap().unwrap();
    let taken = i64::from(outcome.is_ok()) * 10;
    assert_eq!(kept.posted.get(), 50 - taken, "{change}");
    // As the account's own row says.
    other.execute_unprepared("UPDATE balances SET frozen = false, enabled = true").await.unwrap();
    assert_eq!(audit::check(&store.history(account).await.unwrap().unwrap()), []);
    for connection in [other, observer] {
        connection.close().await.unwrap();
    }
    store.close().await;
    database.remove().await;
    outcome
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_frozen_in_between_spends_nothing() {
    assert_eq!(a_spend_meets("frozen = true", "COMMIT").await, Err(Refusal::AccountFrozen));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_loses_its_credits_in_between_spends_nothing() {
    assert_eq!(a_spend_meets("enabled = false", "COMMIT").await, Err(Refusal::CreditsDisabled));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_only_touched_in_between_spends_after_all() {
    let posted = a_spend_meets("seq = seq", "COMMIT").await.unwrap();
    assert_eq!((posted.available.get(), posted.replayed), (40, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_in_between_is_not_spent() {
    let database = TestDatabase::postgres().await;
    let (one, two) = (a_process(&database, 0).await, a_process(&database, 1 << 32).await);
    let account = fifty_credits(&one).await;
    let (other, observer) = (other(&database).await, other(&database).await);
    let hold = PlaceHold {
        charge: Charge::Credits(Credits::new(45)),
        expires_at: at("2026-04-15T13:00:00Z"),
        description: "Render a film".to_owned(),
        metadata: Metadata::default(),
    };
    // The hold has locked the account, and waits to be written.
    other.execute_unprepared("BEGIN; LOCK TABLE holds").await.unwrap();
    let holding = tokio::spawn(async move {
        (two.post(vec![a_posting(account, "job", vec![Command::Hold(hold)])], noon()).await.unwrap(), two)
    });
    somebody_waits(&observer).await;
    let spending = tokio::spawn({
        let one = one.clone();
        async move { one.post(vec![a_spend(account, "lunch", 10)], noon()).await.unwrap().remove(0) }
    });
    all_wait(&observer, 2).await;
    other.execute_unprepared("COMMIT").await.unwrap();
    let (outcomes, two) = holding.await.unwrap();
    assert!(outcomes.first().unwrap().is_ok(), "{outcomes:?}");
    let spent = spending.await.unwrap();
    assert!(
        matches!(spent, Err(Refusal::InsufficientCredits { available, .. }) if available.get() == 5),
        "{spent:?}"
    );
    assert_eq!(audit::check(&one.history(account).await.unwrap().unwrap()), []);
    for connection in [other, observer] {
        connection.close().await.unwrap();
    }
    for store in [one, two] {
        store.close().await;
    }
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_takes_back_was_never_there() {
    let posted = a_spend_meets("frozen = true", "ROLLBACK").await.unwrap();
    assert_eq!((posted.available.get(), posted.replayed), (40, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repetition_is_answered_as_before_also_beside_new_spends_and_refusals() {
    let database = TestDatabase::postgres().await;
    let store = a_process(&database, 0).await;
    let account = fifty_credits(&store).await;
    let first = store.post(vec![a_spend(account, "lunch", 40)], noon()).await.unwrap().remove(0).unwrap();

    // Decided on anew it would be refused, and nothing of it written.
    let batch = vec![a_spend(account, "lunch", 40), a_spend(account, "dinner", 40)];
    let mut outcomes = store.post(batch, noon()).await.unwrap();
    assert!(matches!(outcomes.remove(1), Err(Refusal::InsufficientCredits { .. })));
    let again = outcomes.remove(0).unwrap();
    assert!(again.replayed);
    assert_eq!((again.entries, again.available), (first.entries, first.available));

    // Decided on anew it would be carried out.
    let batch = vec![a_spend(account, "tea", 1), a_spend(account, "lunch", 40), a_spend(account, "tea", 1)];
    let outcomes = store.post(batch, noon()).await.unwrap();
    let replayed: Vec<_> =
        outcomes.iter().map(|outcome| outcome.as_ref().is_ok_and(|done| done.replayed)).collect();
    assert_eq!(replayed, [false, true, true]);
    assert_eq!(store.balance(account).await.unwrap().unwrap().posted.get(), 9);
    assert_eq!(audit::check(&store.history(account).await.unwrap().unwrap()), []);
    store.close().await;
    database.remove().await;
}
