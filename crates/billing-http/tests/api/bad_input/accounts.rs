//! Whose account it is about.

use actix_web::http::Method;
use billing_core::credentials::Scope;
use serde_json::json;

use super::{CONSUME, MANUAL, refuses, with, world};
use crate::common::token_with;

#[actix_web::test]
async fn an_account_that_nobody_has_seen_is_not_made_by_spending() {
    let (world, ..) = world().await;
    refuses(&world, CONSUME, &with(CONSUME, "account_id", json!("ghost")), 404, "account_not_found").await;
    let mut take = with(MANUAL, "account_id", json!("ghost"));
    take["amount"] = json!(-1);
    refuses(&world, MANUAL, &take, 404, "account_not_found").await;
    for amount in [json!(0), json!(i64::MAX)] {
        let mut give = with(MANUAL, "account_id", json!("ghost"));
        give["amount"] = amount;
        refuses(&world, MANUAL, &give, 400, "invalid_amount").await;
    }
    world.operator(Method::GET, "/accounts/ghost").send().await.is(404, "account_not_found");
}

#[actix_web::test]
async fn a_key_that_is_bound_to_no_account_has_to_name_one() {
    let (world, ..) = world().await;
    let key = world.key(&[Scope::BillingRead, Scope::BillingWrite, Scope::CreditsWrite]).await;
    for path in ["/credits/balance", "/credits/transactions", "/orders", "/checkin"] {
        world.get(&key, path).await.is(400, "account_required");
        assert_eq!(world.get(&key, &format!("{path}?account_id=ada")).await.status, 200);
        for name in ["", "%20ada", "a%0Ab"] {
            world.get(&key, &format!("{path}?account_id={name}")).await.is(400, "invalid_request");
        }
    }
    world.post(&key, "/checkin", &json!({})).await.is(400, "account_required");
    let spend = world.ask(Method::POST, CONSUME).bearer(&key).key("k").json(&json!({ "amount": 1 }));
    spend.send().await.is(400, "account_required");
}

#[actix_web::test]
async fn a_key_that_is_bound_acts_as_its_account_alone() {
    let (world, ..) = world().await;
    world.give("eve", 10).await;
    let key = world.key_of("ada", &[Scope::BillingRead, Scope::CreditsWrite]).await;
    let own =
        world.ask(Method::POST, CONSUME).bearer(&key).key("k").json(&json!({ "amount": 4 })).send().await;
    assert_eq!(own.data()["balance"], 6);
    assert_eq!(world.get(&key, "/credits/balance?account_id=ada").await.data()["balance"], 6);
    let other = json!({ "amount": 4, "account_id": "eve" });
    world.ask(Method::POST, CONSUME).bearer(&key).key("k2").json(&other).send().await.is(403, "forbidden");
    world.get(&key, "/credits/balance?account_id=eve").await.is(403, "forbidden");
    world.get(&key, "/accounts/eve").await.is(403, "forbidden");
    assert_eq!(world.get(&key, "/accounts/ada").await.status, 200);
}

#[actix_web::test]
async fn an_empty_scope_in_a_users_token_reads_nothing() {
    let (world, ..) = world().await;
    world.get(&token_with(json!({ "scope": "profile" })), "/credits/balance").await.is(403, "forbidden");
}
