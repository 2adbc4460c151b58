//! Credits for many accounts, as a CSV file.

use actix_web::http::Method;
use billing_core::credentials::Scope;
use serde_json::{Value, json};

use crate::common::shapes::{closed, list_of, success, text, text_or_null, whole, yes_or_no};
use crate::common::{Answer, World, matches_schema};

const IMPORT: &str = "/admin/credits/import";

async fn send(world: &World, query: &str, file: &str) -> Answer {
    let file = file.to_owned();
    world.operator(Method::POST, &format!("{IMPORT}{query}")).raw("text/csv", file).send().await
}

/// Status, and the error's code where there is one, of each row.
fn outcomes(answer: &Value) -> Vec<String> {
    let rows = answer["results"].as_array().unwrap().iter();
    let told = rows.map(|row| match row["error"]["code"].as_str() {
        Some(code) => code.to_owned(),
        None => row["status"].as_str().unwrap().to_owned(),
    });
    told.collect()
}

fn schema() -> Value {
    let error = json!({ "type": "object", "required": ["code", "message"] });
    let mut row = closed(json!({
        "line": whole(), "row_key": text(), "account_id": text(), "status": { "enum": ["given", "repeated", "refused"] },
        "grant_id": text_or_null(), "error": error,
    }));
    row["required"] = json!(["line", "row_key", "account_id", "status", "grant_id"]);
    success(closed(json!({
        "dry_run": yes_or_no(), "given": whole(), "credits": text(), "repeated": whole(), "refused": whole(),
        "new_accounts": whole(), "results": list_of(row),
    })))
}

const FILE: &str = "\u{feff}row_key,account_id,amount,source,priority,expires_at,description\r
r1,ada,100,purchase,2,2026-05-01T00:00:00Z,\"Moved, from the old system\"\r
r2, bob ,5,,,,\r
\"r3\",größe,7,gift,-1,,\"with \"\"quotes\"\" and\na line\"\r
";

#[actix_web::test]
async fn each_row_gives_once_however_often_the_file_is_sent() {
    let world = World::new();
    world.give("bob", 1).await;
    let first = send(&world, "", FILE).await;
    matches_schema(&first.json(), &schema());
    let first = first.data();
    assert_eq!(outcomes(&first), ["given", "given", "given"]);
    assert_eq!((&first["credits"], &first["new_accounts"]), (&json!("112"), &json!(2)));
    assert_eq!((world.balance("ada").await, world.balance("bob").await), ((100, 0), (6, 0)));
    let lines: Vec<_> = first["results"].as_array().unwrap().iter().map(|row| &row["line"]).collect();
    assert_eq!(lines, [2, 3, 4]);
    let grant = world.operator(Method::GET, "/credits/grants?account_id=ada").send().await.data()[0].clone();
    assert_eq!(grant["id"], first["results"][0]["grant_id"]);
    assert_eq!(
        (&grant["source"], &grant["priority"], &grant["expires_at"], &grant["description"]),
        (&json!("purchase"), &json!(2), &json!("2026-05-01T00:00:00Z"), &json!("Moved, from the old system"))
    );
    let history = world.operator(Method::GET, "/admin/credits/transactions").send().await.data();
    assert_eq!(
        (&history[0]["account_id"], &history[0]["description"]),
        (&json!("größe"), &json!("with \"quotes\" and\na line"))
    );

    // Long after, with a row more, and with those that have expired since.
    world.clock.advance(90 * 86_400);
    let again = send(&world, "", &format!("{FILE}r4,ada,1,,,,\n")).await;
    matches_schema(&again.json(), &schema());
    let again = again.data();
    assert_eq!(outcomes(&again), ["repeated", "repeated", "repeated", "given"]);
    assert_eq!((&again["credits"], &again["new_accounts"]), (&json!("1"), &json!(0)));
    for place in 0..3 {
        assert_eq!(again["results"][place]["grant_id"], first["results"][place]["grant_id"]);
    }
    assert_eq!(world.balance("bob").await, (6, 0));
}

