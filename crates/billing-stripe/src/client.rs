//! HTTP calls to Stripe.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use billing_core::ports::ProviderError;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;

use crate::config::{ConfigError, StripeConfig};
use crate::coupon::ALREADY_THERE;
use crate::failure::{Failure, request_id};
use crate::form::Form;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The maximum number of remembered refusals that are skipped.
const REFUSALS: u32 = 20;
/// The number of retries.
const RETRIES: usize = 2;
/// The longest wait before a retry, as a multiple of the first.
const LONGEST_WAIT: u32 = 10;

/// Calls Stripe, with one HTTP client that reuses connections.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    backoff: ExponentialBuilder,
    typed_anchor: bool,
}

impl Client {
    /// A client that sends `config`'s key and API version. Makes no request.
    pub(crate) fn try_new(config: &StripeConfig) -> Result<Self, ConfigError> {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", config.authorization()?);
        headers.insert("stripe-version", config.version()?);
        let http = reqwest::Client::builder()
            .default_headers(headers)
            .user_agent(concat!("billing-stripe/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(config.timeout)
            // A redirect would send the key elsewhere.
            .redirect(Policy::none())
            .build()
            .map_err(ConfigError::Http)?;
        let backoff = ExponentialBuilder::default()
            .with_min_delay(config.retry_base)
            .with_max_delay(config.retry_base.saturating_mul(LONGEST_WAIT))
            .with_max_times(RETRIES)
            .with_jitter();
        Ok(Self { http, base: config.base()?, backoff, typed_anchor: config.typed_anchor() })
    }

    /// The parameter for resetting the billing anchor, within `place`.
    pub(crate) fn anchor(&self, place: &str) -> String {
        let name = if place.is_empty() {
            "billing_cycle_anchor".to_owned()
        } else {
            format!("{place}[billing_cycle_anchor]")
        };
        if self.typed_anchor { format!("{name}[type]") } else { name }
    }

    /// Posts `form` to `path` under the idempotency key `key`, with up to two retries after broken connections, and
    /// where Stripe's header or else the status allows it. All attempts have the same key and body.
    ///
    /// # Errors
    ///
    /// Every [`ProviderError`] but `Unsupported`; that of the last attempt.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        key: &str,
        form: &Form,
    ) -> Result<T, ProviderError> {
        self.keyed(path, key, form).await.map_err(|failure| failure.error)
    }

    /// The same, for a call that may succeed after an earlier refusal, such as a payment with another card. Stripe
    /// repeats a refusal under its key for a day; a repeated refusal changed nothing, so another key is safe. All keys
    /// are derived from `key`: of two concurrent calls one is executed.
    ///
    /// # Errors
    ///
    /// As [`post`](Self::post).
    pub(crate) async fn post_anew<T: DeserializeOwned>(
        &self,
        path: &str,
        key: &str,
        form: &Form,
    ) -> Result<T, ProviderError> {
        let mut answer = self.keyed(path, key, form).await;
        for again in 1..REFUSALS {
            let old = |failure: &Failure| failure.replayed && failure.error.is_refusal();
            if !answer.as_ref().is_err_and(old) {
                break;
            }
            answer = self.keyed(path, &format!("{key}:{again}"), form).await;
        }
        answer.map_err(|failure| failure.error)
    }

    async fn keyed<T: DeserializeOwned>(&self, path: &str, key: &str, form: &Form) -> Result<T, Failure> {
        let body = form.encode();
        let request = || {
            self.request(Method::POST, path)
                .header(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))
                .header("idempotency-key", key)
                .body(body.clone())
        };
        self.patiently(path, request).await
    }

    /// Posts `form` to `path` for a call that creates nothing.
    ///
    /// # Errors
    ///
    /// As [`post`](Self::post).
    pub(crate) async fn ask<T: DeserializeOwned>(&self, path: &str, form: &Form) -> Result<T, ProviderError> {
        let body = form.encode();
        let request = || {
            self.request(Method::POST, path)
                .header(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))
                .body(body.clone())
        };
        self.patiently(path, request).await.map_err(|failure| failure.error)
    }

    /// Reads `path`.
    ///
    /// # Errors
    ///
    /// As [`post`](Self::post).
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ProviderError> {
        self.find(path, &[]).await
    }

    /// Reads `path` with `query`.
    ///
    /// # Errors
    ///
    /// As [`post`](Self::post).
    pub(crate) async fn find<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, ProviderError> {
        self.patiently(path, || self.request(Method::GET, path).query(query))
            .await
            .map_err(|failure| failure.error)
    }

    /// Deletes `path`. A second deletion is refused, so a retry after a lost response is, too: the event reports it.
    ///
    /// # Errors
    ///
    /// As [`post`](Self::post).
    pub(crate) async fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T, ProviderError> {
        self.patiently(path, || self.request(Method::DELETE, path)).await.map_err(|failure| failure.error)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    async fn patiently<T: DeserializeOwned>(
        &self,
        path: &str,
        request: impl Fn() -> RequestBuilder,
    ) -> Result<T, Failure> {
        let tried = (|| Self::once(request())).retry(self.backoff).when(|failure| failure.retry);
        tried.await.inspect_err(|failure| {
            let code = match &failure.error {
                ProviderError::Refused { code, .. } => code.as_deref(),
                _ => None,
            };
            // A deliberate repetition is no failure.
            if code == Some(ALREADY_THERE) {
                return;
            }
            // Error messages may quote customers' input, so they are not logged.
            tracing::warn!(
                path,
                status = failure.status,
                code,
                request_id = failure.error.request_id(),
                "a call to Stripe failed"
            );
        })
    }

    async fn once<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Failure> {
        let response = request.send().await.map_err(|error| Failure::broken(error, None))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let request_id = request_id(&headers);
        let answer = response.bytes().await;
        let answer = answer.map_err(|error| Failure::broken(error, request_id.clone()))?;
        if !status.is_success() {
            return Err(Failure::refused(status, &headers, &answer));
        }
        let mut reader = serde_json::Deserializer::from_slice(&answer);
        serde_path_to_error::deserialize(&mut reader).map_err(|error| Failure::unreadable(&error, request_id))
    }
}
