//! Rates by tiers, and markups.

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::common::shapes::{closed, list_of, success, text, text_or_null, whole};
use crate::common::{World, matches_schema};

const CARDS: &str = "/admin/billing/rate-cards";
const QUOTE: &str = "/credits/quote";
const CONSUME: &str = "/credits/consume";

/// The first 1,000 pages of a month at 5 credits for 100, then 10 credits once and 2 for 100; a fifth on top of all.
fn card() -> Value {
    json!({ "slug": "default", "name": "Standard", "markup_percent": 20, "meters": [
        { "name": "scan", "dimensions": ["kind"], "rates": [{
            "quantity": "pages", "when": { "kind": "colour*" },
            "tiers": [
                { "up_to": 1000, "credits": 5, "per": 100 },
                { "credits": "2", "per": 100, "flat": "10" },
            ],
            "tiers_mode": "graduated", "tiers_scope": "month",
        }] },
        { "name": "print", "markup_percent": "-10.5", "rates": [{
            "quantity": "*", "tiers": [{ "up_to": "100.5", "credits": 3 }, { "up_to": null, "credits": 1 }],
            "tiers_mode": "volume",
        }] },
    ] })
}

fn pages(count: u32) -> Value {
    json!({ "meter": "scan", "dimensions": { "kind": "colour-a4" }, "quantities": { "pages": count } })
}

async fn stocked() -> World {
    let world = World::new();
    world.give("ada", 1000).await;
    world.operator(Method::POST, CARDS).json(&card()).send().await.data();
    world
}

async fn consume(world: &World, key: &str, usage: &Value) -> Value {
    world.send(CONSUME, key, &json!({ "account_id": "ada", "usage": usage })).await.is_first()
}

#[actix_web::test]
async fn a_card_with_tiers_is_shown_as_it_can_be_sent_back() {
    let world = World::new();
    let made = world.operator(Method::POST, CARDS).json(&card()).send().await.data();
    let tier = closed(json!({ "up_to": text_or_null(), "credits": text(), "per": whole(), "flat": text() }));
    let rate = closed(json!({
        "quantity": text(), "when": { "type": "object" }, "tiers": list_of(tier), "tiers_mode": text(),
        "tiers_scope": text(),
    }));
    matches_schema(&made["meters"][0]["rates"], &list_of(rate.clone()));
    matches_schema(&made["meters"][1]["rates"], &list_of(rate));
    assert_eq!(made["markup_percent"], "20");
    assert_eq!(
        (&made["meters"][0].get("markup_percent"), &made["meters"][1]["markup_percent"]),
        (&None, &json!("-10.5"))
    );
    let rate = &made["meters"][1]["rates"][0];
    assert_eq!((&rate["tiers_mode"], &rate["tiers_scope"]), (&json!("volume"), &json!("call")));
    assert_eq!(
        rate["tiers"],
        json!([
            { "up_to": "100.5", "credits": "3", "per": 1, "flat": "0" },
            { "up_to": null, "credits": "1", "per": 1, "flat": "0" },
        ])
    );
    let change = async |markup: Value| {
        let same = json!({ "name": "Standard", "markup_percent": markup, "meters": made["meters"] });
        let changed =
            world.operator(Method::PUT, &format!("{CARDS}/default")).json(&same).send().await.data();
        changed["versions"].as_array().unwrap().len()
    };
    assert_eq!(change(made["markup_percent"].clone()).await, 1, "nothing has changed");
    assert_eq!(change(json!("20.0001")).await, 2, "another markup is another version");
}

#[actix_web::test]
async fn a_quote_shows_tiers_and_markup_from_where_the_account_stands() {
    let world = stocked().await;
    consume(&world, "first", &pages(900)).await;
    let asked = json!({ "account_id": "ada", "usage": pages(200) });
    let quote = world.operator(Method::POST, QUOTE).json(&asked).send().await;
    let tier = closed(json!({
        "number": whole(), "up_to": text_or_null(), "month": text_or_null(), "used_before": text_or_null(),
    }));
    let line = closed(json!({
        "quantity": text(), "units": text(), "rate": text(), "per": whole(), "flat": text(), "credits": text(),
        "tier": tier,
    }));
    let price = closed(json!({
        "amount": whole(), "exact": text(), "rate_card": text(), "version": whole(), "quote": text(),
        "meter": text(), "dimensions": { "type": "object" }, "lines": list_of(line), "per_call": text(),
        "markup_percent": text(), "markup": text(), "topped_up": text(), "rounding": text(),
    }));
    matches_schema(&quote.json(), &success(price));
    let quote = quote.data();
    let line = |units: &str, rate: &str, flat: &str, credits: &str, number: u32, up_to: Value| {
        json!({
            "quantity": "pages", "units": units, "rate": rate, "per": 100, "flat": flat, "credits": credits,
            "tier": { "number": number, "up_to": up_to, "month": "2026-04", "used_before": "900" },
        })
    };
    assert_eq!(
        quote["lines"],
        json!([line("100", "5", "0", "5", 1, json!("1000")), line("100", "2", "10", "12", 2, Value::Null)])
    );
    assert_eq!(
        (&quote["markup_percent"], &quote["markup"], &quote["exact"], &quote["amount"]),
        (&json!("20"), &json!("3.4"), &json!("20.4"), &json!(21))
    );
    // Several go on one after the other; whoever names nobody begins at the month's first unit.
    let several = json!({ "account_id": "ada", "usages": [pages(100), pages(100)] });
    let several = world.operator(Method::POST, QUOTE).json(&several).send().await.data();
    assert_eq!(several["exact"], "20.4");
    assert_eq!(several["prices"][1]["lines"][0]["tier"]["used_before"], "1000");
    let nobody =
        world.operator(Method::POST, QUOTE).json(&json!({ "usage": pages(200) })).send().await.data();
    assert_eq!((&nobody["exact"], &nobody["lines"][0]["tier"]["month"]), (&json!("12"), &Value::Null));
    let unseen = json!({ "account_id": "bob", "usage": pages(200) });
    let unseen = world.operator(Method::POST, QUOTE).json(&unseen).send().await.data();
    assert_eq!(unseen["lines"][0]["tier"]["used_before"], "0");
    let check = json!({ "account_id": "ada", "usage": pages(200) });
    let check = world.operator(Method::POST, "/credits/check").json(&check).send().await.data();
    assert_eq!(check["required"], 21, "{check}");
}

