//! A request has an end, whatever hangs behind it.

use std::time::Duration;

use actix_web::http::Method;
use async_trait::async_trait;
use billing_core::credentials::Scope;
use billing_core::ledger::{AccountState, Balance};
use billing_core::ports::{BalanceReads, StoreError};
use billing_core::values::AccountId;
use serde_json::json;

use crate::common::World;

/// Balances that are never answered.
struct Hanging;

#[async_trait]
impl BalanceReads for Hanging {
    async fn balances(&self, _: &[AccountId]) -> Result<Vec<Option<Balance>>, StoreError> {
        std::future::pending().await
    }

    async fn states(&self, _: &[AccountId]) -> Result<Vec<Option<AccountState>>, StoreError> {
        std::future::pending().await
    }
}

#[actix_web::test]
async fn a_request_that_hangs_is_answered_in_the_envelope_of_its_path() {
    let world = World::hanging(Hanging, Duration::from_millis(20));
    let key = world.key_of("ada", &[Scope::BillingRead]).await;
    for path in
        ["/credits/balance?account_id=ada", "/api/external/v2/billing/credits/balance", "/v1/billing/summary"]
    {
        let answer = world.get(&key, path).await;
        assert_eq!((answer.status, answer.header("Retry-After")), (503, Some("1")), "{path}");
        let body = answer.json();
        let code = if path.starts_with("/v1/") { &body["error"] } else { &body["error"]["code"] };
        assert_eq!(code, &json!("request_timeout"), "{path}: {body}");
    }
}

#[actix_web::test]
async fn what_does_not_hang_is_answered_all_the_same() {
    let world = World::hanging(Hanging, Duration::from_millis(20));
    assert_eq!(world.ask(Method::GET, "/healthz").send().await.status, 200);
    assert_eq!(world.ask(Method::GET, "/readyz").send().await.status, 200);
}
