//! Failures of subscriptions: their clocks, their trials, their ends, their changes.

use billing_core::subscriptions::SubscriptionStatus::{self, Active, Canceled, PastDue, Trialing, Unpaid};
use billing_core::values::Timestamp;
use billing_testkit::builders::{at, noon};
use billing_testkit::fixtures::creem::CreemStory;
use itertools::Itertools;
use serde_json::json;

use crate::shop::{DEARER_PLAN, PLAN, Shop, TRIAL, another};

const DAY: i64 = 86_400;

fn text(moment: Timestamp) -> serde_json::Value {
    json!(moment.to_string())
}

#[tokio::test]
async fn failure_7_a_time_in_another_format_or_an_older_state_wins() {
    let shop = Shop::open().await;
    // The same moment in milliseconds, in seconds, and as texts.
    let moment = noon().plus_seconds(6);
    for (name, written) in [
        ("milliseconds", json!(moment.unix_seconds() * 1000)),
        ("seconds", json!(moment.unix_seconds())),
        ("utc", text(moment)),
        ("elsewhere", json!("2026-04-15T14:00:06.000+02:00")),
    ] {
        let purchase = shop.links(name).await;
        let paid = purchase.event("subscription.paid.initial");
        let id = format!("evt_{name}");
        shop.hears(&another(&paid, &id, &[("/created_at", written)])).await;
        let now = shop.subscription(name).await.unwrap();
        assert_eq!((now.provider_updated_at, now.period.unwrap().start), (moment, noon()), "{name}");
    }
    // In any order the newer state stays, and the period never moves back.
    for (number, order) in (0..4).permutations(4).enumerate() {
        let purchase = shop.begins(&format!("buyer-{number}"), shop.plan).await;
        let events = purchase.told(CreemStory::StaleUpdate);
        let mut latest = noon();
        for place in &order {
            shop.hears(&events[*place]).await;
            let Some(period) = shop.subscription(&purchase.buyer).await.and_then(|now| now.period) else {
                continue;
            };
            assert!(period.end >= latest, "{order:?}");
            latest = period.end;
        }
        shop.settles().await;
        let period = shop.subscription(&purchase.buyer).await.unwrap().period.unwrap();
        assert_eq!(period.start, noon().plus_seconds(30 * DAY), "{order:?}");
        assert_eq!(shop.bought(&purchase.buyer).await.len(), 2, "{order:?}");
    }
    // Its end was asked for before it ended; told afterwards, it revives nothing.
    let purchase = shop.begins("ada", shop.plan).await;
    for event in purchase.told(CreemStory::Canceled) {
        shop.hears(&event).await;
    }
    assert_eq!(shop.subscription("ada").await.unwrap().status, Canceled);
}

#[tokio::test]
async fn failure_8_a_trial_grants_the_plan_before_anybody_paid_for_it() {
    let shop = Shop::open().await;
    for (number, order) in (0..4).permutations(4).enumerate() {
        let purchase = shop.begins(&format!("buyer-{number}"), shop.plan).await;
        let events = purchase.told(CreemStory::Trial);
        let mut paid = false;
        for place in &order {
            shop.hears(&events[*place]).await;
            paid |= events[*place].kind == "subscription.paid";
            let bought = shop.bought(&purchase.buyer).await.len();
            assert!(bought <= usize::from(paid), "{order:?}: nothing of the plan before its first charge");
        }
        shop.settles().await;
        assert_eq!(shop.bought(&purchase.buyer).await.len(), 1, "{order:?}");
    }
    // What a trial itself costs buys the trial: neither its charge nor the one that it quotes is the plan's.
    let purchase = shop.begins("ada", shop.plan).await;
    shop.hears(&purchase.event("checkout.completed.subscription.paid_trial")).await;
    let charge = purchase.event("subscription.paid.trial_price");
    let quoting = another(&charge, "evt_quoting", &[("/eventType", json!("subscription.trialing"))]);
    for event in [&charge, &quoting] {
        shop.hears(event).await;
        assert_eq!((shop.credits("ada").await, shop.bought("ada").await.len()), (TRIAL, 0));
        assert_eq!(shop.subscription("ada").await.unwrap().status, Trialing);
    }
    shop.hears(&purchase.event("subscription.paid.first_after_trial")).await;
    shop.settles().await;
    let bought: Vec<_> = shop.bought("ada").await.iter().map(|grant| grant.amount.get()).collect();
    assert_eq!((bought, shop.subscription("ada").await.unwrap().status), (vec![PLAN], Active));
}

