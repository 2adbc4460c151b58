//! Owing.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::CONSUME;
use crate::common::{Answer, World};

async fn limit(world: &World, limit: &Value) -> Answer {
    world.operator(Method::PUT, "/accounts/ada").json(&json!({ "overdraft_limit": limit })).send().await
}

fn spend(amount: i64) -> Value {
    json!({ "account_id": "ada", "amount": amount })
}

#[actix_web::test]
async fn an_account_spends_into_debt_up_to_its_limit_and_what_comes_in_repays_it() {
    let world = World::new();
    world.give("ada", 10).await;
    assert_eq!(limit(&world, &json!(20)).await.data()["overdraft_limit"], 20);
    assert_eq!(world.send(CONSUME, "a", &spend(25)).await.is_first()["balance"], -15);
    let refused = world.send(CONSUME, "b", &spend(6)).await;
    refused.is(402, "insufficient_credits");
    assert_eq!(refused.details(), json!({ "required": 6, "available": -15, "held": 0 }));
    // A part never owes.
    let part = json!({ "account_id": "ada", "amount": 1, "partial": true });
    world.send(CONSUME, "c", &part).await.is(402, "insufficient_credits");
    assert_eq!(world.send(CONSUME, "b", &spend(5)).await.is_first()["balance"], -20);
    let balance = world.operator(Method::GET, "/credits/balance?account_id=ada").send().await.data();
    assert_eq!(balance["buckets"], json!({ "plan": 0, "purchased": 0, "bonus": 0 }));

    let given = json!({ "account_id": "ada", "amount": 30 });
    assert_eq!(world.send("/credits/grants", "g", &given).await.is_first()["balance"], 10);
    assert_eq!(world.send(CONSUME, "d", &spend(10)).await.is_first()["balance"], 0);
}

#[actix_web::test]
async fn an_operator_may_take_what_the_limit_allows_and_no_more() {
    let world = World::new();
    world.give("ada", 10).await;
    limit(&world, &json!(5)).await.data();
    let take = |amount: i64| json!({ "account_id": "ada", "amount": amount, "reason": "A correction" });
    world.send("/admin/credits/manual", "m", &take(-16)).await.is(402, "insufficient_credits");
    assert_eq!(world.send("/admin/credits/manual", "m", &take(-15)).await.is_first()["balance"], -5);
}

#[actix_web::test]
async fn a_lower_limit_asks_for_nothing_back() {
    let world = World::new();
    world.give("ada", 1).await;
    limit(&world, &json!(10)).await.data();
    world.send(CONSUME, "a", &spend(11)).await.is_first();
    limit(&world, &json!(0)).await.data();
    assert_eq!(world.balance("ada").await, (-10, 0));
    world.send(CONSUME, "b", &spend(1)).await.is(402, "insufficient_credits");
}

#[actix_web::test]
async fn a_limit_is_a_whole_number_from_zero() {
    let world = World::new();
    for value in [json!(-1), json!(9_007_199_254_740_992_i64), json!(0.5), json!("5"), json!(null)] {
        let refused = limit(&world, &value).await;
        assert_eq!(refused.is(400, "invalid_request").details()["field"], "overdraft_limit");
    }
    world.operator(Method::GET, "/accounts/ada").send().await.is(404, "account_not_found");
    assert_eq!(limit(&world, &json!(0)).await.data()["overdraft_limit"], 0);
}
