//! Changes of plan.

use billing_core::BillingError;
use billing_core::catalog::{ChangePolicy, Interval, Plan};
use billing_core::orders::Order;
use billing_core::payments::{
    ChangePlanRequest, Fact, PaidLine, PaidPeriod, PaymentRefs, PeriodReason, ProrationBehavior,
    SubscriptionFact, SubscriptionItem,
};
use billing_core::ports::ProviderError;
use billing_core::requests::{ChangePlan, ChangeSubscription, PlanChangeResult, PlanDraft};
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::values::{Credits, Money, Period, PlanId, Timestamp};
use billing_testkit::builders::{a_plan_draft, an_external_id, noon, stripe_prices};
use proptest::prelude::*;

use super::shop::{DONE, Shop};
use super::subscriptions::{orders_plan, paid, period, subscribed};

/// A shop that also sells a second plan with `policy`: 6,000 credits a month for three times the price.
pub(crate) struct Mall {
    pub(crate) shop: Shop,
    pub(crate) order: Order,
    pub(crate) max: Plan,
}

const MAX: i64 = 6000;

impl Mall {
    /// Ada has paid the first month, or year, of the smaller plan.
    pub(crate) async fn open(policy: ChangePolicy, interval: Interval) -> Self {
        let shop = Shop::open().await;
        let max = sells(&shop, "max", 3 * shop.plan.price_monthly, MAX, policy).await;
        let order = orders_plan(&shop, interval).await.order;
        assert_eq!(shop.hears("evt_new", subscribed_to(&order, interval, noon())).await, DONE);
        let first = Fact::PeriodPaid(paid(&order, "in_1", interval, 0));
        assert_eq!(shop.hears("evt_paid", first).await, DONE);
        Self { shop, order, max }
    }

    async fn asks(
        &self,
        plan: PlanId,
        interval: Option<Interval>,
        preview: bool,
    ) -> Result<PlanChangeResult, BillingError> {
        let ask = ChangePlan { account: an_external_id("ada"), plan, interval, preview, key: None };
        self.shop.billing.change_plan(&ask).await
    }

    async fn changes(&self, plan: PlanId) -> PlanChangeResult {
        let changed = self.asks(plan, None, false).await.unwrap();
        // Credits granted at once count from the next moment on.
        self.shop.clock.advance(1);
        changed
    }

    pub(crate) async fn balance(&self) -> i64 {
        self.shop.balance("ada").await
    }

    pub(crate) fn calls(&self) -> Vec<ChangePlanRequest> {
        self.shop.provider.asked_plans()
    }
}

async fn sells(shop: &Shop, slug: &str, price: i64, credits: i64, policy: ChangePolicy) -> Plan {
    let draft = PlanDraft {
        price_monthly: price,
        price_yearly: Some(10 * price),
        credits_included: Credits::new(credits),
        prices: stripe_prices(&format!("price_{slug}_month"), &format!("price_{slug}_year")),
        change_policy: policy,
        ..a_plan_draft(slug)
    };
    shop.billing.publish_plan(None, &draft).await.unwrap()
}

pub(crate) fn subscribed_to(order: &Order, interval: Interval, at: Timestamp) -> Fact {
    let Fact::Subscription(fact) = subscribed(order, SubscriptionStatus::Active, at) else { unreachable!() };
    let price = if interval == Interval::Monthly { "price_month" } else { "price_year" };
    let fact = SubscriptionFact {
        items: vec![SubscriptionItem::one(price)],
        period: Some(period(interval, 0)),
        ..fact
    };
    Fact::Subscription(fact)
}

/// The middle of the first month.
pub(crate) fn middle() -> Timestamp {
    let month = period(Interval::Monthly, 0);
    month.start.plus_seconds(month.end.seconds_since(month.start) / 2)
}

#[tokio::test]
async fn without_a_policy_a_dearer_plan_begins_with_the_renewal() {
    let mall = Mall::open(ChangePolicy::None, Interval::Monthly).await;
    mall.shop.clock.set(middle());
    let changed = mall.changes(mall.max.id).await;
    assert_eq!((changed.offer.money, changed.offer.due_now.minor), (ProrationBehavior::AtRenewal, 0));
    assert_eq!((changed.offer.credits_now.get(), changed.offer.credits_then.get()), (0, MAX));
    // Until then, the paid plan remains.
    assert_eq!(changed.subscription.plan.unwrap().slug, "pro");
    assert_eq!(changed.subscription.renews_as.unwrap().slug, "max");
    assert_eq!(mall.balance().await, 2000);

    let renewal = period(Interval::Monthly, 1);
    mall.shop.clock.set(renewal.start);
    let mut next = paid(&mall.order, "in_2", Interval::Monthly, 1);
    next.lines[0].price = "price_max_month".to_owned();
    assert_eq!(mall.shop.hears("evt_2", Fact::PeriodPaid(next)).await, DONE);
    assert_eq!(mall.balance().await, MAX);
    let summary = mall.shop.billing.summary(&an_external_id("ada")).await.unwrap();
    let shown = summary.subscription.unwrap();
    assert_eq!((shown.plan.unwrap().slug.as_str(), shown.renews_as), ("max", None));
    mall.shop.is_sound("ada").await;
}