#[actix_web::test]
async fn usage_counts_in_its_month_and_comes_back_out_of_it() {
    let world = stocked().await;
    let first = consume(&world, "first", &pages(950)).await;
    assert_eq!(first["spent"], 57, "47.5 and a fifth");
    assert_eq!(first["usages"][0]["markup"], "9.5");
    let second = consume(&world, "second", &pages(100)).await;
    let record = &second["usages"][0];
    assert_eq!((&record["price"], &record["markup"]), (&json!("16.2"), &json!("2.7")));
    assert_eq!(
        record["months"],
        json!({ "pages": { "month": "2026-04", "rate": "kind=colour*", "used_before": "950" } })
    );

    let path = format!("/credits/usages/{}/reverse", first["usage_id"].as_str().unwrap());
    let back = world.send(&path, "back", &json!({})).await.is_first();
    let back = &back["usages"][0];
    assert_eq!(
        (&back["price"], &back["markup"], &back["returned"]),
        (&json!("-57"), &json!("-9.5"), &json!(true))
    );
    // The 100 that are left are the month's first from now on.
    let third = consume(&world, "third", &pages(100)).await;
    assert_eq!(third["usages"][0]["price"], "6");
    assert_eq!(third["usages"][0]["months"]["pages"]["used_before"], "100");
    // Another kind has no rate, and another month begins anew.
    world.clock.set("2026-05-01T00:00:00Z".parse().unwrap());
    let next = consume(&world, "next", &pages(10)).await;
    assert_eq!(next["usages"][0]["months"]["pages"]["used_before"], "0");
    // What is reported late counts when it happened.
    let late = json!({ "account_id": "ada", "usage": pages(1000), "occurred_at": "2026-04-30T23:59:59Z" });
    let late = world.send(CONSUME, "late", &late).await.is_first();
    assert_eq!(late["usages"][0]["months"]["pages"]["used_before"], "200");
    assert_eq!(
        late["usages"][0]["price"], "64.8",
        "800 at 5 for 100, 10 once, and 200 at 2 for 100; a fifth on top"
    );

    let lines =
        world.operator(Method::GET, "/credits/usages/export?account_id=ada&format=csv").send().await.text();
    assert!(lines.starts_with(
        "usage_id,transaction_id,occurred_at,created_at,type,meter,dimensions,quantities,price,markup,quote"
    ));
}

#[actix_web::test]
async fn a_month_begins_at_the_accounts_own_midnight() {
    let world = stocked().await;
    let body = json!({ "timezone": "Asia/Tokyo" });
    world.operator(Method::PUT, "/accounts/ada").json(&body).send().await.data();
    world.clock.set("2026-04-30T14:59:59Z".parse().unwrap());
    let april = consume(&world, "april", &pages(100)).await;
    assert_eq!(april["usages"][0]["months"]["pages"]["month"], "2026-04");
    world.clock.set("2026-04-30T15:00:00Z".parse().unwrap());
    let may = consume(&world, "may", &pages(100)).await;
    let month = &may["usages"][0]["months"]["pages"];
    assert_eq!((&month["month"], &month["used_before"]), (&json!("2026-05"), &json!("0")));
    let quote = json!({ "account_id": "ada", "usage": pages(1) });
    let quote = world.operator(Method::POST, QUOTE).json(&quote).send().await.data();
    assert_eq!(quote["lines"][0]["tier"]["used_before"], "100");
}

