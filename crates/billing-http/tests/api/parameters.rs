//! Query parameters that a route does not know.

use actix_web::http::Method;

use crate::common::World;

#[actix_web::test]
async fn a_filter_that_is_not_known_is_refused_and_says_which_was_meant() {
    let world = World::new();
    world.give("ada", 10).await;
    for (path, field, meant) in [
        ("/credits/transactions?account_id=ada&typ=late", "typ", Some("type")),
        ("/credits/transactions?acount_id=ada", "acount_id", Some("account_id")),
        ("/orders?account_id=ada&ofset=3", "ofset", Some("offset")),
        ("/credits/usage?account_id=ada&groupby=day", "groupby", Some("group_by")),
        ("/credits/usage?account_id=ada&form=2020-01-01T00%3A00%3A00Z", "form", Some("from")),
        ("/credits/holds?account_id=ada&colour=red", "colour", None),
        ("/admin/billing/orders?state=paid", "state", Some("status")),
    ] {
        let answer = world.operator(Method::GET, path).send().await;
        assert_eq!(answer.is(400, "invalid_request").details()["field"], field, "{path}");
        let hint = meant.map(|meant| format!("`{meant}` was probably meant")).unwrap_or_default();
        assert!(
            answer.message().ends_with(if hint.is_empty() { "here" } else { &hint }),
            "{}",
            answer.message()
        );
    }
    let dry = world.operator(Method::POST, "/credits/consume?dry_run=true").key("k");
    let body = serde_json::json!({ "account_id": "ada", "amount": 1 });
    assert_eq!(dry.json(&body).send().await.is(400, "invalid_request").details()["field"], "dry_run");
    assert_eq!(world.balance("ada").await, (10, 0));
    // Whoever may not call it is told that first.
    world.ask(Method::GET, "/credits/holds?colour=red").send().await.is(401, "unauthorized");
}

#[actix_web::test]
async fn what_a_document_says_nothing_of_is_ignored() {
    let world = World::new();
    world.give("ada", 10).await;
    for path in [
        "/credits/balance?account_id=ada&_=1712345",
        "/credits/transactions?account_id=ada&utm_source=mail&_=7",
        "/v1/billing/overview?account_id=ada&typ=late",
        "/api/external/v2/billing/summary?account_id=ada&trace=7",
    ] {
        let answer = world.operator(Method::GET, path).send().await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
}
