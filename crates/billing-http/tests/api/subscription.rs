//! A subscription's life, as its owner steers it.

use billing_core::catalog::Plan;
use billing_core::changes::Changes;
use billing_core::credentials::Scope;
use billing_core::payments::Channel;
use billing_core::payments::SubscriptionChange::{CancelAtPeriodEnd, CancelNow, Resume};
use billing_core::ports::ProviderError;
use billing_core::subscriptions::{Subscription, SubscriptionStatus};
use billing_core::values::{Money, Period};
use billing_testkit::builders::{a_plan, a_subscription, monthly_price, noon};
use serde_json::{Value, json};

use crate::common::shapes::{closed, moment, success, text, text_or_null, whole, yes_or_no};
use crate::common::{World, matches_schema};

const RETURN: &str = "https://app.example.com/account";

/// A world in which ada has `change`d a monthly subscription, with a key that may do what ada may.
async fn subscribed(change: impl FnOnce(&mut Subscription)) -> (World, String) {
    let world = World::new();
    let account = world.account("ada").await;
    let plan = world.plan(a_plan("standard", &*world.ids)).await;
    let mut subscription = a_subscription(account.id, &plan, "sub_1", &*world.ids);
    subscription.period = Some(Period { start: noon(), end: noon().plus_days(30) });
    change(&mut subscription);
    world.commit(Changes { subscriptions: vec![subscription], ..Changes::default() }).await;
    let key = world.key_of("ada", &[Scope::BillingRead, Scope::BillingWrite]).await;
    (world, key)
}

async fn shown(world: &World, key: &str) -> Value {
    world.get(key, "/subscription").await.data()
}

fn schema() -> Value {
    let moment_or_null = || json!({ "type": ["string", "null"], "format": "date-time" });
    success(closed(json!({
        "id": text(), "provider": text(), "provider_id": text(), "plan_id": text(), "plan": text_or_null(), "renews_as": text_or_null(), "quantity": whole(),
        "interval": { "enum": ["monthly", "yearly"] }, "status": text(), "current_period_start": moment_or_null(),
        "current_period_end": moment_or_null(), "cancel_at_period_end": yes_or_no(), "cancel_at": moment_or_null(),
        "canceled_at": moment_or_null(), "ended_at": moment_or_null(), "trial_end": moment_or_null(), "cancel_reason": text_or_null(),
        "started_at": moment(),
    })))
}

#[actix_web::test]
async fn a_subscription_is_shown_and_null_where_there_is_none() {
    let (world, key) = subscribed(|_| {}).await;
    let answer = world.get(&key, "/subscription").await;
    matches_schema(&answer.json(), &schema());
    let data = answer.data();
    assert_eq!((&data["plan"], &data["status"]), (&json!("standard"), &json!("active")));
    let stranger = world.key_of("bob", &[Scope::BillingRead]).await;
    assert_eq!(shown(&world, &stranger).await, Value::Null);
}

#[actix_web::test]
async fn it_ends_with_its_period_unless_it_is_to_end_now() {
    let (world, key) = subscribed(|_| {}).await;
    let canceled = world.post(&key, "/subscription/cancel", &json!({})).await;
    assert_eq!(canceled.status, 200, "{}", canceled.text());
    matches_schema(&canceled.json(), &schema());
    let data = canceled.data();
    assert_eq!((&data["status"], &data["cancel_at_period_end"]), (&json!("active"), &json!(true)));
    assert_eq!(data["cancel_at"], data["current_period_end"]);
    assert_eq!(shown(&world, &key).await, data);

    let again = world.post(&key, "/subscription/cancel", &json!({ "when": "period_end" })).await;
    assert_eq!(again.data(), data);
    assert_eq!(world.provider.asked_changes().len(), 1, "what is so already is not asked for again");

    let kept = world.post(&key, "/subscription/resume", &json!({})).await;
    assert_eq!(
        (&kept.data()["cancel_at_period_end"], &kept.data()["cancel_at"]),
        (&json!(false), &Value::Null)
    );
    world.post(&key, "/subscription/resume", &json!({})).await;
    assert_eq!(world.provider.asked_changes().len(), 2);

    let ended = world.post(&key, "/subscription/cancel", &json!({ "when": "now" })).await;
    assert_eq!((&ended.data()["status"], ended.data()["ended_at"].is_string()), (&json!("canceled"), true));
    let asked: Vec<_> = world.provider.asked_changes().into_iter().map(|asked| asked.change).collect();
    assert_eq!(asked, [CancelAtPeriodEnd, Resume, CancelNow]);
    // It is over: there is nothing left to end or to keep.
    for path in ["/subscription/cancel", "/subscription/resume"] {
        world.post(&key, path, &json!({})).await.is(404, "not_found");
    }
}

