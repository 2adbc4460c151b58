//! Whose hold it is.

use actix_web::http::Method;
use billing_core::credentials::Scope;
use serde_json::json;

use super::{HOLDS, held};
use crate::common::{World, token_with};

const STEPS: [&str; 3] = ["capture", "release", "extend"];

#[actix_web::test]
async fn another_accounts_hold_is_as_unknown_as_one_that_never_was() {
    let world = World::new();
    world.give("ada", 10).await;
    world.give("eve", 10).await;
    let path = held(&world, "h", 5).await;
    let never = format!("{HOLDS}/hold_{}", "0".repeat(32));
    let key = world.key_of("eve", &[Scope::CreditsWrite]).await;
    let token = token_with(json!({ "sub": "eve", "scope": "credits:write" }));
    let before = world.snapshot(&["ada", "eve"]).await;
    for eve in [&key, &token] {
        let mut told = Vec::new();
        for path in [&path, &never] {
            let mut answers = vec![world.get(eve, path).await];
            for step in STEPS {
                let body = if step == "extend" { json!({ "expires_in_seconds": 60 }) } else { json!({}) };
                let path = format!("{path}/{step}");
                answers.push(world.send_as(eve, &path, "k", &body).await);
                let mut named = body.clone();
                named["account_id"] = json!("ada");
                world.send_as(eve, &path, "k", &named).await.is(403, "forbidden");
                // A backend that names the wrong account learns nothing either.
                named["account_id"] = json!("eve");
                world.send(&path, "k", &named).await.is(404, "hold_not_found");
            }
            let usage = json!({ "usage": { "meter": "chat" } });
            answers.push(world.send_as(eve, &format!("{path}/capture"), "k", &usage).await);
            let id = path.rsplit('/').next().unwrap();
            told.push(
                answers
                    .iter()
                    .map(|answer| {
                        answer.is(404, "hold_not_found");
                        answer.message().replace(id, "it")
                    })
                    .collect::<Vec<_>>(),
            );
        }
        assert_eq!(told[0], told[1]);
    }
    world.get(&key, &format!("{path}?account_id=ada")).await.is(403, "forbidden");
    assert_eq!(world.snapshot(&["ada", "eve"]).await, before);
}

#[actix_web::test]
async fn an_unbound_key_need_not_say_whose_hold_it_is() {
    let world = World::new();
    world.give("ada", 10).await;
    let path = held(&world, "h", 5).await;
    let backend = world.key(&[Scope::CreditsWrite]).await;
    assert_eq!(world.get(&backend, &path).await.data()["amount"], 5);
    assert_eq!(world.get(&backend, &format!("{path}?account_id=ada")).await.data()["amount"], 5);
    world.get(&backend, &format!("{path}?account_id=nobody")).await.is(404, "account_not_found");
    let named = json!({ "account_id": "ada", "amount": 2 });
    world.send_as(&backend, &format!("{path}/capture"), "c", &named).await.is_first();
    world.send_as(&backend, &format!("{path}/release"), "r", &json!({})).await.is_first();
    assert_eq!(world.balance("ada").await, (8, 0));
}

#[actix_web::test]
async fn what_is_no_holds_id_is_no_hold() {
    let world = World::new();
    for text in ["nonsense", "hold_7", "grant_00000000000000000000000000000001"] {
        let path = format!("{HOLDS}/{text}");
        world.operator(Method::GET, &path).send().await.is(404, "hold_not_found");
        world.send(&format!("{path}/capture"), "k", &json!({})).await.is(404, "hold_not_found");
    }
}
