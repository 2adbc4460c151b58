//! Gifts, and subscriptions that were given.

use actix_web::http::Method;
use billing_core::Job;
use billing_core::catalog::Plan;
use billing_core::changes::Changes;
use billing_core::credentials::Scope;
use billing_core::orders::OrderRefs;
use billing_core::payments::{CheckoutFact, CheckoutOutcome};
use billing_testkit::builders::{a_plan, a_subscription};
use serde_json::{Value, json};

use crate::common::shapes::{closed, listing, moment, success, text, text_or_null, whole, yes_or_no};
use crate::common::{Answer, World, matches_schema};

const REDEEM: &str = "/gifts/redeem";
const GIVE: &str = "/admin/billing/subscriptions";

fn moment_or_null() -> Value {
    json!({ "type": ["string", "null"], "format": "date-time" })
}

fn status() -> Value {
    json!({ "enum": ["pending", "paid", "redeemed", "refunded"] })
}

fn gift() -> Value {
    closed(json!({
        "id": text(), "status": status(), "order_id": text_or_null(), "plan_id": text(), "months": whole(),
        "code": text_or_null(), "url": text_or_null(), "recipient_email": text_or_null(),
        "recipient_name": text_or_null(), "message": text_or_null(), "created_at": moment(),
        "redeemed_at": moment_or_null(),
    }))
}

fn owned_gift() -> Value {
    closed(json!({
        "id": text(), "origin": { "enum": ["bought", "complimentary"] }, "status": status(),
        "account_id": text_or_null(), "order_id": text_or_null(), "plan_id": text(), "months": whole(),
        "code_last4": text_or_null(), "recipient_email": text_or_null(), "recipient_name": text_or_null(),
        "reason": text_or_null(), "given_by": text_or_null(), "redeemed_by": text_or_null(),
        "created_at": moment(), "redeemed_at": moment_or_null(),
    }))
}

fn subscription() -> Value {
    json!({
        "id": text(), "provider": { "const": "gift" }, "provider_id": text(), "plan_id": text(),
        "plan": text_or_null(), "renews_as": text_or_null(), "quantity": whole(), "interval": { "enum": ["monthly", "yearly"] }, "status": text(),
        "current_period_start": moment(), "current_period_end": moment(), "cancel_at_period_end": yes_or_no(),
        "cancel_at": moment_or_null(), "canceled_at": moment_or_null(), "ended_at": moment_or_null(),
        "trial_end": moment_or_null(), "cancel_reason": text_or_null(), "started_at": moment(),
    })
}

fn redeemed() -> Value {
    closed(json!({
        "gift_id": text(), "months": whole(), "message": text_or_null(), "subscription": closed(subscription()),
    }))
}

fn owned_subscription() -> Value {
    let mut fields = subscription();
    fields["account_id"] = text();
    fields["role"] = text();
    success(closed(fields))
}

fn wants(plan: &Plan, months: u32) -> Value {
    json!({
        "channel": "stripe", "type": "gift", "plan_id": plan.id.to_string(), "months": months,
        "recipient_email": "bob@example.com", "recipient_name": "Bob", "message": "Happy birthday!",
        "redeem_url": "https://app.example.com/redeem",
        "success_url": "https://app.example.com/paid", "cancel_url": "https://app.example.com/pricing",
    })
}

/// A world that sells a plan, and a key of `account` that may read and write.
async fn shop() -> (World, Plan) {
    let world = World::new();
    let plan = world.plan(a_plan("pro", &*world.ids)).await;
    (world, plan)
}

async fn key(world: &World, account: &str) -> String {
    world.key_of(account, &[Scope::BillingRead, Scope::BillingWrite]).await
}

/// Ada orders a gift; answers what she was told.
async fn ordered(world: &World, plan: &Plan, months: u32) -> Answer {
    let ada = key(world, "ada").await;
    world.post(&ada, "/payment/create-session", &wants(plan, months)).await
}

/// The checkout is paid, and ada asks for it.
async fn pays(world: &World, session: &Value) {
    let asked = world.provider.asked_checkouts().pop().unwrap();
    world.provider.on_read(CheckoutFact {
        session: session["session_id"].as_str().unwrap().to_owned(),
        outcome: CheckoutOutcome::Paid,
        subscription_mode: false,
        total: Some(asked.price),
        customer: asked.customer,
        refs: OrderRefs { payment: Some("pi_1".to_owned()), ..OrderRefs::default() },
        order_hint: None,
    });
    let path = format!("/orders/{}/refresh", session["order_id"].as_str().unwrap());
    assert_eq!(world.post(&key(world, "ada").await, &path, &json!({})).await.data()["status"], "completed");
}

