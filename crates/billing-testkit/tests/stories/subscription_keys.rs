//! Changes of a subscription under an idempotency key.

use billing_core::BillingError;
use billing_core::catalog::{ChangePolicy, Interval};
use billing_core::ledger::Actor;
use billing_core::payments::{
    Fact, ProrationBehavior, SubscriptionChange, SubscriptionFact, SubscriptionItem,
};
use billing_core::ports::ProviderError;
use billing_core::requests::{ChangePlan, ChangeSubscription, ChangedSubscription, PlanChangeResult};
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::values::{PlanId, SubscriptionId};
use billing_testkit::builders::{an_external_id, request_key};

use super::plan_changes::{Mall, middle, subscribed_to};
use super::subscriptions::{orders_plan, period};

impl Mall {
    /// A shop in the middle of the first month, whose dearer plan is prorated.
    async fn in_mid_month() -> Self {
        let mall = Self::open(ChangePolicy::Prorate, Interval::Monthly).await;
        mall.shop.clock.set(middle());
        mall
    }

    async fn changes_plan(&self, plan: PlanId, key: &str) -> Result<PlanChangeResult, BillingError> {
        let (account, key) = (an_external_id("ada"), Some(request_key(key)));
        let ask = ChangePlan { account, plan, interval: None, preview: false, key };
        let changed = self.shop.billing.change_plan(&ask).await;
        self.shop.clock.advance(60);
        changed
    }

    async fn asks_for(
        &self,
        change: SubscriptionChange,
        key: &str,
    ) -> Result<ChangedSubscription, BillingError> {
        let ask = ChangeSubscription {
            key: Some(request_key(key)),
            ..ChangeSubscription::new(an_external_id("ada"), change)
        };
        let changed = self.shop.billing.change_subscription(&ask).await;
        self.shop.clock.advance(60);
        changed
    }
}

fn no_answer() -> ProviderError {
    ProviderError::Unknown { message: "the connection was closed".to_owned(), request_id: None }
}

#[tokio::test]
async fn the_same_change_of_plan_is_charged_once_and_answered_alike() {
    let mall = Mall::in_mid_month().await;
    let first = mall.changes_plan(mall.max.id, "k").await.unwrap();
    assert_eq!((first.offer.money, first.replayed), (ProrationBehavior::Prorate, false));
    let again = mall.changes_plan(mall.max.id, "k").await.unwrap();
    assert_eq!((again.offer, again.plan.id, again.replayed), (first.offer, mall.max.id, true));
    assert_eq!(mall.calls().len(), 1);
    // Whatever it has become since.
    let down = mall.changes_plan(mall.shop.plan.id, "back").await.unwrap();
    assert_eq!((down.offer.money, down.replayed), (ProrationBehavior::AtRenewal, false));
    let late = mall.changes_plan(mall.max.id, "k").await.unwrap();
    assert_eq!((late.offer, late.replayed), (first.offer, true));
    assert_eq!(late.subscription.renews_as.unwrap().id, mall.shop.plan.id, "it changes nothing back");
    assert_eq!(mall.calls().len(), 2);
    assert_eq!(mall.balance().await, 4000);
    mall.shop.is_sound("ada").await;
}

