//! Daily check-ins.

use std::sync::Arc;

use billing_core::BillingError;
use billing_core::checkin::{CheckInConfig, CheckInRefusal, StreakBonus};
use billing_core::requests::{AccountDraft, CheckedIn};
use billing_core::values::Timestamp;
use billing_testkit::builders::{an_external_id, at, noon, request_key};

use super::shop::Shop;

async fn configured(config: CheckInConfig) -> Shop {
    let shop = Shop::open().await;
    shop.billing.set_check_in(&config).await.unwrap();
    shop
}

async fn tries(shop: &Shop, now: &str) -> Result<CheckedIn, BillingError> {
    shop.clock.set(at(now));
    shop.billing.check_in(&an_external_id("ada"), None).await
}

/// Day, streak and credits of a successful check-in.
async fn checks_in(shop: &Shop, now: &str) -> (String, u32, i64) {
    let done = tries(shop, now).await.unwrap().check_in;
    (done.day.to_string(), done.streak, done.credits.get())
}

/// The time from which a refused check-in is possible.
async fn waits(shop: &Shop, now: &str) -> Timestamp {
    match tries(shop, now).await {
        Err(BillingError::CheckIn(CheckInRefusal::AlreadyCheckedIn { next_at })) => next_at,
        other => panic!("{other:?}"),
    }
}

async fn lives_in(shop: &Shop, zone: &str) {
    let draft = AccountDraft { timezone: Some(zone.to_owned()), ..AccountDraft::default() };
    shop.billing.put_account(&an_external_id("ada"), &draft).await.unwrap();
}

