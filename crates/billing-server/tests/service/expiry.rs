//! Credits whose time is up.

use billing_core::values::Timestamp;
use serde_json::json;

use crate::client::{Backend, text};
use crate::process::{Setup, on_both};

#[tokio::test(flavor = "multi_thread")]
async fn what_expires_is_in_the_books_though_nobody_looks_at_the_account() {
    on_both(async |setup: Setup| {
        let service = setup.start();
        let backend = Backend::of(&service);
        // The service's own clock says what is soon.
        backend.give("bob", 1).await;
        let newest = backend.get("/admin/credits/transactions").await.body;
        let now: Timestamp = text(&newest["data"][0]["created_at"]).parse().unwrap();
        let expires_at = now.plus_seconds(2).to_string();
        let body = json!({
            "account_id": "alice", "amount": 10, "reason": "for a moment", "expires_at": expires_at,
        });
        assert_eq!(backend.post("/admin/credits/manual", body).await.status, 200);
        // The list of all accounts shows what is written, and writes nothing.
        let entry = backend
            .until(async |backend| {
                let all = backend.get("/admin/credits/transactions").await.body;
                (all["data"][0]["type"] == "expiry").then(|| all["data"][0].clone())
            })
            .await;
        assert_eq!((&entry["amount"], &entry["actor"]), (&json!(-10), &json!("time")));
        assert_eq!(entry["created_at"], expires_at);
        assert!(service.stop());
    })
    .await;
}