#[actix_web::test]
async fn a_hold_is_settled_where_its_month_stood() {
    let world = stocked().await;
    consume(&world, "before", &pages(900)).await;
    let held = json!({ "account_id": "ada", "usage": pages(200) });
    let held = world.send("/credits/holds", "hold", &held).await.is_first();
    assert_eq!(held["amount"], 21);
    consume(&world, "beside", &pages(500)).await;
    let shown = format!("/credits/holds/{}", held["hold_id"].as_str().unwrap());
    let shown = world.operator(Method::GET, &shown).send().await.data();
    assert_eq!(
        shown["usages"][0]["months"],
        json!({ "pages": { "month": "2026-04", "rate": "kind=colour*", "used_before": "900" } })
    );
    let path = format!("/credits/holds/{}/capture", held["hold_id"].as_str().unwrap());
    let first = world.send(&path, "c1", &json!({ "usage": pages(150) })).await.is_first();
    assert_eq!(first["usages"][0]["price"], "19.2", "100 at 5 for 100, 10 once, and 50 at 2 for 100");
    assert_eq!(first["usages"][0]["months"]["pages"]["used_before"], "900");
    let last = json!({ "usage": pages(50), "final": true });
    let last = world.send(&path, "c2", &last).await.is_first();
    assert_eq!(last["usages"][0]["price"], "1.2");
    assert_eq!(last["usages"][0]["months"]["pages"]["used_before"], "1050");
    let next = consume(&world, "next", &pages(0)).await;
    assert_eq!(next["usages"][0]["months"]["pages"]["used_before"], "1600");
}

#[actix_web::test]
async fn a_call_by_volume_is_charged_the_least_it_comes_to_until_it_ends() {
    let world = stocked().await;
    let sheets = |count: u32| json!({ "meter": "print", "quantities": { "sheets": count } });
    // 100 sheets cost 268.5 credits, 200 cost 179: the hold covers whatever the call comes to.
    let held = json!({ "account_id": "ada", "usage": sheets(200) });
    let held = world.send("/credits/holds", "hold", &held).await.is_first();
    assert_eq!(held["amount"], 270, "100.5 sheets at 3 credits, less 10.5 percent");
    let path = format!("/credits/holds/{}/capture", held["hold_id"].as_str().unwrap());
    let part = world.send(&path, "c1", &json!({ "usage": sheets(100) })).await.is_first();
    assert_eq!((&part["spent"], &part["usages"][0]["price"]), (&json!(89), &json!("89.9475")));
    let end = world.send(&path, "c2", &json!({ "amount": 0, "final": true })).await.is_first();
    assert_eq!((&end["spent"], &end["usages"][0]["price"]), (&json!(179), &json!("178.5525")));
    let all = consume(&world, "at-once", &sheets(100)).await;
    assert_eq!(all["usages"][0]["price"], "268.5");
}

#[actix_web::test]
async fn what_was_given_back_of_a_call_is_not_charged_when_it_ends() {
    let world = stocked().await;
    let sheets = |count: u32| json!({ "meter": "print", "quantities": { "sheets": count } });
    let held = json!({ "account_id": "ada", "usage": sheets(200) });
    let held = world.send("/credits/holds", "hold", &held).await.is_first();
    let path = format!("/credits/holds/{}", held["hold_id"].as_str().unwrap());
    let part =
        world.send(&format!("{path}/capture"), "c1", &json!({ "usage": sheets(100) })).await.is_first();
    let back = format!("/credits/usages/{}/reverse", part["usage_id"].as_str().unwrap());
    world.send(&back, "back", &json!({})).await.is_first();
    world.send(&format!("{path}/release"), "end", &json!({})).await.is_first();
    assert_eq!(world.balance("ada").await, (1000, 0));
}

#[actix_web::test]
async fn what_a_hold_does_not_know_begins_where_its_month_stands_by_then() {
    let world = World::new();
    world.give("ada", 1000).await;
    let pages = json!({ "quantity": "pages", "credits": 1 });
    let stamps = json!({
        "quantity": "stamps", "tiers_mode": "graduated", "tiers_scope": "month",
        "tiers": [{ "up_to": 10, "credits": 5 }, { "credits": 2 }],
    });
    let meter = |rates: Value| json!([{ "name": "post", "rates": rates }]);
    world.rates(meter(json!([pages]))).await;
    let usage = |name: &str, units: u32| json!({ "meter": "post", "quantities": { name: units } });
    let held = json!({ "account_id": "ada", "usage": usage("pages", 10) });
    let held = world.send("/credits/holds", "hold", &held).await.is_first();
    world.rates(meter(json!([pages, stamps]))).await;
    assert_eq!(consume(&world, "beside", &usage("stamps", 8)).await["spent"], 40);
    let path = format!("/credits/holds/{}/capture", held["hold_id"].as_str().unwrap());
    let captured = world.send(&path, "c", &json!({ "usage": usage("stamps", 4) })).await.is_first();
    assert_eq!(captured["usages"][0]["price"], "14", "two at 5 and two at 2");
    assert_eq!(captured["usages"][0]["months"]["stamps"]["used_before"], "8");
}
