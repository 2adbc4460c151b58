//! What people are shown of their credits.

use actix_web::http::Method;
use billing_core::credentials::Scope;
use serde_json::{Value, json};

use crate::common::shapes::{closed, list_of, listing, moment, success, text, text_or_null, whole};
use crate::common::{BOOTSTRAP, World, matches_schema, token_with};

fn moment_or_null() -> Value {
    json!({ "type": ["string", "null"], "format": "date-time" })
}

/// A world in which ada has a hundred credits, and twenty for an hour.
async fn world() -> (World, String) {
    let world = World::new();
    world.give("ada", 100).await;
    let short = json!({
        "account_id": "ada", "amount": 20, "source": "promo", "expires_at": "2026-04-15T13:00:00Z",
        "description": "Spring",
    });
    world.send("/credits/grants", "g", &short).await.is_first();
    let reader = world.key_of("ada", &[Scope::BillingRead]).await;
    (world, reader)
}

async fn spend(world: &World, key: &str, body: Value) -> String {
    let mut body = body;
    body["account_id"] = json!("ada");
    world.send("/credits/consume", key, &body).await.is_first()["transaction_id"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn grants_are_listed_as_they_are_now() {
    let (world, reader) = world().await;
    spend(&world, "s", json!({ "amount": 5 })).await;
    let grant = closed(json!({
        "id": text(), "amount": whole(), "remaining": whole(), "held": whole(), "source": text(),
        "priority": whole(), "status": text(), "effective_at": moment(), "expires_at": moment_or_null(),
        "description": text(), "metadata": { "type": "object" }, "order_id": text_or_null(),
        "created_at": moment(),
    }));
    let answer = world.get(&reader, "/credits/grants").await;
    matches_schema(&answer.json(), &listing(grant));
    let short = &answer.data()[0];
    assert_eq!((&short["remaining"], &short["status"]), (&json!(15), &json!("active")));
    world.clock.advance(3600);
    let short = &world.get(&reader, "/credits/grants").await.data()[0];
    assert_eq!((&short["remaining"], &short["status"]), (&json!(0), &json!("expired")));
    assert_eq!(world.get(BOOTSTRAP, "/credits/grants?account_id=nobody").await.data(), json!([]));
}

#[actix_web::test]
async fn holds_are_listed_open_ones_unless_all_are_asked_for() {
    let (world, _) = world().await;
    let backend = world.key(&[Scope::CreditsWrite]).await;
    for (key, amount, seconds) in [("a", 1, 900), ("b", 2, 60), ("c", 3, 900)] {
        let body = json!({ "account_id": "ada", "amount": amount, "expires_in_seconds": seconds });
        world.send("/credits/holds", key, &body).await.is_first();
    }
    let list = async |query: &str| -> Vec<Value> {
        let path = format!("/credits/holds?account_id=ada{query}");
        let holds = world.get(&backend, &path).await.data();
        holds.as_array().unwrap().iter().map(|hold| json!([hold["amount"], hold["status"]])).collect()
    };
    assert_eq!(list("").await.len(), 3);
    world.clock.advance(60);
    assert_eq!(list("").await, [json!([3, "open"]), json!([1, "open"])]);
    assert_eq!(list("&status=open").await, list("").await);
    assert_eq!(list("&status=all").await, [json!([3, "open"]), json!([2, "lapsed"]), json!([1, "open"])]);
    let wrong = world.get(&backend, "/credits/holds?account_id=ada&status=lapsed").await;
    assert_eq!(wrong.is(400, "invalid_request").details()["field"], "status");
    world.get(&backend, "/credits/holds").await.is(400, "account_required");
}

#[actix_web::test]
async fn an_expiry_is_in_the_history_as_soon_as_it_is_due() {
    let (world, reader) = world().await;
    world.clock.advance(3601);
    let history = world.get(&reader, "/credits/transactions").await.data();
    assert_eq!(
        (&history[0]["type"], &history[0]["amount"], &history[0]["created_at"]),
        (&json!("expiry"), &json!(-20), &json!("2026-04-15T13:00:00Z"))
    );
    assert_eq!(history[0]["balance_after"], 100);
}

#[actix_web::test]
async fn a_transaction_is_explained_in_fields_and_in_a_sentence() {
    let (world, reader) = world().await;
    let rate = json!([{ "quantity": "tokens", "credits": 3, "per": 1000 }]);
    world.rates(json!([{ "name": "chat", "rates": rate }])).await;
    let usage = json!({ "meter": "chat", "quantities": { "tokens": 10_000 } });
    let id =
        spend(&world, "s", json!({ "usage": usage, "description": "A novel", "metadata": { "job": "7" } }))
            .await;
    let back = world.send(&format!("/credits/transactions/{id}/reverse"), "r", &json!({ "amount": 4 })).await;
    let part = closed(json!({
        "grant_id": text(), "amount": whole(), "source": text(), "description": text(),
        "expires_at": moment_or_null(), "order_id": text_or_null(), "subscription_id": text_or_null(),
        "fact": text(),
    }));
    let usages = json!({ "type": "array" });
    let reversal = closed(json!({ "transaction_id": text(), "amount": whole(), "created_at": moment() }));
    let schema = closed(json!({
        "id": text(), "seq": whole(), "type": text(), "amount": whole(), "description": text(),
        "explanation": text(), "actor": text(), "created_at": moment(), "recorded_at": moment(),
        "occurred_at": moment_or_null(), "posted_after": whole(), "balance_after": whole(),
        "grants": list_of(part), "debt": whole(), "repaid": whole(), "usages": usages, "hold_id": text_or_null(),
        "reverses": text_or_null(), "reversed_by": list_of(reversal), "reversed": whole(),
        "metadata": { "type": "object" }, "hash": text(),
    }));
    let answer = world.get(&reader, &format!("/credits/transactions/{id}")).await;
    matches_schema(&answer.json(), &success(schema.clone()));
    let told = answer.data();
    assert_eq!(
        told["explanation"],
        "30 credits were spent on “A novel” by operator bootstrap for 10000 tokens of chat at 30 credits by rate \
         card default@1: 20 from the promotion “Spring” and 10 from what was given by hand, “By hand”; 4 credits \
         of it were given back later."
    );
    assert_eq!(
        (&told["seq"], &told["reversed"], &told["metadata"]),
        (&json!(3), &json!(4), &json!({ "job": "7" }))
    );
    assert_eq!(told["reversed_by"][0]["transaction_id"], back.data()["transaction_id"]);
    assert_eq!((&told["grants"][0]["amount"], &told["grants"][1]["source"]), (&json!(-20), &json!("manual")));
    assert_eq!(told["usages"][0]["quantities"], json!({ "tokens": "10000" }));
    assert_eq!(told["hash"].as_str().unwrap().len(), 64);

    let path = format!("/credits/transactions/{}", back.data()["transaction_id"].as_str().unwrap());
    let back = world.get(BOOTSTRAP, &path).await;
    matches_schema(&back.json(), &success(schema));
    assert_eq!(back.data()["reverses"], json!(id));
}

#[actix_web::test]
async fn another_accounts_transaction_is_not_there() {
    let (world, _) = world().await;
    let id = spend(&world, "s", json!({ "amount": 1 })).await;
    let never = format!("txn_{}", "0".repeat(32));
    let eve = token_with(json!({ "sub": "eve" }));
    world.give("bob", 1).await;
    let bob = world.key_of("bob", &[Scope::BillingRead]).await;
    for id in [id.as_str(), &never, "nonsense"] {
        for stranger in [&eve, &bob] {
            let answer = world.get(stranger, &format!("/credits/transactions/{id}")).await;
            answer.is(404, "transaction_not_found");
            assert_eq!(
                answer.message(),
                format!("there is no transaction {id}").replace(" nonsense", " `nonsense`")
            );
        }
        let named = format!("/credits/transactions/{id}?account_id=bob");
        world.get(BOOTSTRAP, &named).await.is(404, "transaction_not_found");
    }
    let unbound = world.key(&[Scope::BillingRead]).await;
    assert_eq!(world.get(&unbound, &format!("/credits/transactions/{id}")).await.data()["amount"], -1);
}

#[actix_web::test]
async fn usage_comes_in_days_types_or_meters() {
    let (world, reader) = world().await;
    let point = closed(json!({
        "key": text_or_null(), "net": whole(), "spent": whole(), "reversed": whole(), "price": text(),
        "quantities": { "type": "object" }, "count": whole(),
    }));
    let total = closed(json!({
        "net": whole(), "spent": whole(), "reversed": whole(), "price": text(),
        "quantities": { "type": "object" }, "count": whole(),
    }));
    let schema = success(closed(json!({
        "group_by": text(), "timezone": text(), "from": moment(), "to": moment(), "total": total, "series": list_of(point),
    })));
    let first = spend(&world, "a", json!({ "amount": 10, "type": "chat" })).await;
    world.clock.advance(86_400);
    spend(&world, "b", json!({ "amount": 7, "type": "image" })).await;
    world
        .send(&format!("/credits/transactions/{first}/reverse"), "r", &json!({ "amount": 4 }))
        .await
        .is_first();
    world.clock.advance(1);
    let usage = async |query: &str| {
        let answer = world.get(&reader, &format!("/credits/usage{query}")).await;
        matches_schema(&answer.json(), &schema);
        answer.data()
    };
    let days = usage("").await;
    assert_eq!(
        days["total"],
        json!({ "net": 13, "spent": 17, "reversed": 4, "price": "0", "quantities": {}, "count": 2 })
    );
    assert_eq!(days["series"].as_array().unwrap().len(), 30);
    assert_eq!(
        days["series"][29],
        json!({ "key": "2026-04-16", "net": 3, "spent": 7, "reversed": 4, "price": "0", "quantities": {}, "count": 1 })
    );
    let types = usage("?group_by=type&from=2026-04-16T00%3A00%3A00Z").await;
    assert_eq!(
        types["series"],
        json!([
            { "key": "chat", "net": -4, "spent": 0, "reversed": 4, "price": "0", "quantities": {}, "count": 0 },
            { "key": "image", "net": 7, "spent": 7, "reversed": 0, "price": "0", "quantities": {}, "count": 1 },
        ])
    );
    let meters = usage("?group_by=meter&to=2026-04-16T00%3A00%3A00Z").await;
    assert_eq!(
        meters["series"],
        json!([{ "key": null, "net": 10, "spent": 10, "reversed": 0, "price": "0", "quantities": {}, "count": 1 }])
    );
    for (query, field) in [
        ("group_by=hour", "group_by"),
        ("from=yesterday", "from"),
        ("to=2026-04-16", "to"),
        ("from=2026-04-16T00%3A00%3A00Z&to=2026-04-16T00%3A00%3A00Z", "to"),
        ("from=2025-04-14T00%3A00%3A00Z&to=2026-04-16T00%3A00%3A00Z", "to"),
    ] {
        let answer = world.get(&reader, &format!("/credits/usage?{query}")).await;
        assert_eq!(answer.is(400, "invalid_request").details()["field"], field, "{query}");
    }
}

#[actix_web::test]
async fn a_forecast_says_when_nothing_will_be_left() {
    let (world, reader) = world().await;
    let schema = success(closed(json!({
        "balance": whole(), "days": text(), "spent": whole(), "per_day": text(),
        "runs_out_at": moment_or_null(), "expires_unused": whole(),
    })));
    let answer = world.get(&reader, "/credits/forecast").await;
    matches_schema(&answer.json(), &schema);
    assert_eq!(
        answer.data(),
        json!({ "balance": 120, "days": "1", "spent": 0, "per_day": "0", "runs_out_at": null, "expires_unused": 20 })
    );
    world.clock.advance(2 * 86_400);
    spend(&world, "s", json!({ "amount": 20 })).await;
    assert_eq!(
        world.get(&reader, "/credits/forecast?days=30").await.data(),
        json!({
            "balance": 80, "days": "2", "spent": 20, "per_day": "10", "runs_out_at": "2026-04-25T12:00:00Z",
            "expires_unused": 0,
        })
    );
    for days in ["0", "91", "-1", "1.5", "many", ""] {
        let answer = world.get(&reader, &format!("/credits/forecast?days={days}")).await;
        assert_eq!(answer.is(400, "invalid_request").details()["field"], "days");
    }
}

#[actix_web::test]
async fn a_balance_tells_what_is_owed_and_what_there_was_or_will_be() {
    let (world, reader) = world().await;
    let put = world.operator(Method::PUT, "/accounts/ada").json(&json!({ "overdraft_limit": 50 }));
    put.send().await.data();
    world.clock.advance(600);
    spend(&world, "s", json!({ "amount": 150 })).await;
    let now = world.get(&reader, "/credits/balance").await.data();
    assert_eq!(
        (&now["balance"], &now["debt"], &now["overdraft_limit"]),
        (&json!(-30), &json!(30), &json!(50))
    );
    let then = closed(json!({ "as_of": moment(), "balance": whole(), "posted": whole(), "held": whole() }));
    for (at, balance) in [
        ("2026-04-15T11:59:59Z", 0),
        ("2026-04-15T12:00:00Z", 120),
        ("2026-04-15T12:09:59Z", 120),
        ("2026-04-15T12:10:00Z", -30),
        ("2026-04-15T14:00:00Z", -30),
    ] {
        let answer = world.get(&reader, &format!("/credits/balance?as_of={}", at.replace(':', "%3A"))).await;
        matches_schema(&answer.json(), &success(then.clone()));
        assert_eq!((&answer.data()["balance"], &answer.data()["as_of"]), (&json!(balance), &json!(at)));
    }
    let wrong = world.get(&reader, "/credits/balance?as_of=noon").await;
    assert_eq!(wrong.is(400, "invalid_request").details()["field"], "as_of");
}
