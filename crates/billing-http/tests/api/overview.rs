//! Documents B and C keep to their schemas in every state that an account can be in.

use actix_web::http::Method;
use billing_core::catalog::{Interval, Plan};
use billing_core::changes::Changes;
use billing_core::credentials::Scope;
use billing_core::ledger::Command;
use billing_core::payments::{Channel, PaymentMethod};
use billing_core::ports::LedgerStore;
use billing_core::subscriptions::{Subscription, SubscriptionStatus};
use billing_core::values::{Credits, Period};
use billing_testkit::builders::{
    a_full_payment, a_payment, a_payment_method, a_plan, a_posting, a_subscription, noon, take,
};
use serde_json::{Value, json};

use crate::common::{World, matches_schema};

const SUMMARY: &str = "/v1/billing/summary";
const OVERVIEW: &str = "/v1/billing/overview";

fn object(required: Value, nullable: bool) -> Value {
    let names: Vec<String> = required.as_object().unwrap().keys().cloned().collect();
    let kind = if nullable { json!(["object", "null"]) } else { json!("object") };
    json!({ "type": kind, "properties": required, "required": names })
}

/// Document B's schema.
fn summary_schema() -> Value {
    let text = || json!({ "type": "string" });
    let text_or_null = || json!({ "type": ["string", "null"] });
    let subscription = object(
        json!({
            "id": text(), "stripe_subscription_id": text(), "stripe_customer_id": text_or_null(), "plan_id": text(),
            "status": text(), "current_period_start": text(), "current_period_end": text(),
            "cancel_at_period_end": { "type": "boolean" }, "cancel_reason": text_or_null(),
            "source": { "type": "string", "enum": ["stripe", "gift"] },
        }),
        true,
    );
    let number = || json!({ "type": "number" });
    let method = object(
        json!({ "brand": text(), "last4": text(), "exp_month": number(), "exp_year": number() }),
        true,
    );
    object(json!({ "subscription": subscription, "payment_method": method }), false)
}

/// Document C's schema.
fn overview_schema() -> Value {
    let text = || json!({ "type": "string" });
    let number = || json!({ "type": "number" });
    let plan = object(
        json!({
            "id": text(), "name": text(), "slug": text(), "price": text(), "currency": text(), "interval": text(),
            "interval_count": text(), "credits_per_period": text(), "features": text(),
        }),
        true,
    );
    let subscription = object(
        json!({
            "status": text(), "current_period_start": text(), "current_period_end": text(), "trial_end": text(),
            "cancel_at_period_end": text(), "plan": plan,
        }),
        true,
    );
    let credits = object(
        json!({
            "available": number(), "used_this_month": number(), "included_in_plan": text(), "purchased": number(),
            "bonus": number(), "expires_at": text(),
        }),
        false,
    );
    let upcoming = object(
        json!({ "amount": text(), "currency": text(), "period_start": text(), "period_end": text() }),
        true,
    );
    let billing = object(
        json!({ "upcoming_invoice": upcoming, "recent_invoices": { "type": "array", "items": {} } }),
        false,
    );
    let data = object(json!({ "subscription": subscription, "credits": credits, "billing": billing }), false);
    object(json!({ "success": { "type": "boolean" }, "data": data }), false)
}

/// Reads both as ada, checks them against their documents, and answers B's body and C's data.
async fn read(world: &World) -> (Value, Value) {
    let key = world.key_of("ada", &[Scope::BillingRead]).await;
    let summary = world.get(&key, SUMMARY).await;
    assert_eq!(summary.status, 200, "{}", summary.text());
    matches_schema(&summary.json(), &summary_schema());
    let overview = world.get(&key, OVERVIEW).await;
    assert_eq!(overview.status, 200, "{}", overview.text());
    matches_schema(&overview.json(), &overview_schema());
    let credits = world.get(&key, "/v1/billing/credits").await;
    assert_eq!(credits.data(), overview.data()["credits"], "both tell the same credits");
    (summary.json(), overview.data())
}

/// A world in which ada has `change`d a monthly subscription to the plan `standard`.
async fn subscribed(change: impl FnOnce(&mut Subscription)) -> World {
    let world = World::new();
    let account = world.account("ada").await;
    let features = vec!["Unlimited \"chat\"".to_owned(), "Support".to_owned()];
    let plan =
        Plan { price_monthly: 999, price_yearly: Some(9990), features, ..a_plan("standard", &*world.ids) };
    let plan = world.plan(plan).await;
    let mut subscription = a_subscription(account.id, &plan, "sub_1", &*world.ids);
    subscription.period = Some(Period { start: noon(), end: noon().plus_days(30) });
    change(&mut subscription);
    world.commit(Changes { subscriptions: vec![subscription], ..Changes::default() }).await;
    world
}

#[actix_web::test]
async fn an_account_that_nobody_has_seen_has_no_summary_and_an_empty_overview() {
    let world = World::new();
    let token = crate::common::token_with(json!({ "sub": "stranger" }));
    let before = world.snapshot(&["stranger"]).await;
    let summary = world.get(&token, SUMMARY).await;
    assert_eq!(summary.status, 404);
    assert_eq!(summary.json(), json!({ "error": "not_found", "message": "Subscription not found" }));
    let overview = world.get(&token, OVERVIEW).await;
    matches_schema(&overview.json(), &overview_schema());
    assert_eq!(overview.data()["credits"]["available"], 0);
    assert_eq!(world.snapshot(&["stranger"]).await, before, "reading makes no account");
}

