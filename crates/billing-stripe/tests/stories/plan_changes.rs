//! Another plan, through Stripe's API.

use billing_core::BillingError;
use billing_core::catalog::{ChangePolicy, Plan};
use billing_core::payments::{Channel, ProrationBehavior};
use billing_core::requests::{ChangePlan, PlanChangeResult, PlanDraft};
use billing_testkit::builders::{a_plan_draft, an_external_id, monthly_price};
use billing_testkit::http_fakes::stripe::Fault;

use super::World;
use super::ends::subscribed;

async fn sells(world: &World, slug: &str, price: &str, policy: ChangePolicy) -> Plan {
    let draft = PlanDraft {
        price_monthly: 99_900,
        prices: monthly_price(Channel::named("stripe"), price),
        change_policy: policy,
        ..a_plan_draft(slug)
    };
    world.billing.publish_plan(None, &draft).await.unwrap()
}

async fn changes(world: &World, plan: &Plan, preview: bool) -> Result<PlanChangeResult, BillingError> {
    let ask =
        ChangePlan { account: an_external_id("ada"), plan: plan.id, interval: None, preview, key: None };
    world.billing.change_plan(&ask).await
}

/// What the last request that changed the subscription said.
fn asked(world: &World) -> Vec<(String, String)> {
    let requests = world.fake.requests().into_iter().rev();
    let mut writes = requests.filter(|request| request.method == "POST");
    writes.find(|request| request.path.starts_with("/v1/subscriptions/")).unwrap().params
}

fn said(params: &[(String, String)], name: &str) -> Option<String> {
    params.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
}

#[tokio::test]
async fn the_price_of_the_one_item_is_switched_as_the_policy_says() {
    for (policy, money, prorations, anchor) in [
        (ChangePolicy::None, ProrationBehavior::AtRenewal, "none", None),
        (ChangePolicy::Prorate, ProrationBehavior::Prorate, "always_invoice", None),
        (ChangePolicy::ResetBillingAnchor, ProrationBehavior::ResetBillingAnchor, "none", Some("now")),
    ] {
        let (world, described) = subscribed().await;
        let dear = sells(&world, "dear", "price_dear", policy).await;
        let changed = changes(&world, &dear, false).await.unwrap();
        assert_eq!(changed.offer.money, money);
        let params = asked(&world);
        assert_eq!(said(&params, "items[0][price]").as_deref(), Some("price_dear"));
        assert_eq!(said(&params, "items[0][id]").as_deref(), described["items"]["data"][0]["id"].as_str());
        assert_eq!(said(&params, "proration_behavior").as_deref(), Some(prorations));
        assert_eq!(said(&params, "billing_cycle_anchor[type]").as_deref(), anchor);
        let incomplete = (money != ProrationBehavior::AtRenewal).then_some("error_if_incomplete");
        assert_eq!(
            said(&params, "payment_behavior").as_deref(),
            incomplete,
            "nobody has a plan that was not paid"
        );
        assert_eq!(changed.subscription.subscription.plan, dear.id);
    }
}

#[tokio::test]
async fn what_is_due_is_asked_of_stripe_and_a_preview_changes_nothing() {
    let (world, _) = subscribed().await;
    let dear = sells(&world, "dear", "price_dear", ChangePolicy::Prorate).await;
    let preview = changes(&world, &dear, true).await.unwrap();
    assert_eq!(preview.offer.due_now.minor, 700, "as Stripe counts it");
    assert_ne!(preview.subscription.subscription.plan, dear.id);
    let writes = world.fake.requests().into_iter().filter(|request| request.path.contains("/subscriptions/"));
    assert!(writes.into_iter().all(|request| request.method == "GET"));
}

#[tokio::test]
async fn the_difference_is_counted_from_what_was_paid_for() {
    let (world, _) = subscribed().await;
    let cheap = PlanDraft {
        price_monthly: 100,
        prices: monthly_price(Channel::named("stripe"), "price_cheap"),
        ..a_plan_draft("cheap")
    };
    let cheap = world.billing.publish_plan(None, &cheap).await.unwrap();
    let dear = sells(&world, "dear", "price_dear", ChangePolicy::Prorate).await;
    changes(&world, &cheap, false).await.unwrap();
    changes(&world, &dear, false).await.unwrap();
    let requests = world.fake.requests().into_iter().filter(|request| request.method == "POST");
    let switches = requests.filter(|request| request.path.starts_with("/v1/subscriptions/"));
    let switches: Vec<_> = switches
        .map(|request| {
            (said(&request.params, "items[0][price]"), said(&request.params, "proration_behavior"))
        })
        .collect();
    let switch = |price: &str, prorations: &str| (Some(price.to_owned()), Some(prorations.to_owned()));
    let paid = super::PRICE.to_owned();
    assert_eq!(
        switches,
        [switch("price_cheap", "none"), switch(&paid, "none"), switch("price_dear", "always_invoice")]
    );
}

#[tokio::test]
async fn a_declined_card_changes_nothing() {
    let (world, _) = subscribed().await;
    let dear = sells(&world, "dear", "price_declined", ChangePolicy::Prorate).await;
    let before = world.billing.summary(&an_external_id("ada")).await.unwrap();
    assert_eq!(changes(&world, &dear, false).await.unwrap_err().code(), "provider_refused");
    assert_eq!(world.billing.summary(&an_external_id("ada")).await.unwrap(), before);
}

#[tokio::test]
async fn a_change_that_was_declined_can_be_paid_with_another_card() {
    let (world, _) = subscribed().await;
    let dear = sells(&world, "dear", "price_declined_twice", ChangePolicy::Prorate).await;
    for _ in 0..2 {
        assert_eq!(changes(&world, &dear, false).await.unwrap_err().code(), "provider_refused");
    }
    let changed = changes(&world, &dear, false).await.unwrap();
    assert_eq!(changed.subscription.subscription.plan, dear.id);
}

#[tokio::test]
async fn the_next_renewal_is_counted_by_stripe() {
    let (world, _) = subscribed().await;
    let ada = an_external_id("ada");
    let (upcoming, by_provider) = world.billing.upcoming_invoice(&ada).await.unwrap().unwrap();
    assert_eq!((upcoming.amount.minor, by_provider), (2100, true));
    let none = Fault::Refuse { status: 400, code: Some("invoice_upcoming_none"), should_retry: None };
    world.fake.inject(none);
    assert_eq!(world.billing.upcoming_invoice(&ada).await.unwrap(), None);
}