#[actix_web::test]
async fn what_the_provider_does_not_do_changes_nothing_here() {
    let (world, key) = subscribed(|_| {}).await;
    let before = shown(&world, &key).await;
    let failures = [
        (
            ProviderError::Unknown { message: "no answer".to_owned(), request_id: None },
            502,
            "provider_unavailable",
        ),
        (
            ProviderError::Refused { code: None, message: "no".to_owned(), request_id: None },
            502,
            "provider_refused",
        ),
        (ProviderError::Unsupported("cancel subscriptions"), 400, "provider_unsupported"),
    ];
    for (failure, status, code) in failures {
        world.provider.on_change(Err(failure));
        world.post(&key, "/subscription/cancel", &json!({})).await.is(status, code);
        assert_eq!(shown(&world, &key).await, before);
    }
    world.post(&key, "/subscription/cancel", &json!({ "when": "soon" })).await.is(400, "invalid_request");
    world.post(&key, "/subscription/cancel", &json!({ "at": "now" })).await.is(400, "invalid_request");
    assert_eq!(world.provider.asked_changes().len(), 3);
}

#[actix_web::test]
async fn one_that_is_over_can_still_open_the_portal_and_a_stranger_cannot() {
    let (world, key) = subscribed(|it| {
        it.status = SubscriptionStatus::Canceled;
        it.ended_at = Some(noon());
    })
    .await;
    let body = json!({ "return_url": RETURN });
    let opened = world.post(&key, "/subscription/portal", &body).await;
    assert_eq!(opened.data(), json!({ "url": "https://portal.example.com/cus_1" }));
    let bare = world.post(&key, "/v1/billing/portal-session", &body).await;
    assert_eq!((bare.status, bare.json()), (200, json!({ "url": "https://portal.example.com/cus_1" })));
    let asked = world.provider.asked_portals();
    assert_eq!((asked[0].customer.as_str(), asked[0].return_url.as_str()), ("cus_1", RETURN));
    assert_ne!(asked[0].key, asked[1].key, "such pages do not stay open");

    let elsewhere = json!({ "return_url": "https://evil.test/" });
    world.post(&key, "/subscription/portal", &elsewhere).await.is(400, "url_not_allowed");
    let stranger = world.key_of("bob", &[Scope::BillingWrite]).await;
    world.post(&stranger, "/subscription/portal", &body).await.is(404, "not_found");
    world.post(&stranger, "/v1/billing/portal-session", &body).await.is(404, "not_found");
    assert_eq!(world.provider.asked_portals().len(), 2);
}