#[tokio::test]
async fn a_key_stands_for_one_request() {
    let mall = Mall::in_mid_month().await;
    mall.changes_plan(mall.max.id, "k").await.unwrap();
    let other = mall.changes_plan(mall.shop.plan.id, "k").await.unwrap_err();
    assert_eq!(other.code(), "idempotency_key_reused");
    let cancels = mall.asks_for(SubscriptionChange::CancelNow, "k").await.unwrap_err();
    assert_eq!(cancels.code(), "idempotency_key_reused");
    assert_eq!((mall.calls().len(), mall.shop.provider.asked_changes()), (1, vec![]));
    // A preview asks for nothing, whatever its key.
    let (account, key) = (an_external_id("ada"), Some(request_key("k")));
    let preview = ChangePlan { account, plan: mall.shop.plan.id, interval: None, preview: true, key };
    assert!(!mall.shop.billing.change_plan(&preview).await.unwrap().replayed);
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_found_done_by_its_key() {
    let mall = Mall::in_mid_month().await;
    mall.shop.provider.on_plan(Err(no_answer()));
    assert_eq!(mall.changes_plan(mall.max.id, "k").await.unwrap_err().code(), "provider_unavailable");
    // The provider had made it, and tells so.
    let now = mall.shop.billing.now();
    let Fact::Subscription(fact) = subscribed_to(&mall.order, Interval::Monthly, now) else { unreachable!() };
    let changed = SubscriptionFact { items: vec![SubscriptionItem::one("price_max_month")], ..fact };
    mall.shop.hears("evt_changed", Fact::Subscription(changed)).await;
    let again = mall.changes_plan(mall.max.id, "k").await.unwrap();
    assert_eq!((again.offer.money, again.replayed), (ProrationBehavior::Prorate, true));
    assert_eq!(mall.calls().len(), 1);
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_repeated_exactly() {
    let mall = Mall::in_mid_month().await;
    mall.shop.provider.on_plan(Err(no_answer()));
    mall.changes_plan(mall.max.id, "k").await.unwrap_err();
    let again = mall.changes_plan(mall.max.id, "k").await.unwrap();
    assert!(!again.replayed);
    let calls = mall.calls();
    assert_eq!(calls[0], calls[1], "its provider sees one request");
    assert!(mall.changes_plan(mall.max.id, "k").await.unwrap().replayed);
    assert_eq!(mall.balance().await, 4000);
    mall.shop.is_sound("ada").await;
}

#[tokio::test]
async fn what_was_declined_may_be_asked_again_with_its_key() {
    let mall = Mall::in_mid_month().await;
    let message = "Your card was declined.".to_owned();
    mall.shop.provider.on_plan(Err(ProviderError::Refused { code: None, message, request_id: None }));
    assert_eq!(mall.changes_plan(mall.max.id, "k").await.unwrap_err().code(), "provider_refused");
    let changed = mall.changes_plan(mall.max.id, "k").await.unwrap();
    assert!(!changed.replayed);
    assert_eq!(mall.balance().await, 2000 + changed.offer.credits_now.get());
}

#[tokio::test]
async fn a_cancellation_that_is_repeated_late_does_not_undo_what_came_after_it() {
    let mall = Mall::in_mid_month().await;
    let canceled = mall.asks_for(SubscriptionChange::CancelAtPeriodEnd, "cancel").await.unwrap();
    assert!(canceled.shown.subscription.cancel_at_period_end && !canceled.replayed);
    let resumed = mall.asks_for(SubscriptionChange::Resume, "resume").await.unwrap();
    assert!(!resumed.shown.subscription.cancel_at_period_end);
    let again = mall.asks_for(SubscriptionChange::CancelAtPeriodEnd, "cancel").await.unwrap();
    assert!(again.replayed && !again.shown.subscription.cancel_at_period_end);
    assert_eq!(mall.shop.provider.asked_changes().len(), 2);
}

#[tokio::test]
async fn a_subscription_that_ended_by_the_request_is_shown_to_who_repeats_it() {
    let mall = Mall::in_mid_month().await;
    for answered in [true, false] {
        let mall = if answered { &mall } else { &Mall::in_mid_month().await };
        if !answered {
            mall.shop.provider.on_change(Err(no_answer()));
        }
        let first = mall.asks_for(SubscriptionChange::CancelNow, "k").await;
        assert_eq!(first.is_ok(), answered);
        if !answered {
            let now = mall.shop.billing.now();
            let Fact::Subscription(fact) = subscribed_to(&mall.order, Interval::Monthly, now) else {
                unreachable!()
            };
            let (status, ended_at) = (SubscriptionStatus::Canceled, Some(now));
            mall.shop
                .hears("evt_ended", Fact::Subscription(SubscriptionFact { status, ended_at, ..fact }))
                .await;
        }
        let again = mall.asks_for(SubscriptionChange::CancelNow, "k").await.unwrap();
        assert_eq!(again.shown.subscription.status, SubscriptionStatus::Canceled);
        assert_eq!(mall.shop.provider.asked_changes().len(), 1);
        let other = mall.asks_for(SubscriptionChange::CancelNow, "other").await.unwrap_err();
        assert_eq!(other.code(), "not_found", "there is nothing to cancel");
    }
}

#[tokio::test]
async fn two_clicks_at_the_same_moment_are_one_change() {
    let mall = Mall::in_mid_month().await;
    let (one, other) = tokio::join!(mall.changes_plan(mall.max.id, "k"), mall.changes_plan(mall.max.id, "k"));
    assert_eq!(one.unwrap().offer, other.unwrap().offer);
    let calls = mall.calls();
    assert!(calls.iter().all(|call| call.key() == calls[0].key()), "its provider carries it out once");
    assert_eq!(mall.balance().await, 4000);
    mall.shop.is_sound("ada").await;
}

#[tokio::test]
async fn what_may_have_been_done_is_not_done_again_once_the_subscription_has_changed() {
    let mall = Mall::in_mid_month().await;
    mall.shop.provider.on_plan(Err(no_answer()));
    mall.changes_plan(mall.max.id, "k").await.unwrap_err();
    // An event of something else arrives: by it the provider's key would be another one.
    mall.shop
        .hears("evt_other", subscribed_to(&mall.order, Interval::Monthly, mall.shop.billing.now()))
        .await;
    let again = mall.changes_plan(mall.max.id, "k").await.unwrap_err();
    assert_eq!((again.code(), mall.calls().len()), ("subscription_changed", 1));
    assert_eq!(mall.balance().await, 2000);
    // Who looks at it and still wants it asks anew.
    let changed = mall.changes_plan(mall.max.id, "k2").await.unwrap();
    assert_eq!(mall.balance().await, 2000 + changed.offer.credits_now.get());
}

#[tokio::test]
async fn a_lost_change_is_not_repeated_in_another_period() {
    let mall = Mall::in_mid_month().await;
    mall.shop.clock.set(period(Interval::Monthly, 0).end.plus_seconds(-60));
    mall.shop.provider.on_plan(Err(no_answer()));
    mall.changes_plan(mall.max.id, "k").await.unwrap_err();
    let again = mall.changes_plan(mall.max.id, "k").await.unwrap_err();
    assert_eq!((again.code(), mall.calls().len()), ("subscription_changed", 1));
}

#[tokio::test]
async fn a_lost_cancellation_that_was_undone_stays_undone() {
    let mall = Mall::in_mid_month().await;
    mall.shop.provider.on_change(Err(no_answer()));
    mall.asks_for(SubscriptionChange::CancelAtPeriodEnd, "cancel").await.unwrap_err();
    let now = mall.shop.billing.now();
    let Fact::Subscription(fact) = subscribed_to(&mall.order, Interval::Monthly, now) else { unreachable!() };
    let ending = SubscriptionFact { cancel_at_period_end: true, ..fact };
    mall.shop.hears("evt_ending", Fact::Subscription(ending)).await;
    mall.asks_for(SubscriptionChange::Resume, "resume").await.unwrap();
    let late = mall.asks_for(SubscriptionChange::CancelAtPeriodEnd, "cancel").await.unwrap_err();
    assert_eq!((late.code(), mall.shop.provider.asked_changes().len()), ("subscription_changed", 2));
}

#[tokio::test]
async fn what_was_declined_is_computed_anew_and_answered_as_it_was_carried_out() {
    let mall = Mall::in_mid_month().await;
    let message = "Your card was declined.".to_owned();
    mall.shop.provider.on_plan(Err(ProviderError::Refused { code: None, message, request_id: None }));
    mall.changes_plan(mall.max.id, "k").await.unwrap_err();
    mall.shop.clock.advance(3 * 86_400);
    let carried_out = mall.changes_plan(mall.max.id, "k").await.unwrap();
    let due: Vec<_> = mall.calls().iter().map(|call| call.due.minor).collect();
    assert!(due[1] < due[0] && carried_out.offer.due_now.minor == due[1], "{due:?}");
    let replay = mall.changes_plan(mall.max.id, "k").await.unwrap();
    assert_eq!((replay.offer, replay.replayed), (carried_out.offer, true));
}

#[tokio::test]
async fn an_operators_key_stands_for_one_subscription() {
    let mall = Mall::in_mid_month().await;
    let ann = || Actor::Operator("ann".to_owned());
    let cancels = async |id: SubscriptionId| {
        let key = request_key("k");
        mall.shop.billing.end_subscription(id, SubscriptionChange::CancelNow, Some(&key), ann()).await
    };
    let shown = mall.shop.billing.summary(&an_external_id("ada")).await.unwrap().subscription.unwrap();
    cancels(shown.subscription.id).await.unwrap();
    assert!(cancels(shown.subscription.id).await.unwrap().1.replayed);
    let order = orders_plan(&mall.shop, Interval::Monthly).await.order;
    let Fact::Subscription(fact) = subscribed_to(&order, Interval::Monthly, mall.shop.billing.now()) else {
        unreachable!()
    };
    let started_at = mall.shop.billing.now();
    let second = SubscriptionFact { id: "sub_2".to_owned(), started_at, ..fact };
    mall.shop.hears("evt_second", Fact::Subscription(second)).await;
    let second = mall.shop.billing.summary(&an_external_id("ada")).await.unwrap().subscription.unwrap();
    assert_eq!(second.subscription.provider_id, "sub_2");
    assert_eq!(cancels(second.subscription.id).await.unwrap_err().code(), "idempotency_key_reused");
}
