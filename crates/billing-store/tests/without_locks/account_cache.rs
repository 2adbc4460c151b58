//! What others did since this process wrote to an account.

use billing_core::ledger::{Command, GrantCredits, Refusal, audit};
use billing_core::ports::{LedgerReads, LedgerStore};
use billing_core::values::AccountId;
use billing_store::SqlStore;
use billing_store::testing::TestDatabase;
use billing_testkit::builders::{a_grant, a_posting, a_spend, at, give, noon};
use sea_orm::ConnectionTrait;

use super::{a_process, fifty_credits, other, somebody_waits};

/// What is left after a spend, or how it was refused.
async fn spend(store: &SqlStore, account: AccountId, key: &str, amount: i64) -> Result<i64, Refusal> {
    let outcome = store.post(vec![a_spend(account, key, amount)], noon()).await.unwrap().remove(0);
    outcome.map(|posted| posted.available.get())
}

async fn in_order(store: &SqlStore, account: AccountId) {
    assert_eq!(audit::check(&store.history(account).await.unwrap().unwrap()), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_spends_again_does_not_look_again() {
    let database = TestDatabase::postgres().await;
    let store = a_process(&database, 0).await;
    let account = fifty_credits(&store).await;
    let (other, observer) = (other(&database).await, other(&database).await);
    let mut first_words = Vec::new();
    for key in ["breakfast", "lunch"] {
        other.execute_unprepared("BEGIN; LOCK TABLE balances").await.unwrap();
        let spending = tokio::spawn({
            let store = store.clone();
            async move { spend(&store, account, key, 10).await }
        });
        first_words.push(somebody_waits(&observer).await);
        other.execute_unprepared("COMMIT").await.unwrap();
        spending.await.unwrap().unwrap();
    }
    let looks: Vec<bool> = first_words.iter().map(|query| query.trim_start().starts_with("SELECT")).collect();
    assert_eq!(looks, [true, false], "{first_words:?}");
    in_order(&store, account).await;
    for connection in [other, observer] {
        connection.close().await.unwrap();
    }
    store.close().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_gave_or_took_counts_for_the_next_spend() {
    let database = TestDatabase::postgres().await;
    let (one, other) = (a_process(&database, 0).await, a_process(&database, 1 << 32).await);
    let account = fifty_credits(&one).await;
    assert_eq!(spend(&one, account, "1", 10).await, Ok(40));
    other.post(vec![a_grant(account, "more", 100)], noon()).await.unwrap();
    assert_eq!(spend(&one, account, "2", 130).await, Ok(10));
    assert_eq!(spend(&other, account, "3", 6).await, Ok(4));
    assert!(matches!(
        spend(&one, account, "4", 10).await,
        Err(Refusal::InsufficientCredits { available, .. }) if available.get() == 4
    ));
    assert_eq!(spend(&one, account, "5", 4).await, Ok(0));
    // Both would have it that nothing is left, and one of them would be wrong.
    other.post(vec![a_grant(account, "again", 5)], noon()).await.unwrap();
    assert_eq!(spend(&one, account, "6", 5).await, Ok(0));
    in_order(&one, account).await;
    for store in [one, other] {
        store.close().await;
    }
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_was_frozen_or_lost_its_credits_since_spends_nothing() {
    let database = TestDatabase::postgres().await;
    let store = a_process(&database, 0).await;
    let account = fifty_credits(&store).await;
    let other = other(&database).await;
    assert_eq!(spend(&store, account, "1", 10).await, Ok(40));
    other.execute_unprepared("UPDATE balances SET frozen = true").await.unwrap();
    assert_eq!(spend(&store, account, "2", 10).await, Err(Refusal::AccountFrozen));
    other.execute_unprepared("UPDATE balances SET frozen = false").await.unwrap();
    assert_eq!(spend(&store, account, "3", 10).await, Ok(30));
    other.execute_unprepared("UPDATE balances SET enabled = false").await.unwrap();
    assert_eq!(spend(&store, account, "4", 10).await, Err(Refusal::CreditsDisabled));
    // As the account's own row says.
    other.execute_unprepared("UPDATE balances SET enabled = true").await.unwrap();
    in_order(&store, account).await;
    other.close().await.unwrap();
    store.close().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_grants_than_are_remembered_are_spent_one_after_the_other() {
    let database = TestDatabase::postgres().await;
    let store = a_process(&database, 0).await;
    let account = fifty_credits(&store).await;
    for number in 0..12 {
        store.post(vec![a_grant(account, &format!("small-{number}"), 1)], noon()).await.unwrap();
    }
    for number in 0..62 {
        assert_eq!(spend(&store, account, &format!("{number}"), 1).await, Ok(61 - number));
    }
    assert!(spend(&store, account, "one-too-many", 1).await.is_err());
    in_order(&store, account).await;
    store.close().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credits_that_ended_since_are_not_spent() {
    let database = TestDatabase::postgres().await;
    let store = a_process(&database, 0).await;
    let account = fifty_credits(&store).await;
    let ending = GrantCredits { expires_at: Some(at("2026-04-15T13:00:00Z")), ..give("for an hour", 100) };
    store.post(vec![a_posting(account, "ending", vec![Command::Grant(ending)])], noon()).await.unwrap();
    assert_eq!(spend(&store, account, "1", 10).await, Ok(140));
    let late = at("2026-04-15T13:00:00Z");
    let outcome = store.post(vec![a_spend(account, "2", 60)], late).await.unwrap().remove(0);
    assert!(
        matches!(outcome, Err(Refusal::InsufficientCredits { available, .. }) if available.get() == 50),
        "{outcome:?}"
    );
    in_order(&store, account).await;
    store.close().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repetition_is_answered_as_before_also_where_the_account_is_remembered() {
    let database = TestDatabase::postgres().await;
    let store = a_process(&database, 0).await;
    let account = fifty_credits(&store).await;
    assert_eq!(spend(&store, account, "1", 10).await, Ok(40));
    assert_eq!(spend(&store, account, "2", 10).await, Ok(30));
    let again = store.post(vec![a_spend(account, "1", 10)], noon()).await.unwrap().remove(0).unwrap();
    assert_eq!((again.replayed, again.available.get()), (true, 40));
    assert_eq!(spend(&store, account, "1", 11).await, Err(Refusal::KeyReused));
    assert_eq!(spend(&store, account, "3", 30).await, Ok(0));
    in_order(&store, account).await;
    store.close().await;
    database.remove().await;
}
