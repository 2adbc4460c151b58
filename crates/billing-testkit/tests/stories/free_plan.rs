//! The free plan of accounts without a subscription.

use std::sync::Arc;

use billing_core::catalog::Interval;
use billing_core::ledger::Actor;
use billing_core::payments::{AllowedOrigins, Channel, Fact};
use billing_core::requests::{AccountDraft, GiveSubscription, PlanDraft};
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::values::{Credits, Timestamp, Zone};
use billing_core::{Billing, Job};
use billing_testkit::builders::{
    ALLOWED_ORIGIN, a_pack_draft, a_plan_draft, an_external_id, monthly_price, noon, request_key,
};
use billing_testkit::{CountingWaker, ManualClock, MemoryStore, ScriptedProvider, SequentialIds};

use super::shop::{DONE, Shop};
use super::subscriptions::{orders_plan, paid, period, subscribed};

/// A shop with a plan that costs nothing and grants 100 credits a month.
async fn free_shop() -> Shop {
    let clock = Arc::new(ManualClock::at(noon()));
    let provider = Arc::new(ScriptedProvider::new(Channel::named("stripe")));
    let (store, waker) = (Arc::new(MemoryStore::new()), Arc::new(CountingWaker::default()));
    let billing = Billing::builder(store.clone(), clock.clone(), Arc::new(SequentialIds::new()))
        .provider(provider.clone())
        .allowed_origins(AllowedOrigins::parse([ALLOWED_ORIGIN]).unwrap())
        .free_plan("free")
        .build();
    let free = PlanDraft { price_monthly: 0, credits_included: Credits::new(100), ..a_plan_draft("free") };
    billing.publish_plan(None, &free).await.unwrap();
    let plan =
        PlanDraft { prices: monthly_price(Channel::named("stripe"), "price_month"), ..a_plan_draft("pro") };
    let plan = billing.publish_plan(None, &plan).await.unwrap();
    let pack = billing.publish_pack(None, &a_pack_draft("small")).await.unwrap();
    Shop { billing, clock, provider, store, waker, pack, plan }
}

async fn gives(shop: &Shop) -> u64 {
    u64::from(shop.billing.run_due(Job::FreePlan).await.unwrap().done)
}

fn month(number: i32) -> Timestamp {
    Zone::UTC.plus_months(noon(), number)
}

#[tokio::test]
async fn whoever_is_seen_for_the_first_time_has_the_first_month_at_once() {
    let shop = free_shop().await;
    assert_eq!(shop.balance("ada").await, 100, "by looking");
    shop.billing.put_account(&an_external_id("bob"), &AccountDraft::default()).await.unwrap();
    assert_eq!(shop.balance("bob").await, 100, "by being written");
    assert_eq!(gives(&shop).await, 0);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn each_month_brings_its_own_and_ends_the_last_one_however_often_the_job_runs() {
    let shop = free_shop().await;
    assert_eq!(shop.balance("ada").await, 100);
    for number in 1..14 {
        shop.clock.set(month(number));
        assert_eq!(shop.balance("ada").await, 0, "month {number}");
        assert_eq!((gives(&shop).await, gives(&shop).await), (1, 0));
        assert_eq!(shop.balance("ada").await, 100);
    }
    // Months without a visit are not granted later.
    shop.clock.set(month(20).plus_days(3));
    assert_eq!(gives(&shop).await, 1);
    assert_eq!(shop.balance("ada").await, 100);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn whoever_is_subscribed_has_what_was_paid_for_instead_and_this_again_afterwards() {
    let shop = free_shop().await;
    let order = orders_plan(&shop, Interval::Monthly).await.order;
    assert_eq!(shop.balance("ada").await, 100);
    let active = subscribed(&order, SubscriptionStatus::Active, noon());
    assert_eq!(shop.hears("evt_new", active).await, DONE);
    let first = Fact::PeriodPaid(paid(&order, "in_1", Interval::Monthly, 0));
    assert_eq!(shop.hears("evt_paid", first).await, DONE);
    shop.clock.set(month(1));
    assert_eq!(gives(&shop).await, 0);
    assert_eq!(shop.balance("ada").await, 2000, "its days of grace");
    shop.clock.set(period(Interval::Monthly, 0).end.plus_days(5));
    let Fact::Subscription(mut over) = subscribed(&order, SubscriptionStatus::Canceled, shop.billing.now())
    else {
        unreachable!()
    };
    over.ended_at = Some(shop.billing.now());
    assert_eq!(shop.hears("evt_over", Fact::Subscription(over)).await, DONE);
    assert_eq!(gives(&shop).await, 1);
    assert_eq!(shop.balance("ada").await, 100);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn accounts_that_use_no_credits_are_passed_over() {
    let shop = free_shop().await;
    let draft = AccountDraft { credits_enabled: Some(false), ..AccountDraft::default() };
    shop.billing.put_account(&an_external_id("ada"), &draft).await.unwrap();
    shop.clock.set(month(1));
    assert_eq!((gives(&shop).await, gives(&shop).await), (1, 0));
}

#[tokio::test]
async fn whoever_has_a_gift_has_its_credits_instead_and_the_free_ones_again_when_it_is_over() {
    let shop = free_shop().await;
    let give = GiveSubscription {
        account: an_external_id("ada"),
        plan: shop.plan.id,
        months: 2,
        reason: "Hello".to_owned(),
        key: request_key("k"),
        actor: Actor::Operator("ann".to_owned()),
    };
    shop.billing.give_subscription(&give).await.unwrap();
    shop.clock.set(month(1));
    assert_eq!((gives(&shop).await, shop.balance("ada").await), (0, 2000));
    shop.clock.set(month(2));
    shop.billing.run_due(Job::Gifts).await.unwrap();
    assert_eq!((gives(&shop).await, shop.balance("ada").await), (1, 100));
    shop.is_sound("ada").await;
}