#[actix_web::test]
async fn a_gift_is_ordered_listed_paid_and_redeemed() {
    let (world, plan) = shop().await;
    let answer = ordered(&world, &plan, 3).await;
    let gift_shape = closed(json!({ "id": text(), "code": text(), "url": text() }));
    matches_schema(
        &answer.json(),
        &success(closed(json!({
            "order_id": text(), "session_id": text(), "url": text(), "expires_at": moment(), "gift": gift_shape,
        }))),
    );
    let session = answer.data();
    let code = session["gift"]["code"].as_str().unwrap().to_owned();
    assert_eq!(session["gift"]["url"], format!("https://app.example.com/redeem?code={code}"));
    let (ada, bob) = (key(&world, "ada").await, key(&world, "bob").await);
    let order = world.get(&ada, &format!("/orders/{}", session["order_id"].as_str().unwrap())).await.data();
    assert_eq!(
        (&order["type"], &order["months"], &order["amount"]),
        (&json!("gift"), &json!(3), &json!(6000))
    );

    let body = json!({ "code": code });
    let early = world.post(&bob, REDEEM, &body).await;
    early.is(412, "gift_not_paid");
    pays(&world, &session).await;
    let list = world.get(&ada, "/gifts").await;
    matches_schema(&list.json(), &listing(gift()));
    assert_eq!((&list.data()[0]["status"], &list.data()[0]["code"]), (&json!("paid"), &json!(code)));
    assert_eq!(world.get(&bob, "/gifts").await.data(), json!([]));

    let done = world.send_as(&bob, REDEEM, "k", &body).await;
    matches_schema(&done.json(), &success(redeemed()));
    assert_eq!(done.data()["message"], "Happy birthday!");
    let again = world.send_as(&bob, REDEEM, "k", &body).await;
    assert_eq!(again.data(), done.data());
    assert_eq!(again.header("Idempotency-Replayed"), Some("true"));
    world.post(&bob, REDEEM, &body).await.is(409, "gift_already_redeemed");
    world.post(&key(&world, "cleo").await, REDEEM, &body).await.is(409, "gift_already_redeemed");
    world.post(&bob, REDEEM, &json!({ "code": "nonsense" })).await.is(404, "gift_not_found");
    assert_eq!(world.balance("bob").await.0, 2000);
    assert_eq!(world.get(&ada, "/gifts").await.data()[0]["status"], "redeemed");
}

#[actix_web::test]
async fn a_neighbour_of_document_b_redeems_as_well() {
    let (world, plan) = shop().await;
    let session = ordered(&world, &plan, 1).await.data();
    let bob = key(&world, "bob").await;
    let body = json!({ "code": session["gift"]["code"] });
    let early = world.post(&bob, "/v1/billing/gifts/redeem", &body).await;
    assert_eq!((early.status, &early.json()["error"]), (412, &json!("gift_not_paid")));
    pays(&world, &session).await;
    let done = world.post(&bob, "/v1/billing/gifts/redeem", &body).await;
    assert_eq!(done.status, 200);
    matches_schema(&done.json(), &redeemed());
}

#[actix_web::test]
async fn whoever_is_subscribed_redeems_nothing_and_keeps_the_gift() {
    let (world, plan) = shop().await;
    let session = ordered(&world, &plan, 1).await.data();
    pays(&world, &session).await;
    let account = world.account("bob").await;
    let live = a_subscription(account.id, &plan, "sub_1", &*world.ids);
    world.commit(Changes { subscriptions: vec![live], ..Changes::default() }).await;
    let body = json!({ "code": session["gift"]["code"] });
    world.post(&key(&world, "bob").await, REDEEM, &body).await.is(409, "already_subscribed");
    world.post(&key(&world, "cleo").await, REDEEM, &body).await.data();
}

