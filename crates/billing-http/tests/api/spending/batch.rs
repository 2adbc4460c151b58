//! Many spends in one request.

use billing_core::credentials::Scope;
use serde_json::{Value, json};

use super::{BATCH, CONSUME, meters, tokens};
use crate::common::shapes::{closed, list_of, success, text, text_or_null, whole, yes_or_no};
use crate::common::{World, matches_schema};

fn spend(account: &str, amount: i64) -> Value {
    json!({ "account_id": account, "amount": amount })
}

#[actix_web::test]
async fn each_item_has_an_outcome_of_its_own() {
    let world = World::new();
    world.give("ada", 10).await;
    world.give("bob", 5).await;
    world.rates(meters()).await;
    let items = json!([
        spend("ada", 4),
        spend("ada", 7),
        spend("bob", 5),
        spend("nobody", 1),
        { "account_id": "ada", "usage": tokens(1000), "type": "chat", "description": "A poem" },
        { "account_id": "ada", "usage": { "meter": "video" } },
        { "account_id": "ada", "amount": 100, "partial": true },
        spend("bob", 0),
    ]);
    let body = json!({ "items": items });
    let answer = world.send(BATCH, "k", &body).await;
    let mut data = closed(json!({
        "transaction_id": text_or_null(), "spent": whole(), "balance": whole(), "uncovered": whole(),
        "usage_id": text(), "usages": { "type": "array" },
    }));
    data["required"] = json!(["transaction_id", "spent", "balance"]);
    let mut error = json!({ "type": "object", "required": ["code", "message"] });
    error["properties"] = json!({ "code": text(), "message": text(), "details": { "type": "object" } });
    let mut one =
        closed(json!({ "success": yes_or_no(), "data": data, "error": error, "replayed": yes_or_no() }));
    one["required"] = json!(["success", "replayed"]);
    let schema = closed(json!({ "succeeded": whole(), "failed": whole(), "results": list_of(one) }));
    matches_schema(&answer.json(), &success(schema));

    let data = answer.is_first();
    assert_eq!((&data["succeeded"], &data["failed"]), (&json!(4), &json!(4)));
    let results = data["results"].as_array().unwrap();
    let told: Vec<_> = results
        .iter()
        .map(|one| {
            if one["success"] == true {
                json!([one["data"]["spent"], one["data"]["balance"]])
            } else {
                one["error"]["code"].clone()
            }
        })
        .collect();
    assert_eq!(
        Value::from(told),
        json!([
            [4, 6],
            "insufficient_credits",
            [5, 0],
            "account_not_found",
            [3, 3],
            "unknown_meter",
            [3, 0],
            "invalid_amount"
        ])
    );
    assert_eq!(results[1]["error"]["details"], json!({ "required": 7, "available": 6, "held": 0 }));
    assert_eq!((world.balance("ada").await, world.balance("bob").await), ((0, 0), (0, 0)));
}

#[actix_web::test]
async fn a_repetition_answers_the_same_and_tries_again_what_was_refused() {
    let world = World::new();
    world.give("ada", 10).await;
    let body = json!({ "items": [spend("ada", 6), spend("ada", 6), spend("ada", 4)] });
    let first = world.send(BATCH, "k", &body).await.is_first();
    assert_eq!((&first["succeeded"], &first["failed"]), (&json!(2), &json!(1)));

    let again = world.send(BATCH, "k", &body).await;
    assert_eq!(again.header("Idempotency-Replayed"), Some("true"), "nothing was taken now");
    let again = again.data();
    for place in [0, 2] {
        assert_eq!(again["results"][place]["data"], first["results"][place]["data"]);
        assert_eq!(again["results"][place]["replayed"], true);
    }
    // A refusal left its key free: it is decided anew.
    let refused = &again["results"][1]["error"];
    assert_eq!(refused["details"], json!({ "required": 6, "available": 0, "held": 0 }));
    assert_eq!(world.balance("ada").await, (0, 0));

    world.give("ada", 6).await;
    let third = world.send(BATCH, "k", &body).await;
    let data = third.is_first();
    assert_eq!((&data["succeeded"], &data["results"][1]["replayed"]), (&json!(3), &json!(false)));
    world.send(BATCH, "k", &body).await.data();
    assert_eq!(world.balance("ada").await, (0, 0));
}

