//! What a capture may take, and when a hold is settled.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{HOLDS, placed};
use crate::common::World;

fn meters() -> Value {
    let rate = |quantity: &str, credits: &str| json!({ "quantity": quantity, "credits": credits });
    json!([
        { "name": "chat", "rates": [rate("tokens", "0.1")] },
        { "name": "least", "rates": [rate("tokens", "0.1")], "minimum": 5 },
        { "name": "up", "rates": [rate("tokens", "0.1")], "rounding": "up", "per_call": "0.25" },
        { "name": "tool", "per_call": "1.5" },
        { "name": "any", "rates": [rate("*", "0.5")] },
    ])
}

fn used(meter: &str, tokens: u32) -> Value {
    json!({ "meter": meter, "quantities": { "tokens": tokens } })
}

async fn world(credits: i64) -> World {
    let world = World::new();
    world.give("ada", credits).await;
    world.rates(meters()).await;
    world
}

async fn capture(world: &World, path: &str, key: &str, body: Value) -> Value {
    world.send(&format!("{path}/capture"), key, &body).await.is_first()
}

#[actix_web::test]
async fn parts_of_one_call_cost_what_the_whole_call_costs() {
    for (meter, whole, parts) in [("chat", 4, 10), ("least", 5, 10), ("least", 40, 80), ("up", 5, 10)] {
        let world = world(100).await;
        let tokens = if parts == 80 { 400 } else { 40 };
        let body = json!({ "account_id": "ada", "usage": used(meter, tokens) });
        let path = placed(&world, "h", &body).await;
        let mut spent = 0;
        for part in 0..parts {
            let body = json!({ "usage": used(meter, tokens / parts), "final": part + 1 == parts });
            spent += capture(&world, &path, &format!("c{part}"), body).await["spent"].as_i64().unwrap();
        }
        assert_eq!(spent, whole, "{meter} in {parts} parts");
        assert_eq!(world.balance("ada").await, (100 - whole, 0), "{meter}");
    }
}

#[actix_web::test]
async fn what_a_hold_was_placed_for_is_captured_in_parts_whatever_the_account_carries() {
    let world = world(1).await;
    world
        .send("/credits/consume", "s", &json!({ "account_id": "ada", "usage": used("chat", 9) }))
        .await
        .is_first();
    let path = placed(&world, "h", &json!({ "account_id": "ada", "usage": used("chat", 10) })).await;
    for (part, last) in [(4, false), (3, false), (3, true)] {
        capture(
            &world,
            &path,
            &format!("c{last}{part}"),
            json!({ "usage": used("chat", part), "final": last }),
        )
        .await;
    }
    assert_eq!(world.balance("ada").await, (0, 0));
}

#[actix_web::test]
async fn what_nothing_covers_goes_by_the_captures_own_policy() {
    for (overrun, expected) in
        [("refuse", None), ("partial", Some((15, 25, 0, 5))), ("debt", Some((40, 0, -25, 5)))]
    {
        let world = world(15).await;
        let path = placed(&world, "h", &json!({ "account_id": "ada", "usage": used("chat", 100) })).await;
        let body = json!({ "usage": used("chat", 400), "final": true, "overrun": overrun });
        let answer = world.send(&format!("{path}/capture"), "c", &body).await;
        let Some((spent, uncovered, balance, beyond)) = expected else {
            assert_eq!(
                answer.is(402, "insufficient_credits").details(),
                json!({ "required": 30, "available": 5, "held": 10 })
            );
            continue;
        };
        let data = answer.is_first();
        assert_eq!((&data["spent"], &data["uncovered"]), (&json!(spent), &json!(uncovered)), "{overrun}");
        assert_eq!(data["balance"], balance, "{overrun}");
        assert_eq!(data["overrun"], if overrun == "debt" { 30 } else { beyond });
        assert_eq!(data["usages"][0]["price"], "40", "all of it is recorded");
        let next = json!({ "account_id": "ada", "amount": 1 });
        world.send("/credits/consume", "next", &next).await.is(402, "insufficient_credits");
    }
}

#[actix_web::test]
async fn a_used_up_hold_stays_open_until_its_last_capture() {
    let world = world(20).await;
    let path = placed(&world, "h", &json!({ "account_id": "ada", "amount": 10 })).await;
    let all = capture(&world, &path, "c1", json!({ "amount": 10 })).await;
    assert_eq!((&all["status"], &all["remaining"]), (&json!("open"), &json!(0)));
    let more = capture(&world, &path, "c2", json!({ "amount": 3 })).await;
    assert_eq!((&more["captured"], &more["overrun"], &more["balance"]), (&json!(10), &json!(3), &json!(7)));
    assert_eq!(capture(&world, &path, "c3", json!({})).await["status"], "captured");
    world.send(&format!("{path}/capture"), "c4", &json!({ "amount": 1 })).await.is(409, "hold_closed");
}

#[actix_web::test]
async fn a_lapsed_hold_is_spent_at_its_price_until_what_it_was_placed_for_is_reached() {
    let world = world(100).await;
    let body = json!({ "account_id": "ada", "usage": used("chat", 100), "expires_in_seconds": 60 });
    let path = placed(&world, "h", &body).await;
    capture(&world, &path, "c1", json!({ "usage": used("chat", 35) })).await;
    world.clock.advance(60);
    world.rates(json!([{ "name": "chat", "rates": [{ "quantity": "tokens", "credits": 9 }] }])).await;
    let late = |tokens| json!({ "usage": used("chat", tokens), "or_spend": true });
    assert_eq!(capture(&world, &path, "c2", late(35)).await["spent"], 4);
    assert_eq!(capture(&world, &path, "c3", late(30)).await["status"], "settled");
    assert_eq!(world.balance("ada").await, (90, 0));
    for key in ["c4", "c5"] {
        world.send(&format!("{path}/capture"), key, &late(1)).await.is(409, "hold_settled");
    }
    world.send(&format!("{path}/capture"), "c6", &json!({ "amount": 1 })).await.is(409, "hold_settled");
    assert_eq!(world.balance("ada").await, (90, 0));
}

