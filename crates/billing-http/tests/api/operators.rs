//! What operators do to grants.

use actix_web::http::Method;
use billing_core::credentials::Scope;
use serde_json::{Value, json};

use crate::common::shapes::{closed, moment, success, text, text_or_null, whole};
use crate::common::{World, matches_schema};

const GRANTS: &str = "/admin/credits/grants";

fn schema() -> Value {
    success(closed(json!({
        "id": text(), "amount": whole(), "remaining": whole(), "held": whole(), "source": text(),
        "priority": whole(), "status": { "enum": ["upcoming", "active", "late", "expired", "voided"] },
        "effective_at": moment(), "expires_at": text_or_null(), "description": text(),
        "metadata": { "type": "object" }, "order_id": text_or_null(), "created_at": moment(),
    })))
}

/// Gives ada ten credits until one o'clock, and answers the grant's address for operators.
async fn given(world: &World) -> String {
    let body = json!({ "account_id": "ada", "amount": 10, "expires_at": "2026-04-15T13:00:00Z" });
    let data = world.send("/credits/grants", "g", &body).await.is_first();
    format!("{GRANTS}/{}", data["grant_id"].as_str().unwrap())
}

#[actix_web::test]
async fn a_grant_is_called_off_once() {
    let world = World::new();
    let path = format!("{}/void", given(&world).await);
    world.send("/credits/consume", "s", &json!({ "account_id": "ada", "amount": 3 })).await.is_first();
    let body = json!({ "reason": "Given by mistake" });
    let first = world.send(&path, "v", &body).await;
    matches_schema(&first.json(), &schema());
    assert_eq!((&first.is_first()["status"], &first.data()["remaining"]), (&json!("voided"), &json!(0)));
    world.send(&path, "v", &body).await.repeats(&first);
    world.send(&path, "v", &json!({ "reason": "Another" })).await.is(422, "idempotency_key_reused");
    let over = world.send(&path, "v2", &body).await;
    over.is(409, "grant_over");
    assert_eq!(over.details(), json!({ "status": "voided", "remaining": 0 }));
    let history = world.operator(Method::GET, "/credits/transactions?account_id=ada").send().await.data();
    assert_eq!(
        (&history[0]["type"], &history[0]["amount"], &history[0]["description"]),
        (&json!("void"), &json!(-7), &json!("Given by mistake"))
    );
}

#[actix_web::test]
async fn what_is_held_of_a_grant_that_is_called_off_can_still_be_captured() {
    let world = World::new();
    let path = given(&world).await;
    let hold =
        world.send("/credits/holds", "h", &json!({ "account_id": "ada", "amount": 4 })).await.is_first();
    let voided = world.send(&format!("{path}/void"), "v", &json!({ "reason": "Why" })).await.is_first();
    assert_eq!((&voided["remaining"], &voided["held"]), (&json!(4), &json!(4)));
    let capture = format!("/credits/holds/{}/capture", hold["hold_id"].as_str().unwrap());
    assert_eq!(world.send(&capture, "c", &json!({ "amount": 3 })).await.is_first()["spent"], 3);
}

#[actix_web::test]
async fn a_grant_is_extended_while_it_lives() {
    let world = World::new();
    let path = format!("{}/extend", given(&world).await);
    let later = json!({ "expires_at": "2026-04-15T14:00:00Z" });
    let first = world.send(&path, "e", &later).await;
    matches_schema(&first.json(), &schema());
    assert_eq!(first.is_first()["expires_at"], "2026-04-15T14:00:00Z");
    world.send(&path, "e", &later).await.repeats(&first);
    world.clock.advance(3600);
    assert_eq!(world.balance("ada").await, (10, 0));
    for sooner in ["2026-04-15T13:30:00Z", "2026-04-15T13:00:00Z"] {
        world.send(&path, "e2", &json!({ "expires_at": sooner })).await.is(400, "invalid_expiry");
    }
    assert_eq!(
        world.send(&path, "e3", &json!({ "expires_at": null })).await.is_first()["expires_at"],
        Value::Null
    );
    world.clock.advance(365 * 86_400);
    assert_eq!(world.balance("ada").await, (10, 0));
}

#[actix_web::test]
async fn a_grant_whose_time_is_up_is_over_also_where_nobody_has_looked_since() {
    let world = World::new();
    let path = given(&world).await;
    world.clock.advance(3600);
    let never = json!({ "expires_at": null });
    let over = world.send(&format!("{path}/extend"), "e", &never).await;
    over.is(409, "grant_over");
    assert_eq!(over.details(), json!({ "status": "expired", "remaining": 0 }));
    world.send(&format!("{path}/void"), "v", &json!({ "reason": "Why" })).await.is(409, "grant_over");
}

#[actix_web::test]
async fn a_change_says_what_and_why() {
    let world = World::new();
    let path = given(&world).await;
    let backend = world.key(&[Scope::CreditsWrite]).await;
    let before = world.snapshot(&["ada"]).await;
    for (step, body, field) in [
        ("void", json!({}), "reason"),
        ("void", json!({ "reason": " " }), "reason"),
        ("void", json!({ "reason": "x".repeat(501) }), "reason"),
        ("void", json!({ "reason": "Why", "amount": 1 }), "amount"),
        ("extend", json!({}), "expires_at"),
        ("extend", json!({ "expires_at": "later" }), "expires_at"),
        ("extend", json!({ "expires_at": 5 }), "expires_at"),
    ] {
        let answer = world.send(&format!("{path}/{step}"), "k", &body).await;
        assert_eq!(answer.is(400, "invalid_request").details()["field"], field, "{}", answer.text());
    }
    for id in ["nonsense", "grant_00000000000000000000000000000000"] {
        let path = format!("{GRANTS}/{id}");
        world
            .send(&format!("{path}/void"), "k", &json!({ "reason": "Why" }))
            .await
            .is(404, "grant_not_found");
        world
            .send(&format!("{path}/extend"), "k", &json!({ "expires_at": null }))
            .await
            .is(404, "grant_not_found");
    }
    let why = json!({ "reason": "Why" });
    world.send_as(&backend, &format!("{path}/void"), "k", &why).await.is(403, "forbidden");
    assert_eq!(world.snapshot(&["ada"]).await, before);
}
