//! Plans and packs.

use actix_web::http::Method;
use billing_core::catalog::Plan;
use billing_core::credentials::Scope;
use billing_testkit::builders::{a_full_plan, a_plan};
use serde_json::{Value, json};

use crate::common::shapes::{closed, list_of, success, text, text_or_null, whole, whole_or_null, yes_or_no};
use crate::common::{World, matches_schema};

fn plan_for_operators() -> Value {
    closed(json!({
        "id": text(), "slug": text(), "name": text(), "description": text(), "price_monthly": whole(),
        "price_yearly": whole_or_null(), "currency": text(), "credits_included": whole(),
        "credits_interval": { "enum": ["monthly", "per_period"] }, "features": list_of(text()),
        "trial_days": whole(), "trial_credits": whole(), "stripe_price_id_monthly": text_or_null(),
        "stripe_price_id_yearly": text_or_null(), "creem_product_id": text_or_null(),
        "creem_product_id_yearly": text_or_null(),
        "rollover": closed(json!({ "mode": text(), "cap": whole_or_null() })),
        "change_policy": text(), "public": yes_or_no(), "active": yes_or_no(), "version": whole(),
    }))
}

#[actix_web::test]
async fn plans_show_what_is_on_sale_to_everybody() {
    let world = World::new();
    let plan = Plan {
        name: "Pro".to_owned(),
        description: "For growing teams".to_owned(),
        price_monthly: 999,
        price_yearly: Some(9990),
        features: vec!["Unlimited AI chat".to_owned(), "Priority support".to_owned()],
        ..a_plan("pro", &*world.ids)
    };
    world.plan(plan).await;
    world.plan(Plan { public: false, ..a_plan("hidden", &*world.ids) }).await;
    world.plan(Plan { active: false, ..a_plan("old", &*world.ids) }).await;
    let price = closed(json!({ "interval": { "enum": ["monthly", "yearly"] }, "amount": whole() }));
    let offered = closed(json!({
        "id": text(), "slug": text(), "name": text(), "description": text(), "price_monthly": whole(),
        "price_yearly": whole_or_null(), "currency": text(), "prices": list_of(price),
        "credits_included": whole(), "credits_interval": text(), "features": list_of(text()),
        "trial_days": whole(),
    }));
    let reader = world.key(&[Scope::BillingRead]).await;
    let answer = world.get(&reader, "/subscription/plans").await;
    matches_schema(&answer.json(), &success(list_of(offered)));
    let plans = answer.data();
    assert_eq!(plans.as_array().unwrap().len(), 1, "{plans:#}");
    assert_eq!((&plans[0]["price_monthly"], &plans[0]["price_yearly"]), (&json!(999), &json!(9990)));
    assert_eq!(plans[0]["features"], json!(["Unlimited AI chat", "Priority support"]));
}

#[actix_web::test]
async fn plans_and_packs_as_operators_write_them() {
    let world = World::new();
    let plans = "/admin/billing/plans";
    let body = json!({
        "slug": "pro", "name": "Pro", "description": "For growing teams", "price_monthly": 999,
        "price_yearly": 9990, "currency": "USD", "credits_included": 10000, "features": ["Unlimited AI chat"],
        "creem_product_id": "prod_1", "rollover": { "mode": "roll_over", "cap": 500 },
    });
    let made = world.operator(Method::POST, plans).json(&body).send().await;
    matches_schema(&made.json(), &success(plan_for_operators()));
    for (name, value) in body.as_object().unwrap() {
        assert_eq!(&made.data()[name], value, "{name}");
    }
    let id = made.data()["id"].as_str().unwrap().to_owned();
    let changed = json!({ "slug": "pro", "name": "Pro 2", "price_monthly": 1999, "currency": "usd" });
    let put = world.operator(Method::PUT, &format!("{plans}/{id}")).json(&changed).send().await;
    matches_schema(&put.json(), &success(plan_for_operators()));
    assert_eq!((&put.data()["id"], &put.data()["version"]), (&json!(id), &json!(2)));
    world.plan(a_full_plan("full", &*world.ids)).await;
    let list = world.operator(Method::GET, plans).send().await;
    matches_schema(&list.json(), &success(list_of(plan_for_operators())));
    assert_eq!(list.data().as_array().unwrap().len(), 2);
    world.operator(Method::POST, plans).json(&body).send().await.is(409, "slug_taken");

    let packs = "/admin/billing/packs";
    let pack = closed(json!({
        "id": text(), "slug": text(), "name": text(), "price": whole(), "currency": text(), "credits": whole(),
        "bonus_credits": whole(), "expires_after_days": whole_or_null(), "creem_product_id": text_or_null(),
        "active": yes_or_no(), "version": whole(),
    }));
    let body = json!({ "slug": "small", "name": "Small", "price": 999, "currency": "USD", "credits": 1000 });
    let made = world.operator(Method::POST, packs).json(&body).send().await;
    matches_schema(&made.json(), &success(pack.clone()));
    matches_schema(&world.operator(Method::GET, packs).send().await.json(), &success(list_of(pack.clone())));
    let reader = world.key(&[Scope::BillingRead]).await;
    matches_schema(&world.get(&reader, "/credits/packs").await.json(), &success(list_of(pack)));
}
