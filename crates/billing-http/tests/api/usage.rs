//! Usage that a rate card prices: every one is recorded, reported, exported and can be given back.

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::common::World;

const CONSUME: &str = "/credits/consume";

async fn world() -> World {
    let world = World::new();
    world.give("ada", 100).await;
    let rate = |model: &str, credits: &str| json!({ "quantity": "tokens", "credits": credits, "when": { "model": model } });
    let rates = [rate("big", "0.5"), rate("mini", "0.001")];
    world.rates(json!([{ "name": "chat", "dimensions": ["model"], "rates": rates }])).await;
    world
}

fn used(model: &str, tokens: &str) -> Value {
    json!({ "meter": "chat", "dimensions": { "model": model }, "quantities": { "tokens": tokens } })
}

async fn consume(world: &World, key: &str, model: &str, tokens: &str) -> Value {
    let body = json!({ "account_id": "ada", "usage": used(model, tokens), "description": key });
    let key: String = key.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '-' }).collect();
    world.send(CONSUME, &key, &body).await.is_first()
}

async fn get(world: &World, path: &str) -> Value {
    world.operator(Method::GET, path).send().await.data()
}

async fn back(world: &World, path: &str, key: &str, amount: Option<i64>) -> Value {
    let body = amount.map_or(json!({}), |amount| json!({ "amount": amount }));
    world.send(&format!("{path}/reverse"), key, &body).await.is_first()
}

#[actix_web::test]
async fn usage_below_a_credit_is_recorded_and_reported() {
    let world = world().await;
    for count in 0..3 {
        let data = consume(&world, &format!("mini {count}"), "mini", "1.5").await;
        assert_eq!((&data["transaction_id"], &data["spent"]), (&json!(null), &json!(0)));
    }
    consume(&world, "big", "big", "3").await;
    let list = get(&world, "/credits/usages?account_id=ada").await;
    let told: Vec<_> = list.as_array().unwrap().iter().map(|usage| usage["description"].clone()).collect();
    assert_eq!(told, ["big", "mini 2", "mini 1", "mini 0"]);
    assert_eq!((&list[0]["price"], &list[0]["spent"]), (&json!("1.5"), &json!(1)));
    assert!(list[0]["transaction_id"].is_string());
    assert_eq!((&list[1]["price"], &list[1]["transaction_id"]), (&json!("0.0015"), &json!(null)));

    world.clock.advance(1);
    let by_model = get(&world, "/credits/usage?account_id=ada&group_by=model").await;
    assert_eq!(by_model["total"]["price"], "1.5045");
    let point = |place: usize| {
        let point = &by_model["series"][place];
        (
            point["key"].clone(),
            point["price"].clone(),
            point["quantities"]["tokens"].clone(),
            point["count"].clone(),
        )
    };
    assert_eq!(point(0), (json!("big"), json!("1.5"), json!("3"), json!(1)));
    assert_eq!(point(1), (json!("mini"), json!("0.0045"), json!("4.5"), json!(3)));
    let misspelt = world.operator(Method::GET, "/credits/usage?account_id=ada&group_by=modle").send().await;
    assert_eq!(misspelt.is(400, "invalid_request").details()["field"], "group_by");
}

#[actix_web::test]
async fn days_begin_in_the_accounts_zone_and_late_usage_counts_when_it_happened() {
    let world = world().await;
    world.clock.advance(2 * 86_400);
    let at = "2026-04-15T23:30:00Z";
    let metered = json!({ "account_id": "ada", "usage": used("big", "2"), "occurred_at": at });
    world.send(CONSUME, "a", &metered).await.is_first();
    let plain = json!({ "account_id": "ada", "amount": 7, "occurred_at": at });
    world.send(CONSUME, "b", &plain).await.is_first();
    let days = async |query: &str| -> Vec<(String, i64)> {
        let found = get(&world, &format!("/credits/usage?account_id=ada{query}")).await;
        let spent = |day: &Value| (day["key"].as_str().unwrap().to_owned(), day["spent"].as_i64().unwrap());
        let series = found["series"].as_array().unwrap().iter().map(spent);
        series.filter(|(_, spent)| *spent > 0).collect()
    };
    assert_eq!(days("").await, [("2026-04-15".to_owned(), 8)]);
    assert_eq!(days("&timezone=Europe%2FBerlin").await, [("2026-04-16".to_owned(), 8)]);
    let zone = json!({ "timezone": "Asia/Tokyo" });
    world.operator(Method::PUT, "/accounts/ada").json(&zone).send().await.data();
    assert_eq!(days("").await, [("2026-04-16".to_owned(), 8)]);
    let odd = world.operator(Method::GET, "/credits/usage?account_id=ada&timezone=Mars").send().await;
    assert_eq!(odd.is(400, "invalid_request").details()["field"], "timezone");
}

