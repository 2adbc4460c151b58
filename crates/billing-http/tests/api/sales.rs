//! Sales, as operators look through them, and money that they give back.

use billing_core::changes::Changes;
use billing_core::credentials::Scope;
use billing_core::orders::{Order, OrderStatus};
use billing_core::payments::Payment;
use billing_core::ports::ProviderError;
use billing_core::subscriptions::{Subscription, SubscriptionRole};
use billing_testkit::builders::{a_pack, a_payment, a_plan, a_subscription, an_order};
use serde_json::{Value, json};

use crate::common::World;

/// A world in which ada has paid for a pack and bob has two subscriptions, with an operator's key.
async fn sold() -> (World, String, Order, Payment) {
    let world = World::new();
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    let ids = &*world.ids;
    let (pack, plan) = (a_pack("small", ids), world.plan(a_plan("standard", ids)).await);
    let order = Order { status: OrderStatus::Completed, ..an_order(ada.id, &pack, ids) };
    let payment = Payment { order: Some(order.id), ..a_payment(ada.id, "pi_1", ids) };
    let duplicate =
        Subscription { role: SubscriptionRole::Duplicate, ..a_subscription(bob.id, &plan, "sub_2", ids) };
    world
        .commit(Changes {
            packs: vec![pack],
            orders: vec![order.clone()],
            payments: vec![payment.clone()],
            subscriptions: vec![a_subscription(bob.id, &plan, "sub_1", ids), duplicate],
            ..Changes::default()
        })
        .await;
    let key = world.key(&[Scope::BillingAdmin]).await;
    (world, key, order, payment)
}

async fn listed(world: &World, key: &str, path: &str) -> Vec<Value> {
    let answer = world.get(key, path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.data().as_array().unwrap().clone()
}

#[actix_web::test]
async fn all_sales_are_listed_with_whose_they_are_and_can_be_narrowed_down() {
    let (world, key, order, payment) = sold().await;
    for path in ["/admin/billing/orders", "/admin/billing/orders?account_id=ada&status=completed"] {
        let orders = listed(&world, &key, path).await;
        assert_eq!((orders.len(), &orders[0]["account_id"]), (1, &json!("ada")), "{path}");
        assert_eq!(orders[0]["id"], json!(order.id.to_string()));
    }
    for path in ["/admin/billing/orders?status=pending", "/admin/billing/orders?account_id=bob"] {
        assert!(listed(&world, &key, path).await.is_empty(), "{path}");
    }
    let payments = listed(&world, &key, "/admin/billing/payments?account_id=ada").await;
    assert_eq!(payments[0]["id"], json!(payment.id.to_string()));
    assert_eq!(listed(&world, &key, "/admin/billing/subscriptions").await.len(), 2);
    let flagged = listed(&world, &key, "/admin/billing/subscriptions?role=duplicate").await;
    assert_eq!(flagged.len(), 1);
    assert_eq!((&flagged[0]["account_id"], &flagged[0]["provider_id"]), (&json!("bob"), &json!("sub_2")));

    for (path, status, code) in [
        ("/admin/billing/orders?status=done", 400, "invalid_request"),
        ("/admin/billing/subscriptions?role=odd", 400, "invalid_request"),
        ("/admin/billing/payments?cursor=odd", 400, "invalid_request"),
        ("/admin/billing/payments?account_id=nobody", 404, "account_not_found"),
    ] {
        world.get(&key, path).await.is(status, code);
    }
    let reader = world.key(&[Scope::BillingRead]).await;
    world.get(&reader, "/admin/billing/orders").await.is(403, "forbidden");
}

#[actix_web::test]
async fn money_is_given_back_in_parts_up_to_what_is_left() {
    let (world, key, order, payment) = sold().await;
    let path = format!("/admin/billing/orders/{}/refund", order.id);
    let part = world.post(&key, &path, &json!({ "amount": 99 })).await;
    assert_eq!(part.status, 200, "{}", part.text());
    assert_eq!(
        (&part.data()["status"], &part.data()["amount_refunded"]),
        (&json!("partially_refunded"), &json!(99))
    );
    let left = payment.paid.minor - 99;
    let more = world.post(&key, &path, &json!({ "amount": left + 1 })).await;
    more.is(400, "refund_too_large");
    assert_eq!(more.json()["error"]["details"], json!({ "amount": left + 1, "left": left }));
    let by_payment = format!("/admin/billing/payments/{}/refund", payment.id);
    let rest = world.post(&key, &by_payment, &json!({})).await;
    assert_eq!(rest.data()["status"], json!("refunded"));
    world.post(&key, &path, &json!({})).await.is(409, "already_refunded");
    assert_eq!(world.provider.asked_refunds().len(), 2);
}

#[actix_web::test]
async fn bad_requests_reach_no_provider_and_its_failures_change_nothing() {
    let (world, key, order, _) = sold().await;
    let path = format!("/admin/billing/orders/{}/refund", order.id);
    for body in
        [json!({ "amount": 0 }), json!({ "amount": -1 }), json!({ "amount": 1.5 }), json!({ "sum": 1 })]
    {
        world.post(&key, &path, &body).await.is(400, "invalid_request");
    }
    for path in ["/admin/billing/orders/ord_x/refund", "/admin/billing/payments/pay_x/refund"] {
        world.post(&key, path, &json!({})).await.is(404, "not_found");
    }
    assert!(world.provider.asked_refunds().is_empty());
    let down = ProviderError::Unknown { message: "no answer".to_owned(), request_id: None };
    world.provider.on_refund(Err(down));
    world.post(&key, &path, &json!({})).await.is(502, "provider_unavailable");
    let orders = listed(&world, &key, "/admin/billing/orders").await;
    assert_eq!(orders[0]["status"], json!("completed"));
}

#[actix_web::test]
async fn a_subscription_is_set_aside_and_taken_up_again() {
    let (world, _, _, _) = sold().await;
    let key = world.key_of("bob", &[Scope::BillingWrite]).await;
    let paused = world.post(&key, "/subscription/pause", &json!({})).await;
    assert_eq!((paused.status, &paused.data()["status"]), (200, &json!("paused")));
    let resumed = world.post(&key, "/subscription/resume", &json!({})).await;
    assert_eq!(resumed.data()["status"], json!("active"));
}