/// An event, the status that it leaves behind, and whether the end is then set.
type Step = (&'static str, SubscriptionStatus, bool);

/// Where a subscription that was paid once stands after each of these events, and how many periods were granted.
const LIVES: [(&str, &[Step], usize); 6] = [
    (
        "ended at once with days left",
        &[("subscription.canceled.immediate_future_period_end", Canceled, false)],
        1,
    ),
    (
        "ends with its period",
        &[
            ("subscription.scheduled_cancel", Active, true),
            ("subscription.canceled.at_period_end", Canceled, false),
        ],
        1,
    ),
    (
        "kept after all, and renewed",
        &[
            ("subscription.scheduled_cancel", Active, true),
            ("subscription.update.resumed", Active, false),
            ("subscription.paid.renewal", Active, false),
        ],
        2,
    ),
    (
        "late, lapsed and recovered",
        &[
            ("subscription.past_due", PastDue, false),
            ("subscription.expired.status_active", Unpaid, false),
            ("subscription.paid.renewal", Active, false),
        ],
        2,
    ),
    (
        "late and given up",
        &[("subscription.past_due", PastDue, false), ("subscription.unpaid", Unpaid, false)],
        1,
    ),
    (
        "set aside",
        &[("subscription.paused", SubscriptionStatus::Paused, false), ("subscription.unpaid", Unpaid, false)],
        1,
    ),
];

#[tokio::test]
async fn failure_9_a_cancellation_or_a_late_payment_means_something_else() {
    let shop = Shop::open().await;
    for (life, steps, periods) in LIVES {
        let purchase = shop.links(life).await;
        shop.hears(&purchase.event("subscription.paid.initial")).await;
        let mut told_at = noon().plus_seconds(31 * DAY);
        for (name, status, ending) in steps {
            // Each is told a minute after the one before, whatever time the sample has.
            told_at = told_at.plus_seconds(60);
            let id = format!("evt_{life}_{name}").replace(' ', "_");
            let event = another(&purchase.event(name), &id, &[("/created_at", text(told_at))]);
            shop.hears(&event).await;
            let now = shop.subscription(&purchase.buyer).await.unwrap();
            assert_eq!((now.status, now.cancel_at_period_end), (*status, *ending), "{life}: {name}");
            if *status == Canceled {
                assert!(now.ended_at.unwrap() >= now.period.unwrap().end, "{life}: what was paid for stays");
            }
        }
        shop.settles().await;
        assert_eq!(shop.bought(&purchase.buyer).await.len(), periods, "{life}");
    }
}

#[tokio::test]
async fn failure_10_a_change_in_mid_period_mints_a_second_allowance() {
    let shop = Shop::open().await;
    for first in [
        "subscription.paid.initial",
        "subscription.paid.discounted",
        "subscription.paid.zero_amount_100pct_discount",
    ] {
        for change in [
            "subscription.paid.upgrade_proration_same_cycle",
            "subscription.paid.upgrade_proration_new_cycle",
            "subscription.paid.seats",
        ] {
            let purchase = shop.links(&format!("{first}-{change}")).await;
            shop.hears(&purchase.event(first)).await;
            assert_eq!(shop.credits(&purchase.buyer).await, PLAN, "{first}: a discount is no trial");
            for time in 0..3 {
                let id = format!("evt_{}_{time}", purchase.buyer);
                let charge = json!(format!("tran_change_{time}"));
                let places = [
                    ("/object/last_transaction_id", charge.clone()),
                    ("/object/last_transaction/id", charge),
                ];
                shop.hears(&another(&purchase.event(change), &id, &places)).await;
            }
            shop.settles().await;
            let bought: Vec<_> =
                shop.bought(&purchase.buyer).await.iter().map(|it| it.amount.get()).collect();
            assert_eq!(bought, [PLAN], "{first}, then {change}");
        }
    }
}

#[tokio::test]
async fn failure_10_the_plan_is_taken_from_items_that_are_stale() {
    let shop = Shop::open().await;
    let purchase = shop.links("ada").await;
    shop.hears(&purchase.event("subscription.paid.initial")).await;
    let before = shop.subscription("ada").await.unwrap().plan;
    shop.hears(&purchase.event("subscription.update.upgrade_stale_item_product")).await;
    assert_ne!(shop.subscription("ada").await.unwrap().plan, before);
    // Its next period is the dearer plan's.
    let product = [("/object/product/id", json!(crate::shop::DEARER_PRODUCT))];
    shop.hears(&another(&purchase.event("subscription.paid.renewal"), "evt_renewal", &product)).await;
    let bought: Vec<_> = shop.bought("ada").await.iter().map(|grant| grant.amount.get()).collect();
    assert_eq!(bought, [PLAN, DEARER_PLAN]);
    assert!(shop.subscription("ada").await.unwrap().period.unwrap().start > at("2026-05-01T00:00:00Z"));
}
