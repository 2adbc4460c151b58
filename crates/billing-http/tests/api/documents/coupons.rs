//! Coupons.

use actix_web::http::Method;
use billing_core::credentials::Scope;
use billing_testkit::builders::a_pack;
use serde_json::{Value, json};

use crate::common::shapes::{
    closed, list_of, moment, success, text, text_or_null, whole, whole_or_null, yes_or_no,
};
use crate::common::{World, matches_schema};

const COUPONS: &str = "/admin/billing/coupons";

fn coupon() -> Value {
    let moment_or_null = || json!({ "type": ["string", "null"], "format": "date-time" });
    closed(json!({
        "id": text(), "code": text(),
        "type": { "enum": ["percent", "fixed", "credits", "trial_days"] },
        "value": whole(), "currency": text_or_null(), "other_currencies": { "type": "object" },
        "expires_after_days": whole_or_null(),
        "duration": { "enum": ["once", "repeating", "forever"] }, "duration_periods": whole_or_null(),
        "max_redemptions": whole_or_null(), "max_per_account": whole_or_null(),
        "first_purchase_only": yes_or_no(),
        "plan_ids": list_of(text()), "pack_ids": list_of(text()),
        "starts_at": moment_or_null(), "ends_at": moment_or_null(), "active": yes_or_no(),
        "redemptions": whole(), "created_at": moment(), "version": whole(),
    }))
}

async fn offer(world: &World, body: Value) -> Value {
    let answer = world.operator(Method::POST, COUPONS).json(&body).send().await;
    matches_schema(&answer.json(), &success(coupon()));
    answer.data()
}

#[actix_web::test]
async fn coupons_are_offered_listed_and_switched_off() {
    let world = World::new();
    let pack = world.pack(a_pack("small", &*world.ids)).await;
    let fixed = json!({
        "code": "welcome-5", "type": "fixed", "value": 500, "currency": "usd", "other_currencies": { "eur": 450 },
        "duration": "repeating", "duration_periods": 3, "max_redemptions": 100, "max_per_account": null,
        "first_purchase_only": true, "pack_ids": [pack.id.to_string()],
        "starts_at": "2026-04-01T00:00:00Z", "ends_at": "2026-05-01T00:00:00Z",
    });
    let made = offer(&world, fixed.clone()).await;
    assert_eq!((&made["code"], &made["currency"]), (&json!("WELCOME-5"), &json!("USD")));
    assert_eq!(made["other_currencies"], json!({ "EUR": 450 }));
    assert_eq!((&made["max_per_account"], &made["active"]), (&json!(null), &json!(true)));
    let plain = offer(&world, json!({ "code": "ten", "type": "percent", "value": 10 })).await;
    assert_eq!((&plain["max_per_account"], &plain["duration"]), (&json!(1), &json!("once")));
    offer(&world, json!({ "code": "hey", "type": "credits", "value": 5 })).await;
}

#[actix_web::test]
async fn a_coupon_is_changed_but_not_what_it_does_once_it_is_used() {
    let world = World::new();
    let hello = json!({ "code": "hello", "type": "credits", "value": 50, "expires_after_days": 30 });
    let made = offer(&world, hello.clone()).await;
    let path = format!("{COUPONS}/{}", made["id"].as_str().unwrap());
    let put = async |name: &str, value: Value| {
        let mut body = hello.clone();
        body[name] = value;
        world.operator(Method::PUT, &path).json(&body).send().await
    };
    assert_eq!(put("value", json!(60)).await.data()["value"], 60);
    let buyer = world.key_of("ada", &[Scope::BillingRead, Scope::BillingWrite]).await;
    let redeemed = world.post(&buyer, "/coupons/redeem", &json!({ "code": " Hello " })).await;
    matches_schema(
        &redeemed.json(),
        &success(closed(json!({
            "redemption_id": text(), "code": text(), "credits": whole(), "expires_at": moment(),
        }))),
    );
    assert_eq!(world.balance("ada").await.0, 60);
    let again = world.post(&buyer, "/coupons/redeem", &json!({ "code": "HELLO" })).await;
    again.is(409, "coupon_used_up");
    assert_eq!(again.json()["error"]["details"], json!({ "coupon_code": "HELLO", "limit": 1, "used": 1 }));
    put("value", json!(70)).await.is(409, "coupon_in_use");
    put("code", json!("bye")).await.is(400, "invalid_request");
    let taken = world.operator(Method::POST, COUPONS).json(&hello).send().await;
    taken.is(409, "code_taken");
    let mut off = hello.clone();
    off["value"] = json!(60);
    off["active"] = json!(false);
    let off = world.operator(Method::PUT, &path).json(&off).send().await;
    assert_eq!((&off.data()["active"], &off.data()["redemptions"]), (&json!(false), &json!(1)));
    let list = world.operator(Method::GET, COUPONS).send().await;
    matches_schema(&list.json(), &success(list_of(coupon())));
    let eve = world.key_of("eve", &[Scope::BillingWrite]).await;
    world.post(&eve, "/coupons/redeem", &json!({ "code": "hello" })).await.is(409, "coupon_inactive");
}