#[actix_web::test]
async fn fields_of_gifts_belong_to_gifts() {
    let (world, plan) = shop().await;
    let ada = key(&world, "ada").await;
    let refused = async |change: &dyn Fn(&mut Value)| {
        let mut body = wants(&plan, 3);
        change(&mut body);
        let answer = world.post(&ada, "/payment/create-session", &body).await;
        assert_eq!(answer.status, 400, "{body} {}", answer.text());
        answer.json()["error"]["details"]["field"].clone()
    };
    assert_eq!(refused(&|body| body["months"] = json!(0)).await, "months");
    assert_eq!(refused(&|body| body["months"] = json!(37)).await, "months");
    assert_eq!(refused(&|body| body["months"] = json!(null)).await, "months");
    assert_eq!(refused(&|body| body["plan_id"] = json!(null)).await, "plan_id");
    assert_eq!(refused(&|body| body["interval"] = json!("monthly")).await, "interval");
    assert_eq!(refused(&|body| body["pack_id"] = json!("pack_1")).await, "pack_id");
    assert_eq!(refused(&|body| body["type"] = json!("subscription")).await, "months");
    assert_eq!(refused(&|body| body["recipient_email"] = json!("bob")).await, "recipient_email");
    let gift = |body: &mut Value| body["channel"] = json!("gift");
    assert_eq!(refused(&gift).await, Value::Null, "nobody sells through it");
    assert_eq!(world.post("", "/payment/webhook/gift", &json!({})).await.status, 400);
    assert_eq!(world.get(&ada, "/gifts").await.data(), json!([]));
}

#[actix_web::test]
async fn operators_give_look_through_and_end() {
    let (world, plan) = shop().await;
    let session = ordered(&world, &plan, 3).await.data();
    let body = json!({
        "account_id": "bob", "plan_id": plan.id.to_string(), "months": 2, "reason": "A long outage",
    });
    let keyless = world.operator(Method::POST, GIVE).json(&body).send().await;
    keyless.is(400, "idempotency_key_required");
    let given = world.send(GIVE, "k", &body).await;
    matches_schema(&given.json(), &owned_subscription());
    assert_eq!(world.send(GIVE, "k", &body).await.data(), given.data());
    world.send(GIVE, "other", &body).await.is(409, "already_subscribed");
    let mut other = body.clone();
    other["months"] = json!(3);
    world.send(GIVE, "k", &other).await.is(422, "idempotency_key_reused");
    other["plan_id"] = json!("plan_nonsense");
    world.send(GIVE, "new", &other).await.is(404, "not_found");
    assert_eq!(world.balance("bob").await.0, 2000);

    let path = "/admin/billing/gifts";
    let list = world.operator(Method::GET, path).send().await;
    matches_schema(&list.json(), &listing(owned_gift()));
    assert!(!list.text().contains(session["gift"]["code"].as_str().unwrap()), "codes are their buyers'");
    let kinds: Vec<_> = list.data().as_array().unwrap().iter().map(|gift| gift["origin"].clone()).collect();
    assert_eq!(kinds, ["complimentary", "bought"]);
    let own = world.operator(Method::GET, &format!("{path}?account_id=ada")).send().await.data();
    assert_eq!((own.as_array().unwrap().len(), &own[0]["account_id"]), (1, &json!("ada")));
    let pending = world.operator(Method::GET, &format!("{path}?status=pending")).send().await.data();
    assert_eq!(pending.as_array().unwrap().len(), 1);
    world.operator(Method::GET, &format!("{path}?status=lost")).send().await.is(400, "invalid_request");

    let id = given.data()["id"].as_str().unwrap().to_owned();
    let end = format!("{GIVE}/{id}/cancel");
    let ended = world.operator(Method::POST, &end).send().await;
    matches_schema(&ended.json(), &owned_subscription());
    assert_eq!(ended.data()["status"], "canceled");
    assert_eq!(world.operator(Method::POST, &end).send().await.data()["status"], "canceled");
    assert_eq!(world.balance("bob").await.0, 0);
    world.operator(Method::POST, &format!("{GIVE}/sub_nonsense/cancel")).send().await.is(404, "not_found");
}

#[actix_web::test]
async fn its_owner_ends_it_and_is_told_what_it_cannot_do() {
    let (world, plan) = shop().await;
    let body = json!({ "account_id": "bob", "plan_id": plan.id.to_string(), "months": 1, "reason": "Hello" });
    world.send(GIVE, "k", &body).await.data();
    let bob = key(&world, "bob").await;
    let back = json!({ "return_url": "https://app.example.com/account" });
    let kept = world.post(&bob, "/subscription/cancel", &json!({})).await.data();
    assert_eq!((&kept["status"], &kept["cancel_at_period_end"]), (&json!("active"), &json!(true)));
    for (path, body) in [
        ("/subscription/pause", json!({})),
        ("/subscription/resume", json!({})),
        ("/subscription/portal", back),
    ] {
        let answer = world.post(&bob, path, &body).await;
        answer.is(400, "provider_unsupported");
        assert!(answer.message().contains("was given"), "{}", answer.message());
    }
    let ended = world.post(&bob, "/subscription/cancel", &json!({ "when": "now" })).await.data();
    assert_eq!(ended["status"], "canceled");
    assert_eq!(world.billing.run_due(Job::Gifts).await.unwrap().done, 0);
}
