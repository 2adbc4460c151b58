//! Calls of the billing service: a deadline each, and repetitions under the same key.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use reqwest::{Client, StatusCode};
use serde_json::Value;

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The service refused. Repeating it changes nothing.
    #[error("{code}: {message}")]
    Refused { status: u16, code: String, message: String },
    /// No answer, or "later": whether it was done is unknown, and the same key finds out.
    #[error("the billing service cannot be reached: {0}")]
    Unreachable(String),
}

/// The billing service.
pub(crate) struct Billing {
    http: Client,
    url: String,
    key: String,
}

impl Billing {
    pub(crate) fn new(url: String, key: String) -> Result<Self, reqwest::Error> {
        let http = Client::builder().timeout(Duration::from_secs(10)).no_proxy().build()?;
        Ok(Self { http, url, key })
    }

    /// Sends `body`, and again up to five times while no answer comes. Only calls with an idempotency key, or that make
    /// something of a name of its own, may be repeated.
    pub(crate) async fn post(&self, path: &str, once: Option<&str>, body: &Value) -> Result<Value, Failure> {
        let call = || self.post_once(path, once, body);
        let pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(100))
            .with_max_times(5)
            .with_jitter();
        call.retry(pauses).when(|failure| matches!(failure, Failure::Unreachable(_))).await
    }

    async fn post_once(&self, path: &str, once: Option<&str>, body: &Value) -> Result<Value, Failure> {
        let mut request = self.http.post(format!("{}{path}", self.url)).bearer_auth(&self.key).json(body);
        if let Some(once) = once {
            request = request.header("Idempotency-Key", once);
        }
        let unreachable = |error: reqwest::Error| Failure::Unreachable(error.to_string());
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(Failure::Unreachable(status.to_string()));
        }
        let mut answer: Value = response.json().await.map_err(unreachable)?;
        if status.is_success() {
            return Ok(answer["data"].take());
        }
        let text = |name: &str| answer["error"][name].as_str().unwrap_or_default().to_owned();
        Err(Failure::Refused { status: status.as_u16(), code: text("code"), message: text("message") })
    }
}
