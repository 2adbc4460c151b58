//! Orders and checkouts.

use billing_core::catalog::Plan;
use billing_core::credentials::Scope;
use billing_core::orders::OrderRefs;
use billing_core::payments::{Channel, CheckoutFact, CheckoutOutcome};
use billing_core::requests::PurchaseItem;
use billing_testkit::builders::{a_checkout, a_pack, a_pack_draft, a_plan, stripe_prices};
use serde_json::{Value, json};

use crate::common::shapes::{closed, listing, moment, success, text, text_or_null, whole};
use crate::common::{World, matches_schema};

fn order() -> Value {
    closed(json!({
        "id": text(),
        "type": { "enum": ["subscription", "credits", "gift"] },
        "status": { "enum":
            ["pending", "completed", "failed", "expired", "refunded", "partially_refunded"] },
        "amount": whole(), "discount": whole(), "currency": text(), "coupon_code": text_or_null(), "channel": text(), "description": text(),
        "plan_id": text_or_null(), "interval": text_or_null(), "pack_id": text_or_null(), "months": { "type": ["integer", "null"] },
        "credits": whole(), "created_at": moment(),
        "completed_at": { "type": ["string", "null"], "format": "date-time" },
    }))
}

#[actix_web::test]
async fn orders() {
    let world = World::new();
    let plan = world.plan(yearly_plan(&world)).await;
    let pack = world.pack(a_pack("small", &*world.ids)).await;
    let buyer = world.key_of("ada", &[Scope::BillingRead, Scope::BillingWrite]).await;
    for body in [checkout("plan_id", &plan.id.to_string()), checkout("pack_id", &pack.id.to_string())] {
        let answer = world.post(&buyer, "/payment/create-session", &body).await;
        matches_schema(
            &answer.json(),
            &success(closed(json!({
                "order_id": text(), "session_id": text(), "url": text(), "expires_at": moment(),
            }))),
        );
        assert!(answer.data()["url"].as_str().unwrap().starts_with("https://pay.example.com/"));
        assert_eq!(answer.data()["expires_at"], "2026-04-16T11:00:00Z");

        let id = answer.data()["order_id"].as_str().unwrap().to_owned();
        let shown = world.get(&buyer, &format!("/orders/{id}")).await;
        matches_schema(&shown.json(), &success(order()));
        assert_eq!(shown.data()["type"], body["type"]);
        assert_eq!(shown.data()["status"], "pending");
    }
    let list = world.get(&buyer, "/orders?limit=20&offset=0").await;
    matches_schema(&list.json(), &listing(order()));
    assert_eq!(list.data().as_array().unwrap().len(), 2);

    // Another account's order is nothing that one could find.
    let eve = world.key_of("eve", &[Scope::BillingRead]).await;
    let id = list.data()[0]["id"].as_str().unwrap().to_owned();
    world.get(&eve, &format!("/orders/{id}")).await.is(404, "not_found");
    world.get(&buyer, "/orders/not-an-id").await.is(404, "not_found");
}

#[actix_web::test]
async fn a_subscription_is_by_the_month_unless_the_buyer_says_otherwise() {
    let world = World::new();
    let plan = world.plan(yearly_plan(&world)).await;
    let buyer = world.key_of("ada", &[Scope::BillingRead, Scope::BillingWrite]).await;
    let mut body = checkout("plan_id", &plan.id.to_string());
    world.post(&buyer, "/payment/create-session", &body).await.data();
    body["interval"] = json!("yearly");
    world.post(&buyer, "/payment/create-session", &body).await.data();
    let orders = world.get(&buyer, "/orders").await.data();
    let seen: Vec<_> = orders.as_array().unwrap().iter().map(|order| &order["interval"]).collect();
    assert_eq!(seen, ["yearly", "monthly"]);
}

fn yearly_plan(world: &World) -> Plan {
    Plan {
        price_yearly: Some(20_000),
        prices: stripe_prices("price_month", "price_year"),
        ..a_plan("pro", &*world.ids)
    }
}

/// The document's own request, for a plan or a pack.
fn checkout(item: &str, id: &str) -> Value {
    json!({
        "channel": "stripe",
        "type": if item == "plan_id" { "subscription" } else { "credits" },
        item: id,
        "success_url": "https://app.example.com/dashboard/subscription?success=true",
        "cancel_url": "https://app.example.com/dashboard/subscription",
    })
}

#[actix_web::test]
async fn a_refreshed_order_is_the_order_and_only_its_owner_refreshes_it() {
    let world = World::new();
    let key = world.key_of("ada", &[Scope::BillingRead, Scope::BillingWrite]).await;
    let pack = world.billing.publish_pack(None, &a_pack_draft("small")).await.unwrap();
    let ask = a_checkout("ada", Channel::named("stripe"), PurchaseItem::Pack(pack.id), None);
    let started = world.billing.start_checkout(&ask).await.unwrap();
    let path = format!("/orders/{}/refresh", started.order.id);
    let open = world.post(&key, &path, &json!({})).await;
    assert_eq!((open.status, &open.data()["status"]), (200, &json!("pending")));
    let customer = world.provider.asked_checkouts()[0].customer.clone();
    world.provider.on_read(CheckoutFact {
        session: started.session.id.clone(),
        outcome: CheckoutOutcome::Paid,
        subscription_mode: false,
        total: Some(started.order.price),
        customer,
        refs: OrderRefs { payment: Some("pi_1".to_owned()), ..OrderRefs::default() },
        order_hint: None,
    });
    let paid = world.post(&key, &path, &json!({})).await;
    assert_eq!(paid.data()["status"], "completed");
    assert_eq!(world.get(&key, &format!("/orders/{}", started.order.id)).await.data(), paid.data());
    assert_eq!(world.balance("ada").await.0, 1000);
    let stranger = world.key_of("bob", &[Scope::BillingWrite]).await;
    world.post(&stranger, &path, &json!({})).await.is(404, "not_found");
}