#[actix_web::test]
async fn a_rows_key_is_for_one_row_of_one_account() {
    let world = World::new();
    let file = "row_key,account_id,amount\nr1,ada,10\n";
    assert_eq!(outcomes(&send(&world, "", file).await.data()), ["given"]);
    let other = "amount,row_key,account_id\n11,r1,ada\n";
    assert_eq!(outcomes(&send(&world, "?dry_run=true", other).await.data()), ["idempotency_key_reused"]);
    assert_eq!(outcomes(&send(&world, "", other).await.data()), ["idempotency_key_reused"]);
    // What was given to the wrong one is not given again to the right one.
    let right = "row_key,account_id,amount\nr1,eve,10\nr2,eve,3\n";
    for query in ["?dry_run=true", "?dry_run=false"] {
        assert_eq!(outcomes(&send(&world, query, right).await.data()), ["already_granted", "given"]);
    }
    assert_eq!((world.balance("ada").await, world.balance("eve").await), ((10, 0), (3, 0)));
    // A caller's own key of the same name is another.
    let own = json!({ "account_id": "ada", "amount": 1 });
    world.send("/credits/grants", "r1", &own).await.is_first();
}

#[actix_web::test]
async fn a_dry_run_says_what_would_be_and_does_nothing() {
    let world = World::new();
    send(&world, "", "row_key,account_id,amount\nr1,ada,10\n").await.data();
    let before = world.snapshot(&["ada", "bob", "eve"]).await;
    let file = "row_key,account_id,amount,expires_at\nr1,ada,10,\nr2,bob,20,\nr3,bob,30,\nr4,eve,1,2026-04-15T12:00:00Z\n";
    let dry = send(&world, "?dry_run=true", file).await;
    matches_schema(&dry.json(), &schema());
    let dry = dry.data();
    assert_eq!(outcomes(&dry), ["repeated", "given", "given", "invalid_expiry"]);
    assert_eq!(
        (
            &dry["dry_run"],
            &dry["given"],
            &dry["repeated"],
            &dry["refused"],
            &dry["new_accounts"],
            &dry["credits"]
        ),
        (&json!(true), &json!(2), &json!(1), &json!(1), &json!(1), &json!("50"))
    );
    assert_eq!(world.snapshot(&["ada", "bob", "eve"]).await, before);
    let real = send(&world, "", file).await.data();
    assert_eq!(outcomes(&real), outcomes(&dry));
    for name in ["given", "repeated", "refused", "new_accounts", "credits"] {
        assert_eq!(real[name], dry[name], "{name}");
    }
    world.operator(Method::GET, "/accounts/eve").send().await.is(404, "account_not_found");
}

#[actix_web::test]
async fn a_file_with_a_mistake_is_refused_as_a_whole_and_each_mistake_is_told() {
    let world = World::new();
    let before = world.snapshot(&["ada"]).await;
    let good = "row_key,account_id,amount,source,priority,expires_at,description\nr0,ada,1,,,,\n";
    for (row, field, message) in [
        ("r1,ada,0,,,,", "amount", "must be a whole number from 1 to 2^53 − 1"),
        ("r1,ada,-1,,,,", "amount", "must be a whole number from 1 to 2^53 − 1"),
        ("r1,ada,+1,,,,", "amount", "must be a whole number from 1 to 2^53 − 1"),
        ("r1,ada,1.0,,,,", "amount", "must be a whole number from 1 to 2^53 − 1"),
        ("r1,ada,1e3,,,,", "amount", "must be a whole number from 1 to 2^53 − 1"),
        ("r1,ada,\"1,000\",,,,", "amount", "must be a whole number from 1 to 2^53 − 1"),
        ("r1,ada,9007199254740992,,,,", "amount", "must be a whole number from 1 to 2^53 − 1"),
        ("r1,ada,,,,,", "amount", "must be a whole number from 1 to 2^53 − 1"),
        ("r1,,1,,,,", "account_id", ""),
        (",ada,1,,,,", "row_key", "an idempotency key has 1 to 255 visible ASCII characters"),
        ("r 1,ada,1,,,,", "row_key", "an idempotency key has 1 to 255 visible ASCII characters"),
        ("r0,ada,1,,,,", "row_key", "stands on line 2, too"),
        ("r1,ada,1,thin air,,,", "source", "`thin air` is not a grant source"),
        ("r1,ada,1,,high,,", "priority", "must be a whole number from -32768 to 32767"),
        ("r1,ada,1,,40000,,", "priority", "must be a whole number from -32768 to 32767"),
        ("r1,ada,1,,,tomorrow,", "expires_at", ""),
        (&format!("r1,ada,1,,,,{}", "x".repeat(501)), "description", ""),
        ("r1,ada,1,,,,a\0b", "description", "a text may not contain NUL"),
        ("r1,ada,1", "", "has 3 fields, and the first line has 7"),
    ] {
        let answer = send(&world, "", &format!("{good}{row}\n")).await;
        answer.is(400, "invalid_import");
        let told = &answer.details()["errors"][0];
        assert_eq!((&told["line"], &told["field"]), (&json!(3), &json!(field)), "{row}: {}", answer.text());
        assert!(told["message"].as_str().unwrap().contains(message), "{row}: {}", answer.text());
        assert!(answer.message().starts_with("nothing was imported; line 3:"), "{}", answer.message());
    }
    let many = format!("{good}r1,ada,x,,,,\nr2,ada,1,,,,\nr3,ada,y,,,,\nr4,ada\n");
    let answer = send(&world, "?dry_run=true", &many).await;
    let lines: Vec<_> = answer.details()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mistake| mistake["line"].clone())
        .collect();
    assert_eq!((lines, &answer.details()["count"]), (vec![json!(3), json!(5), json!(6)], &json!(3)));
    let bytes = [good.as_bytes(), b"r1,ada,1,,,,\xff\n"].concat();
    let answer = world.operator(Method::POST, IMPORT).raw("text/csv", bytes).send().await;
    answer.is(400, "invalid_import");
    assert_eq!(answer.details()["errors"][0]["message"], "is not UTF-8");
    assert_eq!(world.snapshot(&["ada"]).await, before);
}