#[tokio::test]
async fn a_prorated_upgrade_brings_the_difference_for_the_rest_and_a_preview_of_it_nothing() {
    let mall = Mall::open(ChangePolicy::Prorate, Interval::Monthly).await;
    mall.shop.clock.set(middle());
    let preview = mall.asks(mall.max.id, None, true).await.unwrap();
    assert_eq!(preview.offer.money, ProrationBehavior::Prorate);
    assert_eq!(preview.offer.due_now.minor, mall.shop.plan.price_monthly);
    assert_eq!((preview.offer.credits_now.get(), preview.offer.credits_then.get()), (2000, MAX));
    assert_eq!(preview.offer.renews_at, period(Interval::Monthly, 0).end);
    assert!(mall.calls().is_empty());
    assert_eq!(mall.balance().await, 2000);

    let changed = mall.changes(mall.max.id).await;
    assert_eq!(changed.offer, preview.offer);
    assert_eq!(changed.subscription.plan.unwrap().slug, "max");
    assert_eq!(mall.balance().await, 4000);
    mall.shop.clock.set(period(Interval::Monthly, 0).end.plus_days(3));
    assert_eq!(mall.balance().await, 0, "they end as the period's own do");
    mall.shop.is_sound("ada").await;
}

#[tokio::test]
async fn changing_to_and_fro_brings_the_difference_once() {
    let mall = Mall::open(ChangePolicy::Prorate, Interval::Monthly).await;
    mall.shop.clock.set(middle());
    mall.changes(mall.max.id).await;
    for _ in 0..5 {
        mall.shop.clock.advance(3600);
        let down = mall.changes(mall.shop.plan.id).await;
        assert_eq!((down.offer.money, down.offer.due_now.minor), (ProrationBehavior::AtRenewal, 0));
        assert_eq!(down.subscription.plan.unwrap().slug, "max", "it was paid for");
        mall.shop.clock.advance(3600);
        let up = mall.changes(mall.max.id).await;
        assert_eq!((up.offer.money, up.offer.due_now.minor), (ProrationBehavior::AtRenewal, 0));
        assert_eq!(mall.balance().await, 4000);
    }
    let has_scheduled_change: Vec<_> = mall.calls().iter().map(|call| call.has_scheduled_change).collect();
    assert_eq!(
        has_scheduled_change.iter().filter(|has_scheduled_change| **has_scheduled_change).count(),
        5,
        "{has_scheduled_change:?}"
    );
}

/// The invoice of a change that the customer made in the provider's portal: the rest of one plan for the rest of
/// another.
pub(crate) fn in_the_portal(order: &Order, number: usize, (from, to): (&str, &str), at: Timestamp) -> Fact {
    let rest = Period { start: at, end: period(Interval::Monthly, 0).end };
    let line = |price: &str, gives_back| PaidLine {
        quantity: 1,
        price: price.to_owned(),
        period: rest,
        free: false,
        proration: true,
        gives_back,
    };
    let invoice = format!("in_change_{number}");
    Fact::PeriodPaid(PaidPeriod {
        refs: PaymentRefs::of_invoice(&invoice),
        payment: invoice,
        collected_at: None,
        paid: Some(Money::new(if to == "price_month" { 0 } else { 500 }, order.price.currency)),
        reason: PeriodReason::Change,
        lines: vec![line(from, true), line(to, false)],
        ..paid(order, "in_x", Interval::Monthly, 0)
    })
}

#[tokio::test]
async fn changing_to_and_fro_in_the_providers_own_pages_mints_nothing_either() {
    let mall = Mall::open(ChangePolicy::Prorate, Interval::Monthly).await;
    let (pro, max) = ("price_month", "price_max_month");
    mall.shop.clock.set(middle());
    for round in 0..5 {
        let at = middle().plus_seconds(i64::try_from(round).unwrap() * 7200);
        let up = in_the_portal(&mall.order, 2 * round, (pro, max), at);
        let down = in_the_portal(&mall.order, 2 * round + 1, (max, pro), at.plus_seconds(3600));
        for (number, fact) in [up, down].into_iter().enumerate() {
            mall.shop.clock.advance(3600);
            for again in 0..2 {
                mall.shop.hears(&format!("evt_{round}_{number}_{again}"), fact.clone()).await;
            }
        }
        assert_eq!(mall.balance().await, 4000, "round {round}");
    }
    mall.shop.is_sound("ada").await;
}

