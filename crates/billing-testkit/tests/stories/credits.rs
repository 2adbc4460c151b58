//! Granting, spending and reading credits.

use std::sync::Arc;

use billing_core::BillingError;
use billing_core::ledger::{Refusal, SpendType};
use billing_core::requests::{AccountDraft, AdjustCredits, Spend};
use billing_core::values::Credits;
use billing_testkit::builders::{a_spend_request, an_adjustment, an_external_id, noon};

use super::shop::Shop;

#[tokio::test]
async fn an_account_that_nobody_has_seen_reads_as_empty_and_cannot_spend() {
    let shop = Shop::open().await;
    assert_eq!(shop.balance("ada").await, 0);
    for refused in [
        shop.billing.spend(a_spend_request("ada", 1, "s")).await,
        shop.billing.adjust(an_adjustment("ada", -1, "a")).await,
    ] {
        assert!(matches!(refused, Err(BillingError::AccountNotFound(_))), "{refused:?}");
    }
    assert!(!shop.knows("ada").await);
}

#[tokio::test]
async fn an_operator_gives_and_takes() {
    let shop = Shop::open().await;
    let given = shop.billing.adjust(an_adjustment("ada", 100, "give")).await.unwrap();
    let entry = given.entry.unwrap();
    assert_eq!((entry.amount.get(), entry.kind.as_str()), (100, "adjustment"));
    let taken = shop.billing.adjust(an_adjustment("ada", -40, "take")).await.unwrap();
    let entry = taken.entry.unwrap();
    assert_eq!((entry.amount.get(), entry.kind.as_str()), (-40, "adjustment"));
    let refused = shop.billing.adjust(an_adjustment("ada", -61, "much")).await;
    assert!(matches!(refused, Err(BillingError::Ledger(Refusal::InsufficientCredits { .. }))), "{refused:?}");
    assert_eq!(shop.balance("ada").await, 60);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn a_repeated_adjustment_answers_the_first_one() {
    let shop = Shop::open().await;
    for amount in [100, -40] {
        let ask = || an_adjustment("ada", amount, &format!("key-{amount}"));
        let first = shop.billing.adjust(ask()).await.unwrap();
        let again = shop.billing.adjust(ask()).await.unwrap();
        assert!(again.replayed && !first.replayed);
        assert_eq!((again.entry, again.available), (first.entry, first.available));
    }
    assert_eq!(shop.balance("ada").await, 60);
    let other = shop.billing.adjust(an_adjustment("ada", 101, "key-100")).await.unwrap_err();
    assert_eq!(other.code(), "idempotency_key_reused");
    let spend = shop.billing.spend(a_spend_request("ada", 1, "key-100")).await.unwrap_err();
    assert_eq!(spend.code(), "idempotency_key_reused", "spends and adjustments share the account's keys");
}

#[tokio::test]
async fn an_adjustment_that_ends_is_still_answered_again_after_its_end() {
    let shop = Shop::open().await;
    let ask = || AdjustCredits { expires_at: Some(noon().plus_days(1)), ..an_adjustment("ada", 10, "k") };
    let first = shop.billing.adjust(ask()).await.unwrap();
    shop.clock.set(noon().plus_days(2));
    let again = shop.billing.adjust(ask()).await.unwrap();
    assert!(again.replayed);
    assert_eq!(again.entry, first.entry);
    assert_eq!(shop.balance("ada").await, 0);
}

#[tokio::test]
async fn an_adjustment_that_cannot_be_made_makes_no_account() {
    let shop = Shop::open().await;
    let past = AdjustCredits { expires_at: Some(noon()), ..an_adjustment("ada", 10, "k") };
    assert_eq!(shop.billing.adjust(past).await.unwrap_err().code(), "invalid_expiry");
    for amount in [0, Credits::MAX_AMOUNT.get() + 1] {
        let refused = shop.billing.adjust(an_adjustment("ada", amount, "k")).await.unwrap_err();
        assert_eq!(refused.code(), "invalid_amount");
    }
    assert!(!shop.knows("ada").await);
}

#[tokio::test]
async fn a_spend_that_was_refused_succeeds_after_a_top_up_under_its_key() {
    let shop = Shop::open().await;
    shop.billing.adjust(an_adjustment("ada", 10, "a")).await.unwrap();
    let refused = shop.billing.spend(a_spend_request("ada", 11, "s")).await.unwrap_err();
    assert_eq!(refused.to_string(), "11 credits are required, 10 are available");
    shop.billing.adjust(an_adjustment("ada", 1, "b")).await.unwrap();
    let spent = shop.billing.spend(a_spend_request("ada", 11, "s")).await.unwrap();
    assert_eq!((spent.replayed, spent.available.get()), (false, 0));
}

#[tokio::test]
async fn a_spend_carries_its_callers_words() {
    let shop = Shop::open().await;
    shop.billing.adjust(an_adjustment("ada", 10, "a")).await.unwrap();
    let kind = SpendType::parse("ai_usage").unwrap();
    let ask = Spend { kind, description: "A poem".to_owned(), ..a_spend_request("ada", 1, "s") };
    let spent = shop.billing.spend(ask).await.unwrap();
    let entry = spent.entry.unwrap();
    assert_eq!((entry.kind.as_str(), entry.description.as_str()), ("ai_usage", "A poem"));
}

#[tokio::test(flavor = "multi_thread")]
async fn spenders_at_once_get_what_is_there_and_no_more() {
    let shop = Arc::new(Shop::open().await);
    shop.billing.adjust(an_adjustment("ada", 100, "a")).await.unwrap();
    let mut running = tokio::task::JoinSet::new();
    for number in 0..64 {
        let shop = shop.clone();
        // Each of 32 requests is sent twice.
        let ask = a_spend_request("ada", 7, &format!("s{}", number % 32));
        running.spawn(async move { shop.billing.spend(ask).await });
    }
    let answers = running.join_all().await;
    let fresh = answers.iter().filter(|answer| answer.as_ref().is_ok_and(|spent| !spent.replayed)).count();
    assert_eq!((fresh, shop.balance("ada").await), (14, 2));
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn expired_credits_are_gone_for_readers_and_spenders_alike() {
    let shop = Shop::open().await;
    let end = noon().plus_days(1);
    let ask = AdjustCredits { expires_at: Some(end), ..an_adjustment("ada", 10, "short") };
    shop.billing.adjust(ask).await.unwrap();
    shop.billing.adjust(an_adjustment("ada", 5, "long")).await.unwrap();
    let balance = shop.billing.balance(&an_external_id("ada")).await.unwrap();
    assert_eq!(
        balance.expiring.iter().map(|part| (part.amount.get(), part.at)).collect::<Vec<_>>(),
        [(10, end)]
    );
    shop.clock.set(end);
    assert_eq!(shop.balance("ada").await, 5);
    let refused = shop.billing.spend(a_spend_request("ada", 6, "s")).await.unwrap_err();
    assert_eq!(refused.code(), "insufficient_credits");
}

#[tokio::test]
async fn an_account_without_credits_reads_as_empty() {
    let shop = Shop::open().await;
    shop.billing.adjust(an_adjustment("ada", 10, "a")).await.unwrap();
    let off = AccountDraft { credits_enabled: Some(false), ..AccountDraft::default() };
    shop.billing.put_account(&an_external_id("ada"), &off).await.unwrap();
    assert_eq!(shop.balance("ada").await, 0);
    let summary = shop.billing.summary(&an_external_id("ada")).await.unwrap();
    assert_eq!(summary.credits, None);
}

#[tokio::test]
async fn an_account_that_does_not_use_credits_spends_none() {
    let shop = Shop::open().await;
    shop.billing.adjust(an_adjustment("ada", 100, "k")).await.unwrap();
    let off = AccountDraft { credits_enabled: Some(false), ..AccountDraft::default() };
    shop.billing.put_account(&an_external_id("ada"), &off).await.unwrap();
    assert_eq!(shop.balance("ada").await, 0);
    let refused = shop.billing.spend(a_spend_request("ada", 1, "s")).await.unwrap_err();
    assert_eq!(refused.code(), "credits_disabled");
    // Its credits are still there.
    let on = AccountDraft { credits_enabled: Some(true), ..AccountDraft::default() };
    shop.billing.put_account(&an_external_id("ada"), &on).await.unwrap();
    assert_eq!(shop.balance("ada").await, 100);
}
