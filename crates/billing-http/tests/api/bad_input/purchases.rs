//! Checkouts that cannot be opened.

use actix_web::http::Method;
use billing_core::payments::Channel;
use billing_testkit::builders::{a_plan, monthly_price};
use serde_json::{Value, json};

use super::{CHECKOUT, refuses, with, without, world};

#[actix_web::test]
async fn a_checkout_that_cannot_be_opened_makes_no_account_and_no_order() {
    let (world, plan, pack) = world().await;
    let somebody = "01900000-0000-7000-8000-0000000fffff";
    let buy = |name: &str, value: Value| {
        let mut body = with(CHECKOUT, "account_id", json!("ghost"));
        body["pack_id"] = json!(pack);
        body[name] = value;
        body
    };
    let subscribe = |plan: &str, interval: &str| {
        let mut body = without(CHECKOUT, "pack_id");
        body["account_id"] = json!("ghost");
        body["type"] = json!("subscription");
        body["plan_id"] = json!(plan);
        body["interval"] = json!(interval);
        body
    };
    let urls = [
        "https://evil.example/",
        "https://app.example.com.evil.example/",
        "https://app.example.com:8443/",
        "http://app.example.com/",
    ];
    for field in ["success_url", "cancel_url"] {
        for url in urls {
            refuses(&world, CHECKOUT, &buy(field, json!(url)), 400, "url_not_allowed").await;
        }
        for url in
            ["", "/paid", "javascript:alert(1)", "https://u@app.example.com/", "https://app.example.com/\\"]
        {
            refuses(&world, CHECKOUT, &buy(field, json!(url)), 400, "invalid_url").await;
        }
    }
    refuses(&world, CHECKOUT, &buy("pack_id", json!(somebody)), 404, "not_found").await;
    refuses(&world, CHECKOUT, &buy("pack_id", json!("small")), 404, "not_found").await;
    refuses(&world, CHECKOUT, &buy("pack_id", json!(plan)), 404, "not_found").await;
    refuses(&world, CHECKOUT, &buy("channel", json!("creem")), 400, "channel_not_configured").await;
    refuses(&world, CHECKOUT, &subscribe(somebody, "monthly"), 404, "not_found").await;
    refuses(&world, CHECKOUT, &subscribe("pro", "monthly"), 404, "not_found").await;
    refuses(&world, CHECKOUT, &subscribe(&plan, "weekly"), 400, "invalid_request").await;
    refuses(&world, CHECKOUT, &subscribe(&plan, "yearly"), 409, "not_on_sale").await;
    refuses(&world, CHECKOUT, &subscribe(&plan, "monthly"), 400, "plan_not_available_on_channel").await;
    let mut both = subscribe(&plan, "monthly");
    both["pack_id"] = json!(pack);
    refuses(&world, CHECKOUT, &both, 400, "invalid_request").await;
}

#[actix_web::test]
async fn a_second_subscription_and_a_closed_order_are_refused() {
    let (world, ..) = world().await;
    let plan = billing_core::catalog::Plan {
        prices: monthly_price(Channel::named("stripe"), "price_1"),
        ..a_plan("stripe", &*world.ids)
    };
    let plan = world.plan(plan).await;
    let mut body = without(CHECKOUT, "pack_id");
    body["type"] = json!("subscription");
    body["plan_id"] = json!(plan.id.to_string());
    let buy = async |key: &str| world.operator(Method::POST, CHECKOUT).key(key).json(&body).send().await;
    assert_eq!(buy("first").await.status, 200);
    world.clock.advance(24 * 3600);
    buy("first").await.is(409, "order_closed");
    let account = world.account("ada").await;
    let live = billing_testkit::builders::a_subscription(account.id, &plan, "sub_1", &*world.ids);
    let changes = billing_core::changes::Changes { subscriptions: vec![live], ..Default::default() };
    world.commit(changes).await;
    buy("second").await.is(409, "already_subscribed");
}