#[tokio::test]
async fn a_fresh_period_brings_all_of_the_new_plan_and_ends_what_was_left_of_the_old() {
    let mall = Mall::open(ChangePolicy::ResetBillingAnchor, Interval::Monthly).await;
    mall.shop.clock.set(middle());
    let changed = mall.changes(mall.max.id).await;
    assert_eq!(
        (changed.offer.money, changed.offer.due_now),
        (ProrationBehavior::ResetBillingAnchor, changed.offer.price)
    );
    assert_eq!(mall.balance().await, MAX);
    let subscription = changed.subscription.subscription;
    assert_eq!(subscription.period.unwrap().start, middle());
    mall.shop.clock.set(subscription.period.unwrap().end.plus_days(3));
    assert_eq!(mall.balance().await, 0);
    mall.shop.is_sound("ada").await;
}

#[tokio::test]
async fn a_change_within_a_fresh_period_counts_from_that_and_not_from_the_one_it_cut_short() {
    let mall = Mall::open(ChangePolicy::ResetBillingAnchor, Interval::Monthly).await;
    let price = mall.shop.plan.price_monthly;
    let giant = sells(&mall.shop, "giant", 5 * price, 2 * MAX, ChangePolicy::Prorate).await;
    mall.shop.clock.set(middle());
    let fresh = mall.changes(mall.max.id).await.subscription.subscription.period.unwrap();
    // Most of the new period is left, but little of the one that was paid before.
    let quarter = fresh.end.seconds_since(fresh.start) / 4;
    mall.shop.clock.set(fresh.start.plus_seconds(quarter));
    let offer = mall.changes(giant.id).await.offer;
    assert_eq!((offer.money, offer.renews_at), (ProrationBehavior::Prorate, fresh.end));
    assert_eq!((offer.due_now.minor, offer.credits_now.get()), (2 * price * 3 / 4, MAX * 3 / 4));
    assert_eq!(mall.balance().await, MAX + MAX * 3 / 4);
    mall.shop.is_sound("ada").await;
}

#[tokio::test]
async fn from_months_to_years_begins_a_fresh_year_and_back_only_when_it_ends() {
    let mall = Mall::open(ChangePolicy::None, Interval::Monthly).await;
    mall.shop.clock.set(middle());
    let changed = mall.asks(mall.shop.plan.id, Some(Interval::Yearly), false).await.unwrap();
    mall.shop.clock.advance(1);
    assert_eq!(changed.offer.money, ProrationBehavior::ResetBillingAnchor);
    assert_eq!(changed.offer.due_now.minor, 20_000);
    assert_eq!(mall.balance().await, 2000, "this month's, and no longer the last one's");
    let back = mall.asks(mall.shop.plan.id, Some(Interval::Monthly), false).await.unwrap_err();
    assert_eq!(back.code(), "year_paid");
}

#[tokio::test]
async fn a_prorated_change_of_a_year_is_worth_more_each_month_that_is_left() {
    let mall = Mall::open(ChangePolicy::Prorate, Interval::Yearly).await;
    mall.shop.clock.set(middle());
    let changed = mall.changes(mall.max.id).await;
    assert_eq!(changed.offer.money, ProrationBehavior::Prorate);
    assert_eq!(changed.offer.credits_now.get(), 2000);
    assert_eq!(mall.balance().await, 4000);
    for count in [1, 5, 11] {
        mall.shop.clock.set(period(Interval::Monthly, count).start.plus_days(1));
        assert_eq!(mall.balance().await, MAX, "month {count}");
    }
    mall.shop.is_sound("ada").await;
}

#[tokio::test]
async fn a_dearer_plan_waits_for_the_first_payment_and_not_for_the_renewal() {
    let shop = Shop::open().await;
    let max = sells(&shop, "max", 3 * shop.plan.price_monthly, MAX, ChangePolicy::Prorate).await;
    let small = sells(&shop, "mini", shop.plan.price_monthly / 2, 10, ChangePolicy::Prorate).await;
    let order = orders_plan(&shop, Interval::Monthly).await.order;
    shop.hears("evt_new", subscribed_to(&order, Interval::Monthly, noon())).await;
    let mall = Mall { shop, order, max };
    for preview in [true, false] {
        let refused = mall.asks(mall.max.id, None, preview).await.unwrap_err();
        assert_eq!(refused.code(), "payment_pending");
    }
    assert_eq!(mall.calls(), []);
    let cheaper = mall.asks(small.id, None, true).await.unwrap();
    assert_eq!(cheaper.offer.money, ProrationBehavior::AtRenewal, "nothing is due for it in any case");
    let first = Fact::PeriodPaid(paid(&mall.order, "in_1", Interval::Monthly, 0));
    mall.shop.hears("evt_paid", first).await;
    let changed = mall.asks(mall.max.id, None, false).await.unwrap();
    assert_eq!(changed.offer.money, ProrationBehavior::Prorate);
}