#[tokio::test]
async fn a_streak_grows_day_by_day_and_pays_its_bonus() {
    let bonuses = vec![StreakBonus { day: 3, credits: 50 }];
    let shop = configured(CheckInConfig { streak_bonuses: bonuses, ..CheckInConfig::default() }).await;
    let day = |day: &str, streak, credits| (day.to_owned(), streak, credits);
    assert_eq!(checks_in(&shop, "2026-04-15T23:59:59Z").await, day("2026-04-15", 1, 10));
    assert_eq!(checks_in(&shop, "2026-04-16T00:00:00Z").await, day("2026-04-16", 2, 10));
    assert_eq!(checks_in(&shop, "2026-04-17T12:00:00Z").await, day("2026-04-17", 3, 60));
    assert_eq!(checks_in(&shop, "2026-04-18T12:00:00Z").await, day("2026-04-18", 4, 10));
    assert_eq!(checks_in(&shop, "2026-04-20T12:00:00Z").await, day("2026-04-20", 1, 10));
    assert_eq!(shop.balance("ada").await, 100);
    let state = shop.billing.check_in_state(&an_external_id("ada")).await.unwrap();
    assert_eq!((state.month.len(), state.standing.streak, state.standing.checked_in_today), (5, 1, true));
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn a_day_brings_credits_once() {
    let shop = Shop::open().await;
    checks_in(&shop, "2026-04-15T00:00:00Z").await;
    assert_eq!(waits(&shop, "2026-04-15T00:00:00Z").await, at("2026-04-16T00:00:00Z"));
    assert_eq!(waits(&shop, "2026-04-15T23:59:59Z").await, at("2026-04-16T00:00:00Z"));
    assert_eq!(shop.balance("ada").await, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_check_ins_at_once_bring_credits_once() {
    let shop = Arc::new(Shop::open().await);
    for day in 0..5 {
        shop.clock.set(noon().plus_days(day));
        let mut running = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let shop = shop.clone();
            running.spawn(async move { shop.billing.check_in(&an_external_id("ada"), None).await });
        }
        let answers = running.join_all().await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
        let refused = |answer: &&_| {
            matches!(answer, Err(BillingError::CheckIn(CheckInRefusal::AlreadyCheckedIn { .. })))
        };
        assert_eq!(answers.iter().filter(refused).count(), 15, "{answers:?}");
    }
    assert_eq!(shop.balance("ada").await, 50);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn days_are_the_shops_own_unless_the_account_has_a_zone_that_counts() {
    let berlin = CheckInConfig { timezone: "Europe/Berlin".to_owned(), ..CheckInConfig::default() };
    let shop = configured(berlin.clone()).await;
    lives_in(&shop, "America/New_York").await;
    assert_eq!(checks_in(&shop, "2026-04-15T22:30:00Z").await.0, "2026-04-16");
    let shop = configured(CheckInConfig { use_account_timezone: true, ..berlin }).await;
    lives_in(&shop, "America/New_York").await;
    assert_eq!(checks_in(&shop, "2026-04-15T22:30:00Z").await.0, "2026-04-15");
}

#[tokio::test]
async fn days_are_right_where_clocks_change() {
    let berlin = CheckInConfig { timezone: "Europe/Berlin".to_owned(), ..CheckInConfig::default() };
    let shop = configured(berlin).await;
    // The clocks go forward on 29 March: that day has 23 hours.
    assert_eq!(checks_in(&shop, "2026-03-28T22:59:59Z").await, ("2026-03-28".to_owned(), 1, 10));
    assert_eq!(checks_in(&shop, "2026-03-28T23:00:00Z").await, ("2026-03-29".to_owned(), 2, 10));
    assert_eq!(waits(&shop, "2026-03-29T21:59:59Z").await, at("2026-03-29T22:00:00Z"));
    assert_eq!(checks_in(&shop, "2026-03-29T22:00:00Z").await, ("2026-03-30".to_owned(), 3, 10));
    // And back on 25 October: that day has 25.
    assert_eq!(checks_in(&shop, "2026-10-24T22:00:00Z").await, ("2026-10-25".to_owned(), 1, 10));
    assert_eq!(waits(&shop, "2026-10-25T22:59:59Z").await, at("2026-10-25T23:00:00Z"));
    assert_eq!(checks_in(&shop, "2026-10-25T23:00:00Z").await, ("2026-10-26".to_owned(), 2, 10));
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn moving_to_another_zone_brings_no_second_check_in() {
    let shop = configured(CheckInConfig { use_account_timezone: true, ..CheckInConfig::default() }).await;
    lives_in(&shop, "America/Los_Angeles").await;
    assert_eq!(checks_in(&shop, "2026-04-15T12:00:00Z").await.0, "2026-04-15");
    // On Kiritimati it is already tomorrow.
    lives_in(&shop, "Pacific/Kiritimati").await;
    assert_eq!(waits(&shop, "2026-04-15T12:01:00Z").await, at("2026-04-16T07:00:00Z"));
    assert_eq!(checks_in(&shop, "2026-04-16T07:00:00Z").await, ("2026-04-16".to_owned(), 2, 10));
    // And back to a time zone where that day is still to come.
    lives_in(&shop, "America/Los_Angeles").await;
    waits(&shop, "2026-04-16T12:00:00Z").await;
    assert_eq!(checks_in(&shop, "2026-04-17T12:00:00Z").await, ("2026-04-17".to_owned(), 3, 10));
}

#[tokio::test]
async fn what_a_check_in_brings_can_expire() {
    let shop = configured(CheckInConfig { expires_after_days: Some(2), ..CheckInConfig::default() }).await;
    checks_in(&shop, "2026-04-15T12:00:00Z").await;
    checks_in(&shop, "2026-04-16T12:00:00Z").await;
    assert_eq!(shop.balance("ada").await, 20);
    shop.clock.set(at("2026-04-17T12:00:00Z"));
    assert_eq!(shop.balance("ada").await, 10);
}

#[tokio::test]
async fn whoever_may_not_check_in_does_not() {
    let shop = configured(CheckInConfig { enabled: false, ..CheckInConfig::default() }).await;
    assert_eq!(tries(&shop, "2026-04-15T12:00:00Z").await.unwrap_err().code(), "checkin_disabled");
    assert!(!shop.knows("ada").await);
    let shop = Shop::open().await;
    let off = AccountDraft { credits_enabled: Some(false), ..AccountDraft::default() };
    shop.billing.put_account(&an_external_id("ada"), &off).await.unwrap();
    assert_eq!(tries(&shop, "2026-04-15T12:00:00Z").await.unwrap_err().code(), "credits_disabled");
}

#[tokio::test]
async fn a_stranger_stands_at_the_beginning() {
    let shop = Shop::open().await;
    let state = shop.billing.check_in_state(&an_external_id("ada")).await.unwrap();
    assert_eq!((state.standing.streak, state.standing.next_reward.get(), state.month.len()), (0, 10, 0));
    assert!(!shop.knows("ada").await);
}

#[tokio::test]
async fn a_check_in_with_a_key_is_safe_to_repeat_for_good() {
    let shop = Shop::open().await;
    let (ada, key) = (an_external_id("ada"), request_key("k"));
    let first = shop.billing.check_in(&ada, Some(&key)).await.unwrap();
    let again = shop.billing.check_in(&ada, Some(&key)).await.unwrap();
    assert_eq!((first.replayed, again.replayed), (false, true));
    assert_eq!((&again.check_in, again.next_reward), (&first.check_in, first.next_reward));
    let without = shop.billing.check_in(&ada, None).await.unwrap_err();
    assert_eq!(without.code(), "already_checked_in");
    // Also on another day, and after check-ins were switched off.
    shop.clock.advance(86_400);
    let off = CheckInConfig { enabled: false, ..CheckInConfig::default() };
    shop.billing.set_check_in(&off).await.unwrap();
    assert_eq!(shop.billing.check_in(&ada, Some(&key)).await.unwrap().check_in, first.check_in);
    assert_eq!(shop.balance("ada").await, first.check_in.credits.get());
}