#[actix_web::test]
async fn a_code_is_shown_and_then_used_at_a_checkout() {
    let world = World::new();
    let pack = world.pack(a_pack("small", &*world.ids)).await;
    offer(&world, json!({ "code": "ten", "type": "percent", "value": 10, "max_redemptions": 1 })).await;
    let buyer = world.key_of("ada", &[Scope::BillingRead, Scope::BillingWrite]).await;
    let shown = world
        .post(&buyer, "/coupons/validate", &json!({ "code": "ten", "pack_id": pack.id.to_string() }))
        .await;
    matches_schema(
        &shown.json(),
        &success(closed(json!({
            "code": text(), "type": text(), "duration": text(), "duration_periods": whole_or_null(),
            "credits": whole_or_null(),
            "price": closed(json!({
                "list_amount": whole(), "discount": whole(), "amount": whole(), "currency": text(),
                "trial_days": whole_or_null(),
            })),
        }))),
    );
    assert_eq!(
        shown.data()["price"],
        json!({ "list_amount": 999, "discount": 100, "amount": 899, "currency": "USD", "trial_days": null })
    );
    let mut body = json!({
        "channel": "stripe", "type": "credits", "pack_id": pack.id.to_string(), "coupon_code": "Ten",
        "success_url": "https://app.example.com/paid", "cancel_url": "https://app.example.com/",
    });
    let session = world.post(&buyer, "/payment/create-session", &body).await.data();
    let order = world.get(&buyer, &format!("/orders/{}", session["order_id"].as_str().unwrap())).await.data();
    assert_eq!(
        (&order["amount"], &order["discount"], &order["coupon_code"]),
        (&json!(899), &json!(100), &json!("TEN"))
    );
    let bob = world.key_of("bob", &[Scope::BillingRead, Scope::BillingWrite]).await;
    let refused = world.post(&bob, "/payment/create-session", &body).await;
    refused.is(409, "coupon_exhausted");
    assert_eq!(refused.json()["error"]["details"], json!({ "coupon_code": "TEN", "limit": 1 }));
    for unknown in ["nobody", "not a code!", ""] {
        body["coupon_code"] = json!(unknown);
        world.post(&bob, "/payment/create-session", &body).await.is(404, "coupon_not_found");
    }
}

#[actix_web::test]
async fn the_whole_price_off_leads_back_at_once() {
    let world = World::new();
    let pack = world.pack(a_pack("small", &*world.ids)).await;
    offer(&world, json!({ "code": "free", "type": "percent", "value": 100 })).await;
    let buyer = world.key_of("ada", &[Scope::BillingRead, Scope::BillingWrite]).await;
    let body = json!({
        "channel": "stripe", "type": "credits", "pack_id": pack.id.to_string(), "coupon_code": "free",
        "success_url": "https://app.example.com/paid", "cancel_url": "https://app.example.com/",
    });
    let session = world.post(&buyer, "/payment/create-session", &body).await.data();
    assert_eq!(session["url"], "https://app.example.com/paid");
    let order = world.get(&buyer, &format!("/orders/{}", session["order_id"].as_str().unwrap())).await.data();
    assert_eq!((&order["status"], &order["amount"]), (&json!("completed"), &json!(0)));
    assert_eq!(world.balance("ada").await.0, 1000);
    assert_eq!(world.provider.asked().len(), 0);
}

#[actix_web::test]
async fn a_coupon_that_makes_no_sense_is_refused_with_its_field() {
    let world = World::new();
    let good = json!({ "code": "ten", "type": "percent", "value": 10 });
    for (name, value, field) in [
        ("code", json!("a b"), "code"),
        ("type", json!("half"), "type"),
        ("value", json!(0), "value"),
        ("value", json!(101), "value"),
        ("value", json!(-1), "value"),
        ("currency", json!("usd"), "currency"),
        ("expires_after_days", json!(3), "expires_after_days"),
        ("duration", json!("repeating"), "duration_periods"),
        ("duration_periods", json!(3), "duration_periods"),
        ("max_redemptions", json!(0), "max_redemptions"),
        ("plan_ids", json!(["x"]), "plan_ids"),
        ("starts_at", json!("tomorrow"), "starts_at"),
    ] {
        let mut body = good.clone();
        body[name] = value;
        let refused = world.operator(Method::POST, COUPONS).json(&body).send().await;
        refused.is(400, "invalid_request");
        assert_eq!(refused.json()["error"]["details"]["field"], field, "{name}");
    }
    let buyer = world.key_of("ada", &[Scope::BillingWrite]).await;
    let both = json!({ "code": "ten", "plan_id": "a", "pack_id": "b" });
    world.post(&buyer, "/coupons/validate", &both).await.is(400, "invalid_request");
    world.get(&buyer, COUPONS).await.is(403, "forbidden");
}