#[actix_web::test]
async fn another_batch_under_a_used_key_is_refused_where_the_first_one_spent() {
    let world = World::new();
    world.give("ada", 10).await;
    world.send(BATCH, "k", &json!({ "items": [spend("ada", 1), spend("ada", 2)] })).await.is_first();
    let other = world.send(BATCH, "k", &json!({ "items": [spend("ada", 1), spend("ada", 3)] })).await.data();
    assert_eq!(other["failed"], 2);
    for result in other["results"].as_array().unwrap() {
        assert_eq!(result["error"]["code"], "idempotency_key_reused");
    }
    // A single spend under the same key is another key altogether.
    assert_eq!(world.send(CONSUME, "k", &spend("ada", 1)).await.is_first()["balance"], 6);
}

#[actix_web::test]
async fn a_batch_has_one_to_a_thousand_items() {
    let world = World::new();
    world.give("ada", 5000).await;
    let batch = |count: usize| json!({ "items": vec![spend("ada", 1); count] });
    for count in [0, 1001] {
        let refused = world.send(BATCH, "k", &batch(count)).await;
        assert_eq!(refused.is(400, "invalid_request").details()["field"], "items");
        assert_eq!(refused.message(), "`items`: takes 1 to 1000 spends");
    }
    let all = world.send(BATCH, "k", &batch(1000)).await.is_first();
    assert_eq!((&all["succeeded"], &all["results"][999]["data"]["balance"]), (&json!(1000), &json!(4000)));
    world
        .operator(actix_web::http::Method::POST, BATCH)
        .json(&batch(1))
        .send()
        .await
        .is(400, "idempotency_key_required");
}

#[actix_web::test]
async fn an_item_that_cannot_be_read_is_named_and_nothing_is_taken() {
    let world = World::new();
    world.give("ada", 10).await;
    let before = world.snapshot(&["ada"]).await;
    for (item, field) in [
        (json!({ "account_id": "ada" }), "items[1].amount"),
        (json!({ "account_id": "ada", "amount": 0.5 }), "items[1].amount"),
        (json!({ "account_id": "ada", "amount": 1, "type": "grant" }), "items[1].type"),
        (json!({ "account_id": "", "amount": 1 }), "items[1].account_id"),
        (json!({ "account_id": "ada", "usage": { "meter": "m", "quote": "x" } }), "items[1].usage.quote"),
        (json!({ "account_id": "ada", "amount": 1, "occurred_at": "now" }), "items[1].occurred_at"),
        (json!(7), "items[1]"),
    ] {
        let answer = world.send(BATCH, "k", &json!({ "items": [spend("ada", 1), item] })).await;
        assert_eq!(answer.is(400, "invalid_request").details()["field"], field, "{}", answer.text());
    }
    let nobody = world.send(BATCH, "k", &json!({ "items": [spend("ada", 1), { "amount": 1 }] })).await;
    nobody.is(400, "account_required");
    assert!(nobody.message().starts_with("items[1]: "), "{}", nobody.message());
    assert_eq!(world.snapshot(&["ada"]).await, before);
}

#[actix_web::test]
async fn a_bound_key_spends_from_its_own_account_alone() {
    let world = World::new();
    world.give("ada", 10).await;
    world.give("eve", 10).await;
    let key = world.key_of("ada", &[Scope::CreditsWrite]).await;
    let own = json!({ "items": [{ "amount": 1 }, spend("ada", 2)] });
    assert_eq!(world.send_as(&key, BATCH, "k", &own).await.is_first()["succeeded"], 2);
    let other = json!({ "items": [{ "amount": 1 }, spend("eve", 2)] });
    let refused = world.send_as(&key, BATCH, "k2", &other).await;
    assert!(refused.is(403, "forbidden").message().starts_with("items[1]: "));
    assert_eq!((world.balance("ada").await, world.balance("eve").await), ((7, 0), (10, 0)));
}