#[actix_web::test]
async fn an_account_without_a_subscription_has_null() {
    let world = World::new();
    world.give("ada", 1250).await;
    let (summary, overview) = read(&world).await;
    assert_eq!(summary, json!({ "subscription": null, "payment_method": null }));
    assert_eq!(overview["subscription"], Value::Null);
    assert_eq!(overview["billing"], json!({ "upcoming_invoice": null, "recent_invoices": [] }));
    let credits = json!({
        "available": 1250, "used_this_month": 0, "included_in_plan": "0", "purchased": 0, "bonus": 1250,
        "expires_at": "",
    });
    assert_eq!(overview["credits"], credits);
}

#[actix_web::test]
async fn a_monthly_subscription() {
    let (summary, overview) = read(&subscribed(|_| {}).await).await;
    let subscription = &summary["subscription"];
    let told = json!([
        subscription["stripe_subscription_id"],
        subscription["stripe_customer_id"],
        subscription["status"],
        subscription["current_period_start"],
        subscription["current_period_end"],
        subscription["source"],
        subscription["provider"],
        subscription["cancel_at_period_end"],
    ]);
    let period = ["2026-04-15T12:00:00Z", "2026-05-15T12:00:00Z"];
    assert_eq!(told, json!(["sub_1", "cus_1", "active", period[0], period[1], "stripe", "stripe", false]));
    let mut shown = overview["subscription"].clone();
    let plan = shown["plan"].take();
    let expected = json!({
        "status": "active", "current_period_start": period[0], "current_period_end": period[1], "trial_end": "",
        "cancel_at_period_end": "false", "plan": null,
    });
    assert_eq!(shown, expected);
    assert_eq!((&plan["price"], &plan["interval"]), (&json!("9.99"), &json!("month")));
    assert_eq!((&plan["interval_count"], &plan["credits_per_period"]), (&json!("1"), &json!("2000")));
    assert_eq!(plan["features"], r#"["Unlimited \"chat\"","Support"]"#);
    let upcoming = json!({
        "amount": "9.99", "currency": "USD", "period_start": period[1], "period_end": "2026-06-15T12:00:00Z",
    });
    assert_eq!(overview["billing"]["upcoming_invoice"], upcoming);
}

#[actix_web::test]
async fn every_other_state_keeps_to_the_schemas() {
    type Change = Box<dyn FnOnce(&mut Subscription)>;
    let states: Vec<(&str, Change, bool)> = vec![
        ("yearly", Box::new(|it| it.interval = Interval::Yearly), true),
        (
            "trial",
            Box::new(|it| {
                it.status = SubscriptionStatus::Trialing;
                it.trial_end = Some(noon().plus_days(14));
            }),
            true,
        ),
        ("past due", Box::new(|it| it.status = SubscriptionStatus::PastDue), true),
        ("canceling", Box::new(|it| it.cancel_at_period_end = true), false),
        ("canceling by date", Box::new(|it| it.cancel_at = Some(noon().plus_days(30))), false),
        ("paused", Box::new(|it| it.status = SubscriptionStatus::Paused), false),
        ("unpaid", Box::new(|it| it.status = SubscriptionStatus::Unpaid), false),
        (
            "canceled",
            Box::new(|it| {
                it.status = SubscriptionStatus::Canceled;
                it.ended_at = Some(noon());
            }),
            false,
        ),
        ("creem", Box::new(|it| it.channel = Channel::named("creem")), true),
        ("without a period", Box::new(|it| it.period = None), false),
    ];
    for (name, change, renews) in states {
        let (summary, overview) = read(&subscribed(change).await).await;
        assert_eq!(summary["subscription"]["source"], "stripe", "{name}");
        assert_eq!(overview["billing"]["upcoming_invoice"].is_object(), renews, "{name}");
        if name == "creem" {
            assert_eq!(summary["subscription"]["provider"], "creem");
        }
        if name == "yearly" {
            assert_eq!(overview["billing"]["upcoming_invoice"]["amount"], "99.90");
            assert_eq!(overview["subscription"]["plan"]["interval"], "year");
        }
    }
}

#[actix_web::test]
async fn currencies_show_their_own_decimals() {
    for (currency, amount) in [("jpy", "999"), ("kwd", "0.999"), ("usd", "9.99")] {
        let world = World::new();
        let account = world.account("ada").await;
        let plan =
            Plan { price_monthly: 999, currency: currency.parse().unwrap(), ..a_plan("p", &*world.ids) };
        let plan = world.plan(plan).await;
        let subscription = Subscription {
            period: Some(Period { start: noon(), end: noon().plus_days(30) }),
            ..a_subscription(account.id, &plan, "sub_1", &*world.ids)
        };
        world.commit(Changes { subscriptions: vec![subscription], ..Changes::default() }).await;
        let (_, overview) = read(&world).await;
        assert_eq!(overview["subscription"]["plan"]["price"], amount, "{currency}");
        assert_eq!(overview["billing"]["upcoming_invoice"]["amount"], amount, "{currency}");
    }
}

#[actix_web::test]
async fn credits_off_zero_and_below_zero() {
    let world = World::new();
    let account = world.account("ada").await;
    assert_eq!(read(&world).await.1["credits"]["available"], 0);
    let mut owing = account.clone();
    owing.version = 1;
    owing.overdraft_limit = Credits::new(50);
    world.commit(Changes { accounts: vec![owing.clone()], ..Changes::default() }).await;
    let spend = a_posting(account.id, "spend", vec![Command::Spend(take(30))]);
    world.store.post(vec![spend], noon()).await.unwrap().remove(0).unwrap();
    let credits = read(&world).await.1["credits"].clone();
    assert_eq!((&credits["available"], &credits["used_this_month"]), (&json!(-30), &json!(30)));
    owing.version = 2;
    owing.credits_enabled = false;
    world.commit(Changes { accounts: vec![owing], ..Changes::default() }).await;
    assert_eq!(read(&world).await.1["credits"]["available"], 0);
}

#[actix_web::test]
async fn what_was_paid_is_listed_everywhere_alike() {
    let world = World::new();
    let account = world.account("ada").await;
    let payments =
        vec![a_payment(account.id, "pi_1", &*world.ids), a_full_payment(account.id, "2", None, &*world.ids)];
    world.commit(Changes { payments, ..Changes::default() }).await;
    let (_, overview) = read(&world).await;
    let recent = &overview["billing"]["recent_invoices"];
    assert_eq!(recent.as_array().unwrap().len(), 2);
    assert_eq!((&recent[0]["provider_id"], &recent[0]["status"]), (&json!("in_2"), &json!("refunded")));
    assert_eq!((&recent[1]["provider_id"], &recent[1]["status"]), (&json!("pi_1"), &json!("paid")));
    assert_eq!((&recent[1]["amount"], &recent[1]["currency"]), (&json!(999), &json!("USD")));
    let key = world.key_of("ada", &[Scope::BillingRead]).await;
    assert_eq!(world.get(&key, "/v1/billing/invoices").await.json(), json!({ "invoices": recent }));
    assert_eq!(&world.get(&key, "/invoices").await.data(), recent);
}

#[actix_web::test]
async fn the_card_is_shown_until_it_is_taken_away() {
    let world = World::new();
    let account = world.account("ada").await;
    let method = a_payment_method(account.id, "pm_1");
    world.commit(Changes { payment_methods: vec![method.clone()], ..Changes::default() }).await;
    let card = json!({ "brand": "visa", "last4": "4242", "exp_month": 4, "exp_year": 2031 });
    assert_eq!(read(&world).await.0["payment_method"], card);
    let gone = PaymentMethod { removed: true, version: 1, ..method };
    world.commit(Changes { payment_methods: vec![gone], ..Changes::default() }).await;
    assert_eq!(read(&world).await.0["payment_method"], Value::Null);
}

#[actix_web::test]
async fn errors_are_in_each_documents_own_envelope() {
    let world = World::new();
    let stranger = world.ask(Method::GET, SUMMARY).send().await;
    assert_eq!(stranger.status, 401);
    assert_eq!(stranger.json(), json!({ "error": "unauthorized", "message": "Authentication required" }));
    let key = world.key_of("ada", &[Scope::BillingWrite]).await;
    let forbidden = world.get(&key, "/v1/billing/invoices").await;
    assert_eq!((forbidden.status, &forbidden.json()["error"]), (403, &json!("forbidden")));
    world.ask(Method::GET, OVERVIEW).send().await.is(401, "unauthorized");
}

#[actix_web::test]
async fn what_was_given_is_a_gift_and_has_no_customer_until_it_is_over() {
    let world = subscribed(|it| {
        it.channel = Channel::GIFT;
        it.provider_id = "gift_1".to_owned();
        it.provider_customer = String::new();
        it.cancel_at_period_end = true;
    })
    .await;
    let (summary, overview) = read(&world).await;
    let shown = &summary["subscription"];
    assert_eq!((&shown["source"], &shown["provider"]), (&json!("gift"), &json!("gift")));
    assert_eq!(
        (&shown["stripe_subscription_id"], &shown["stripe_customer_id"]),
        (&json!("gift_1"), &Value::Null)
    );
    assert_eq!((&shown["status"], &shown["cancel_at_period_end"]), (&json!("active"), &json!(true)));
    assert_eq!(overview["subscription"]["status"], "active");
    assert_eq!(overview["billing"]["upcoming_invoice"], Value::Null);
    // Nobody has written down that it is over.
    world.clock.advance(30 * 86_400);
    let (summary, overview) = read(&world).await;
    assert_eq!(
        (&summary["subscription"]["status"], &overview["subscription"]["status"]),
        (&json!("canceled"), &json!("canceled"))
    );
    world.clock.advance(30 * 86_400);
    assert_eq!(read(&world).await.0["subscription"], Value::Null);
}
