//! HTTP calls to Creem.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use billing_core::ports::ProviderError;
use reqwest::RequestBuilder;
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::config::{ConfigError, CreemConfig};
use crate::failure::Failure;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The number of retries of a call that cannot have been executed.
const RETRIES: usize = 2;

/// Calls Creem, with one HTTP client that reuses connections.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    backoff: ExponentialBuilder,
}

impl Client {
    /// A client that sends `config`'s key. Makes no request.
    pub(crate) fn try_new(config: &CreemConfig) -> Result<Self, ConfigError> {
        let mut headers = HeaderMap::new();
        headers.insert("x-api-key", config.key()?);
        let http = reqwest::Client::builder()
            .default_headers(headers)
            .user_agent(concat!("billing-creem/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(config.timeout)
            // A redirect would send the key elsewhere.
            .redirect(Policy::none())
            .build()
            .map_err(ConfigError::Http)?;
        let backoff = ExponentialBuilder::default()
            .with_min_delay(config.retry_base)
            .with_max_times(RETRIES)
            .with_jitter();
        Ok(Self { http, base: config.base()?, backoff })
    }

    /// Posts `body` to `path`. Retries only if the call cannot have been executed: the connection failed, or the rate
    /// limit was hit.
    ///
    /// # Errors
    ///
    /// Every [`ProviderError`] but `Unsupported`; that of the last attempt.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<T, ProviderError> {
        self.patiently(path, || self.http.post(format!("{}{path}", self.base)).json(body)).await
    }

    /// Reads `path` with `query`.
    ///
    /// # Errors
    ///
    /// As [`post`](Self::post).
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, ProviderError> {
        self.patiently(path, || self.http.get(format!("{}{path}", self.base)).query(query)).await
    }

    async fn patiently<T: DeserializeOwned>(
        &self,
        path: &str,
        request: impl Fn() -> RequestBuilder,
    ) -> Result<T, ProviderError> {
        let tried = (|| Self::once(request())).retry(self.backoff).when(|failure| failure.retry);
        tried.await.map_err(|failure| {
            // Error messages may quote customers' input, so they are not logged.
            tracing::warn!(
                path,
                status = failure.status,
                trace_id = failure.error.request_id(),
                "a call to Creem failed"
            );
            failure.error
        })
    }

    async fn once<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Failure> {
        let response = request.send().await.map_err(Failure::broken)?;
        let status = response.status();
        let answer = response.bytes().await.map_err(Failure::broken)?;
        if !status.is_success() {
            return Err(Failure::refused(status, &answer));
        }
        let mut reader = serde_json::Deserializer::from_slice(&answer);
        serde_path_to_error::deserialize(&mut reader).map_err(|error| Failure::unreadable(&error))
    }
}