#[tokio::test]
async fn what_cannot_be_changed_is_refused_and_what_is_declined_changes_nothing() {
    let mall = Mall::open(ChangePolicy::Prorate, Interval::Monthly).await;
    mall.shop.clock.set(middle());
    let code = async |plan, interval| mall.asks(plan, interval, false).await.unwrap_err().code();
    assert_eq!(code(mall.shop.plan.id, None).await, "already_on_plan");
    assert_eq!(code(PlanId::from_uuid(uuid::Uuid::from_u128(404)), None).await, "not_found");
    let declined = ProviderError::Refused {
        code: Some("card_declined".to_owned()),
        message: "Your card was declined.".to_owned(),
        request_id: None,
    };
    let before = mall.shop.billing.summary(&an_external_id("ada")).await.unwrap();
    mall.shop.provider.on_plan(Err(declined));
    assert_eq!(code(mall.max.id, None).await, "provider_refused");
    assert_eq!(mall.shop.billing.summary(&an_external_id("ada")).await.unwrap(), before);

    let canceling = billing_core::payments::SubscriptionChange::CancelAtPeriodEnd;
    mall.shop
        .billing
        .change_subscription(&ChangeSubscription::new(an_external_id("ada"), canceling))
        .await
        .unwrap();
    assert_eq!(code(mall.max.id, None).await, "subscription_ending");
    let late = subscribed(&mall.order, SubscriptionStatus::PastDue, middle().plus_seconds(60));
    mall.shop.hears("evt_late", late).await;
    assert_eq!(code(mall.max.id, None).await, "subscription_not_active");
}

#[tokio::test]
async fn what_a_change_added_and_what_it_was_added_to_end_together_when_the_renewal_fails() {
    let mall = Mall::open(ChangePolicy::Prorate, Interval::Monthly).await;
    mall.changes(mall.max.id).await;
    assert_eq!(mall.balance().await, MAX);
    let end = period(Interval::Monthly, 0).end;
    let due = end.plus_seconds(60);
    let Fact::Subscription(fact) = subscribed_to(&mall.order, Interval::Monthly, due) else { unreachable!() };
    let failed = SubscriptionFact {
        status: SubscriptionStatus::PastDue,
        items: vec![SubscriptionItem::one("price_max_month")],
        period: Some(period(Interval::Monthly, 1)),
        ..fact
    };
    mall.shop.clock.set(due);
    assert_eq!(mall.shop.hears("evt_due", Fact::Subscription(failed)).await, DONE);
    mall.shop.clock.set(end.plus_days(13));
    assert_eq!(mall.balance().await, MAX);
    mall.shop.clock.set(end.plus_days(15));
    assert_eq!(mall.balance().await, 0);
    mall.shop.is_sound("ada").await;
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    /// Any number of changes within a month grant no more credits than its largest plan has, and none that were not
    /// paid for at its own rate.
    #[test]
    fn changes_of_a_month_never_bring_more_than_was_paid_for(
        steps in proptest::collection::vec((0_usize..3, 1_i64..90_000), 1..12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mall = Mall::open(ChangePolicy::Prorate, Interval::Monthly).await;
            let price = mall.shop.plan.price_monthly;
            let top = sells(&mall.shop, "top", 5 * price, 10_000, ChangePolicy::Prorate).await;
            let plans = [mall.shop.plan.id, mall.max.id, top.id];
            let mut paid = price;
            for (plan, seconds) in steps {
                mall.shop.clock.advance(seconds);
                if let Ok(changed) = mall.asks(plans[plan], None, false).await {
                    paid += changed.offer.due_now.minor;
                }
                mall.shop.clock.advance(1);
                let balance = mall.balance().await;
                assert!(balance <= 10_000, "{balance}");
                // 2,000 credits cost the price; all plans here have the same rate. The tolerance is one cent of
                // rounding per change.
                assert!(balance * price <= (paid + 12) * 2000, "{balance} credits for {paid}");
            }
            mall.shop.is_sound("ada").await;
        });
    }
}
