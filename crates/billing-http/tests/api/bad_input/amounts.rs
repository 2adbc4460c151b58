//! Amounts.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{CONSUME, MANUAL, refuses, with, world};

#[actix_web::test]
async fn amounts_are_whole_and_in_range() {
    let (world, ..) = world().await;
    let beyond = json!(9_007_199_254_740_992_i64);
    for amount in [json!(0), json!(-1), beyond.clone(), json!(i64::MAX), json!(i64::MIN), json!(u64::MAX)] {
        refuses(&world, CONSUME, &with(CONSUME, "amount", amount), 400, "invalid_amount").await;
    }
    for amount in [json!(0), beyond, json!(i64::MAX)] {
        refuses(&world, MANUAL, &with(MANUAL, "amount", amount), 400, "invalid_amount").await;
    }
    for amount in
        [json!(1.5), json!(1.0), json!("1"), json!("one"), json!(true), Value::Null, json!([1]), json!({})]
    {
        for path in [CONSUME, MANUAL] {
            let answer =
                refuses(&world, path, &with(path, "amount", amount.clone()), 400, "invalid_request").await;
            assert!(answer.message().starts_with("`amount`: must be a whole number"), "{}", answer.message());
            assert_eq!(answer.json()["error"]["details"]["field"], "amount");
        }
    }
    for text in ["99999999999999999999999", "-99999999999999999999999", "1e30"] {
        let body = format!(r#"{{"account_id":"ada","amount":{text}}}"#);
        let answer =
            world.operator(Method::POST, CONSUME).key("k").raw("application/json", body).send().await;
        answer.is(400, "invalid_amount");
    }
}

#[actix_web::test]
async fn taking_the_lowest_number_there_is_is_refused() {
    let (world, ..) = world().await;
    let body = with(MANUAL, "amount", json!(i64::MIN));
    let before = world.snapshot(&["ada"]).await;
    let answer = world.operator(Method::POST, MANUAL).json(&body).send().await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!(world.snapshot(&["ada"]).await, before);
}