#[actix_web::test]
async fn a_metered_spend_gives_back_what_it_cost_fractions_included() {
    let world = world().await;
    consume(&world, "good", "big", "1").await;
    let bad = consume(&world, "bad", "big", "1").await;
    assert_eq!(bad["spent"], 1);
    let path = format!("/credits/transactions/{}", bad["transaction_id"].as_str().unwrap());
    assert_eq!(back(&world, &path, "r", None).await["amount"], 1);
    assert_eq!(consume(&world, "good again", "big", "1").await["spent"], 1);
    assert_eq!(world.balance("ada").await, (99, 0));
    world.send(&format!("{path}/reverse"), "r2", &json!({})).await.is(409, "already_reversed");
    world.clock.advance(1);
    let report = get(&world, "/credits/usage?account_id=ada&group_by=meter").await;
    assert_eq!((&report["total"]["price"], &report["total"]["net"]), (&json!("1"), &json!(1)));
}

#[actix_web::test]
async fn usage_that_took_no_credit_is_given_back_by_its_own_id() {
    let world = world().await;
    let carried = consume(&world, "carried", "big", "1").await;
    let taking = consume(&world, "taking", "big", "1").await;
    let path = |usage: &Value| format!("/credits/usages/{}", usage["usage_id"].as_str().unwrap());
    // What it brought the other over a credit by comes back with it.
    let first = back(&world, &path(&carried), "r1", None).await;
    assert_eq!((&first["amount"], &first["usages"][0]["price"]), (&json!(1), &json!("-0.5")));
    let second = back(&world, &path(&taking), "r2", None).await;
    assert_eq!((&second["amount"], &second["transaction_id"]), (&json!(0), &json!(null)));
    assert_eq!(world.balance("ada").await, (100, 0));
    world.send(&format!("{}/reverse", path(&taking)), "r3", &json!({})).await.is(409, "already_reversed");
    let unknown = world.send("/credits/usages/usage_1/reverse", "r4", &json!({})).await;
    unknown.is(404, "usage_not_found");
    let verify = world.operator(Method::POST, "/admin/ledger/verify").json(&json!({})).send().await.data();
    assert_eq!(verify["violations"], json!([]));
}

#[actix_web::test]
async fn a_part_of_a_metered_spend_is_given_back_in_credits() {
    let world = world().await;
    let spent = consume(&world, "s", "big", "7").await;
    assert_eq!(spent["spent"], 3);
    let path = format!("/credits/transactions/{}", spent["transaction_id"].as_str().unwrap());
    assert_eq!(back(&world, &path, "r1", Some(2)).await["balance"], 99);
    world.send(&format!("{path}/reverse"), "r2", &json!({ "amount": 2 })).await.is(409, "already_reversed");
    assert_eq!(back(&world, &path, "r3", None).await["balance"], 100);
}

#[actix_web::test]
async fn finished_work_is_booked_in_full_as_debt() {
    let world = world().await;
    let body = json!({ "account_id": "ada", "usage": used("big", "300"), "overrun": "debt" });
    let spent = world.send(CONSUME, "k", &body).await.is_first();
    assert_eq!((&spent["spent"], &spent["balance"]), (&json!(150), &json!(-50)));
    let both = json!({ "account_id": "ada", "amount": 1, "overrun": "debt", "partial": true });
    assert_eq!(
        world.send(CONSUME, "b", &both).await.is(400, "invalid_request").details()["field"],
        "overrun"
    );
    let odd = json!({ "account_id": "ada", "amount": 1, "overrun": "later" });
    assert_eq!(world.send(CONSUME, "o", &odd).await.is(400, "invalid_request").details()["field"], "overrun");
}

#[actix_web::test]
async fn usage_is_exported_as_csv_and_json_lines() {
    let world = world().await;
    for count in 0..3 {
        world.clock.advance(1);
        consume(&world, &format!("call {count}, \"quoted\""), "big", "1").await;
    }
    let export = async |query: &str| {
        let path = format!("/credits/usages/export?account_id=ada{query}");
        world.operator(Method::GET, &path).send().await
    };
    let csv = export("").await;
    assert!(csv.header("Content-Disposition").unwrap().contains("usage.csv"));
    let text = csv.text();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let told: Vec<_> = rows.iter().map(|row| (&row[column("description")], &row[column("price")])).collect();
    assert_eq!(told[0], ("call 2, \"quoted\"", "0.5"));
    assert_eq!(rows.len(), 3);
    let lines = export("&format=jsonl&from=2026-04-15T12%3A00%3A02Z").await.text();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.iter().map(|line| &line["quantities"]["tokens"]).collect::<Vec<_>>(), ["1", "1"]);
    assert_eq!(export("&format=xlsx").await.is(400, "invalid_request").details()["field"], "format");
    let none = world.operator(Method::GET, "/credits/usages/export?account_id=nobody").send().await.text();
    assert_eq!(none.lines().count(), 1, "the names of the columns");
}
