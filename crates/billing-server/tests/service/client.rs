//! Calling the service, as a host product's backend does.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use crate::process::{OPERATOR, Service};

/// A backend with the operator's key.
#[derive(Clone)]
pub(crate) struct Backend {
    pub(crate) http: Client,
    pub(crate) url: String,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) replayed: bool,
}

impl Backend {
    pub(crate) fn of(service: &Service) -> Self {
        let http = Client::builder()
            .timeout(Duration::from_secs(20))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self { http, url: service.url.clone() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.request_as(OPERATOR, method, path)
    }

    /// A request with another key, which may be none.
    pub(crate) fn request_as(&self, key: &str, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url)).bearer_auth(key)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        answer(self.request(Method::POST, path).json(&body)).await.unwrap()
    }

    /// Spends; `None` where no answer came.
    pub(crate) async fn spend(&self, account: &str, amount: i64, key: &str) -> Option<Answer> {
        let body =
            json!({ "account_id": account, "amount": amount, "type": "ai_usage", "description": "AI chat" });
        let request =
            self.request(Method::POST, "/credits/consume").header("Idempotency-Key", key).json(&body);
        answer(request).await
    }

    pub(crate) async fn give(&self, account: &str, amount: i64) {
        let body = json!({ "account_id": account, "amount": amount, "reason": "a test's beginning" });
        assert_eq!(self.post("/admin/credits/manual", body).await.status, 200);
    }

    /// Opens a checkout of the sandbox for the first pack.
    pub(crate) async fn sandbox_checkout(&self, account: &str, pack: &str) -> Answer {
        let body = json!({
            "account_id": account, "channel": "sandbox", "type": "credits", "pack_id": pack,
            "success_url": "https://app.example.com/thanks?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "https://app.example.com/",
        });
        self.post("/payment/create-session", body).await
    }

    /// The first pack on sale.
    pub(crate) async fn pack(&self) -> String {
        text(&self.get("/credits/packs").await.body["data"][0]["id"])
    }

    pub(crate) async fn balance(&self, account: &str) -> i64 {
        self.get(&format!("/credits/balance?account_id={account}")).await.body["data"]["balance"]
            .as_i64()
            .unwrap()
    }

    /// Looks again until `look` finds something: events are applied soon after they were taken in.
    pub(crate) async fn until<T>(&self, look: impl AsyncFn(&Self) -> Option<T>) -> T {
        for _ in 0..2400 {
            if let Some(found) = look(self).await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("what was waited for never came");
    }
}

pub(crate) async fn answer(request: RequestBuilder) -> Option<Answer> {
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    let replayed = response.headers().contains_key("idempotency-replayed");
    let body = response.json().await.ok()?;
    Some(Answer { status, body, replayed })
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}")).to_owned()
}
