//! Delivery of webhooks.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};

use crate::SandboxError;

/// Delivers webhooks to one URL, with a few retries.
pub(crate) struct Delivery {
    client: reqwest::Client,
    url: String,
}

impl Delivery {
    pub(crate) fn try_new(url: String) -> Result<Self, SandboxError> {
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(2))
            .timeout(Duration::from_secs(10))
            .redirect(reqwest::redirect::Policy::none())
            // Always to this very service, never through a proxy.
            .no_proxy()
            .build()
            .map_err(|problem| SandboxError::Client(problem.to_string()))?;
        Ok(Self { client, url })
    }

    /// Delivers one webhook; succeeds with a 2xx response. Repeating it is harmless.
    pub(crate) async fn deliver(
        &self,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
    ) -> Result<(), String> {
        let patience =
            ExponentialBuilder::default().with_min_delay(Duration::from_millis(100)).with_max_times(4);
        (|| self.once(headers, body.clone())).retry(patience).await
    }

    async fn once(&self, headers: &[(&'static str, String)], body: Vec<u8>) -> Result<(), String> {
        let mut request = self.client.post(&self.url).header("content-type", "application/json").body(body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let response = request.send().await.map_err(|problem| problem.to_string())?;
        let status = response.status();
        if status.is_success() { Ok(()) } else { Err(format!("the webhook was answered {status}")) }
    }
}