#[actix_web::test]
async fn a_hold_carries_several_usages_and_is_raised() {
    let world = world(100).await;
    let body = json!({ "account_id": "ada", "usages": [used("chat", 100), { "meter": "tool" }] });
    let placed = world.send(HOLDS, "h", &body).await.is_first();
    assert_eq!(placed["amount"], 12, "10 and 1.5 credits");
    let path = format!("{HOLDS}/{}", placed["hold_id"].as_str().unwrap());
    let raise = json!({ "usage": used("chat", 300), "expires_in_seconds": 3600 });
    let raised = world.send(&format!("{path}/extend"), "e1", &raise).await.is_first();
    assert_eq!((&raised["amount"], &raised["balance"]), (&json!(32), &json!(68)));
    let fewer = world.send(&format!("{path}/extend"), "e2", &json!({ "amount": 31 })).await;
    assert_eq!(fewer.is(400, "invalid_amount").details(), json!({ "amount": 32 }));
    let much = world.send(&format!("{path}/extend"), "e3", &json!({ "amount": 101 })).await;
    much.is(402, "insufficient_credits");
    let both = json!({ "usages": [used("chat", 250), { "meter": "tool" }], "final": true });
    let captured = capture(&world, &path, "c", both).await;
    assert_eq!((&captured["spent"], &captured["balance"]), (&json!(26), &json!(74)));
    assert_eq!(captured["usages"].as_array().unwrap().len(), 2);
    let held = world.operator(Method::GET, &path).send().await.data();
    assert_eq!(held["usages"][0]["captured"], json!({ "tokens": "250" }));
}

#[actix_web::test]
async fn a_quantity_that_the_pinned_card_does_not_know_is_never_refused_after_the_work() {
    let world = world(100).await;
    let unknown = json!({ "meter": "chat", "quantities": { "tokens": 10, "cached": 10 } });
    let body = json!({ "account_id": "ada", "usage": unknown });
    world.send(HOLDS, "no", &body).await.is(400, "unknown_quantity");
    let path = placed(&world, "h", &json!({ "account_id": "ada", "usage": used("chat", 100) })).await;
    assert_eq!(capture(&world, &path, "c1", json!({ "usage": unknown })).await["usages"][0]["price"], "1");
    let rates = json!([{ "quantity": "tokens", "credits": 9 }, { "quantity": "images", "credits": 2 }]);
    world.rates(json!([{ "name": "chat", "rates": rates }])).await;
    let newer = json!({ "meter": "chat", "quantities": { "tokens": 10, "images": 1 } });
    assert_eq!(capture(&world, &path, "c2", json!({ "usage": newer })).await["usages"][0]["price"], "3");
}

#[actix_web::test]
async fn usage_that_a_hold_was_not_placed_for_is_captured_at_the_default_rate() {
    let world = world(10).await;
    let path = placed(&world, "h", &json!({ "account_id": "ada", "usage": used("chat", 20) })).await;
    let captured = capture(&world, &path, "c", json!({ "usage": used("any", 4), "final": true })).await;
    assert_eq!(captured["spent"], 2);
    assert_eq!(world.balance("ada").await, (8, 0));
}

#[actix_web::test]
async fn the_captures_of_a_hold_are_listed_newest_first() {
    let world = world(100).await;
    let path = placed(&world, "h", &json!({ "account_id": "ada", "usage": used("chat", 100) })).await;
    for (count, tokens) in [4, 7, 1, 30].into_iter().enumerate() {
        world.clock.advance(1);
        capture(&world, &path, &format!("c{count}"), json!({ "usage": used("chat", tokens) })).await;
    }
    world.clock.advance(1);
    capture(&world, &path, "amount", json!({ "amount": 2 })).await;
    let told = |answer: &Value| -> Vec<(i64, Option<String>)> {
        let captures = answer["data"].as_array().unwrap().iter();
        let tokens =
            |capture: &Value| capture["usages"][0]["quantities"]["tokens"].as_str().map(str::to_owned);
        captures.map(|capture| (capture["spent"].as_i64().unwrap(), tokens(capture))).collect()
    };
    let expected: Vec<(i64, Option<String>)> =
        [(2, None), (3, Some("30")), (0, Some("1")), (1, Some("7")), (0, Some("4"))]
            .map(|(spent, tokens)| (spent, tokens.map(str::to_owned)))
            .into();
    let mut seen = Vec::new();
    let mut next = String::new();
    loop {
        let page = world.operator(Method::GET, &format!("{path}/captures?limit=2{next}")).send().await.json();
        seen.extend(told(&page));
        let Some(cursor) = page["pagination"]["next_cursor"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    assert_eq!(seen, expected);
    let rest = world.operator(Method::GET, &format!("{path}/captures?offset=3")).send().await.json();
    assert_eq!(told(&rest), expected[3..]);
    let odd = world.operator(Method::GET, &format!("{path}/captures?cursor=7")).send().await;
    assert_eq!(odd.is(400, "invalid_request").details()["field"], "cursor");
}