#[actix_web::test]
async fn the_first_line_names_the_columns() {
    let world = World::new();
    for (header, field) in [
        ("", "r1"),
        ("row_key,account_id", "amount"),
        ("row_key,account_id,amount,colour", "colour"),
        ("row_key,account_id,amount,amount", "amount"),
        ("Row_Key,account_id,amount", "Row_Key"),
        ("r1,ada,10", "r1"),
    ] {
        let answer = send(&world, "", &format!("{header}\nr1,ada,10\n")).await;
        answer.is(400, "invalid_import");
        assert_eq!(answer.details()["errors"][0]["line"], 1, "{}", answer.text());
        assert_eq!(answer.details()["errors"][0]["field"], field, "{}", answer.text());
    }
    let none = send(&world, "", "row_key,account_id,amount\n").await;
    assert_eq!(none.is(400, "invalid_request").details()["field"], "rows");
}

#[actix_web::test]
async fn a_file_has_a_kind_and_a_size() {
    let world = World::new();
    let file = |rows: usize| {
        let rows = (0..rows).map(|row| format!("r{row},a{},1", row % 1200));
        let lines: Vec<_> = std::iter::once("row_key,account_id,amount".to_owned()).chain(rows).collect();
        lines.join("\n")
    };
    let typed = async |kind: &str| world.operator(Method::POST, IMPORT).raw(kind, file(1)).send().await;
    for kind in ["application/json", "text/plain", ""] {
        typed(kind).await.is(415, "unsupported_media_type");
    }
    assert_eq!(typed("text/csv; charset=utf-8").await.status, 200);
    let many = send(&world, "", &file(10_001)).await;
    assert_eq!(many.is(400, "invalid_request").details()["field"], "rows");
    let large = format!("{}{}", file(1), " ".repeat(4 * 1024 * 1024));
    send(&world, "", &large).await.is(413, "body_too_large");
    let most = send(&world, "", &file(10_000)).await.data();
    assert_eq!(
        (&most["given"], &most["repeated"], &most["new_accounts"]),
        (&json!(9999), &json!(1), &json!(1199))
    );
    let backend = world.key(&[Scope::CreditsWrite]).await;
    let asked = world.ask(Method::POST, IMPORT).bearer(&backend).raw("text/csv", file(1));
    asked.send().await.is(403, "forbidden");
    let asked = world.operator(Method::POST, &format!("{IMPORT}?dry_run=maybe")).raw("text/csv", file(1));
    asked.send().await.is(400, "invalid_request");
}