#[actix_web::test]
async fn a_change_of_plan_is_previewed_and_made() {
    let (world, key) = subscribed(|_| {}).await;
    let dear = Plan {
        price_monthly: 9_900,
        prices: monthly_price(Channel::named("stripe"), "price_dear"),
        ..a_plan("dear", &*world.ids)
    };
    let dear = world.plan(dear).await;
    let ask = json!({ "plan_id": dear.id.to_string(), "preview": true });
    let preview = world.post(&key, "/subscription/change", &ask).await;
    assert_eq!(preview.status, 200, "{}", preview.text());
    let data = preview.data();
    // Nothing is known of a payment, so nothing can be counted from it.
    assert_eq!((&data["preview"], &data["paid"]), (&json!(true), &json!("at_renewal")));
    assert_eq!(
        (&data["due_now"], &data["credits_now"], &data["price"]),
        (&json!(0), &json!(0), &json!(9_900))
    );
    assert_eq!(data["subscription"], shown(&world, &key).await);
    assert!(world.provider.asked_plans().is_empty());

    let made = world.post(&key, "/subscription/change", &json!({ "plan_id": dear.id.to_string() })).await;
    assert_eq!(made.data()["preview"], json!(false));
    assert_eq!(world.provider.asked_plans().len(), 1);
    for (ask, status, code) in [
        (json!({ "plan_id": "plan_x" }), 404, "not_found"),
        (json!({ "plan_id": dear.id.to_string(), "interval": "weekly" }), 400, "invalid_request"),
        (json!({ "plan_id": dear.id.to_string(), "price": 1 }), 400, "invalid_request"),
    ] {
        world.post(&key, "/subscription/change", &ask).await.is(status, code);
    }
    let stranger = world.key_of("bob", &[Scope::BillingWrite]).await;
    let ask = json!({ "plan_id": dear.id.to_string() });
    world.post(&stranger, "/subscription/change", &ask).await.is(404, "not_found");
}

#[actix_web::test]
async fn what_comes_next_is_counted_by_the_provider_where_it_can_say() {
    let (world, key) = subscribed(|_| {}).await;
    let counted = Money::new(1234, "usd".parse().unwrap());
    world.provider.on_renewal(Ok(Some(counted)));
    let next = world.get(&key, "/invoices/upcoming").await;
    assert_eq!(next.status, 200, "{}", next.text());
    let data = next.data();
    assert_eq!((&data["amount"], &data["counted_by"]), (&json!(1234), &json!("provider")));
    assert_eq!(data["period_start"], shown(&world, &key).await["current_period_end"]);
    world.provider.on_renewal(Ok(None));
    assert_eq!(world.get(&key, "/invoices/upcoming").await.data(), Value::Null);
    let down = ProviderError::Unknown { message: "no answer".to_owned(), request_id: None };
    world.provider.on_renewal(Err(down));
    world.get(&key, "/invoices/upcoming").await.is(502, "provider_unavailable");
    let stranger = world.key_of("bob", &[Scope::BillingRead]).await;
    assert_eq!(world.get(&stranger, "/invoices/upcoming").await.data(), Value::Null);
}

#[actix_web::test]
async fn a_subscription_is_set_aside_in_document_bs_style_as_well() {
    let (world, key) = subscribed(|_| {}).await;
    let paused = world.post(&key, "/v1/billing/subscription/pause", &json!({})).await;
    assert_eq!(paused.status, 200, "{}", paused.text());
    assert_eq!(paused.json(), world.get(&key, "/v1/billing/summary").await.json());
    assert_eq!(shown(&world, &key).await["status"], json!("paused"));
}

#[actix_web::test]
async fn the_reason_of_a_cancellation_is_shown_by_every_view_that_has_it() {
    let (world, key) = subscribed(|_| {}).await;
    let long = json!({ "reason": "x".repeat(501) });
    world.post(&key, "/subscription/cancel", &long).await.is(400, "invalid_request");
    let canceled = world.post(&key, "/subscription/cancel", &json!({ "reason": " Zu teuer " })).await;
    assert_eq!(canceled.data()["cancel_reason"], "Zu teuer");
    let summary = world.get(&key, "/v1/billing/summary").await.json();
    assert_eq!(summary["subscription"]["cancel_reason"], "Zu teuer", "{summary}");
    world.post(&key, "/subscription/resume", &json!({})).await;
    assert_eq!(shown(&world, &key).await["cancel_reason"], Value::Null);
}
