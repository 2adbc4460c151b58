//! Configuration.

use std::time::Duration;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Stripe's API.
const API_BASE: &str = "https://api.stripe.com";
/// The API version of our requests. Only parameters that exist in every version since basil are sent, so it can be
/// changed by configuration alone.
const API_VERSION: &str = "2026-09-30.endive";

/// The configuration of one Stripe account. Its `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct StripeConfig {
    /// The API key, secret (`sk_…`) or restricted (`rk_…`). Its mode decides which events are accepted: with a test
    /// key live ones are ignored, and vice versa.
    pub secret_key: SecretString,
    /// The webhook endpoint's signing secrets (`whsec_…`): several during a rotation.
    pub webhook_secrets: Vec<SecretString>,
    /// The API's base URL; tests use a fake's.
    pub api_base: String,
    /// The `Stripe-Version`.
    pub api_version: String,
    /// The wait before the first retry; the second waits twice as long, and both up to twice that at random.
    pub retry_base: Duration,
    /// The timeout of one attempt, after which its outcome is unknown.
    pub timeout: Duration,
}

impl StripeConfig {
    /// The defaults: the real Stripe, half a second before the first retry, 30 seconds per attempt.
    pub fn new(secret_key: SecretString, webhook_secrets: Vec<SecretString>) -> Self {
        Self {
            secret_key,
            webhook_secrets,
            api_base: API_BASE.to_owned(),
            api_version: API_VERSION.to_owned(),
            retry_base: Duration::from_millis(500),
            timeout: Duration::from_secs(30),
        }
    }
}

/// A setting is invalid. The messages show no secret.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The API key is empty or has invalid characters, such as a line end.
    #[error("the Stripe API key is empty or malformed")]
    SecretKey,
    /// A publishable key is for browsers and cannot open checkouts.
    #[error(
        "the Stripe API key is a publishable one (pk_…): a secret (sk_…) or restricted one (rk_…) is needed"
    )]
    PublishableKey,
    /// Without a secret no webhook can be verified.
    #[error("no Stripe webhook secret is set")]
    NoWebhookSecret,
    /// A webhook secret is empty or has white space, such as a line end.
    #[error("a Stripe webhook secret is empty or has white space: an empty one would accept anything")]
    WebhookSecret,
    /// The base URL is not `http(s)://host[:port][/path]`.
    #[error("`{0}` is not a base URL such as https://api.stripe.com")]
    ApiBase(String),
    /// The API version is not a valid header.
    #[error("`{0}` is not a Stripe API version such as 2026-09-30.endive")]
    ApiVersion(String),
    /// The HTTP client could not be set up.
    #[error("the HTTP client for Stripe could not be set up")]
    Http(#[source] reqwest::Error),
}

impl StripeConfig {
    /// The `Authorization` header.
    pub(crate) fn authorization(&self) -> Result<HeaderValue, ConfigError> {
        let key = self.secret_key.expose_secret();
        if !is_token(key) {
            return Err(ConfigError::SecretKey);
        }
        if key.starts_with("pk_") {
            return Err(ConfigError::PublishableKey);
        }
        let mut value = HeaderValue::try_from(format!("Bearer {key}")).map_err(|_| ConfigError::SecretKey)?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// Whether resetting the billing anchor takes a typed parameter, as since endive.
    pub(crate) fn typed_anchor(&self) -> bool {
        self.api_version.as_str() >= "2026-09-30"
    }

    /// The `Stripe-Version` header.
    pub(crate) fn version(&self) -> Result<HeaderValue, ConfigError> {
        let wrong = || ConfigError::ApiVersion(self.api_version.clone());
        if !is_token(&self.api_version) {
            return Err(wrong());
        }
        HeaderValue::try_from(&self.api_version).map_err(|_| wrong())
    }

    /// The base URL without a trailing slash.
    pub(crate) fn base(&self) -> Result<String, ConfigError> {
        let wrong = || ConfigError::ApiBase(self.api_base.clone());
        let url = Url::parse(&self.api_base).map_err(|_| wrong())?;
        let plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if !plain || !url.has_host() || !matches!(url.scheme(), "http" | "https") {
            return Err(wrong());
        }
        Ok(url.as_str().trim_end_matches('/').to_owned())
    }

    /// The webhook secrets, validated.
    pub(crate) fn checked_webhook_secrets(&self) -> Result<&[SecretString], ConfigError> {
        if self.webhook_secrets.is_empty() {
            return Err(ConfigError::NoWebhookSecret);
        }
        for secret in &self.webhook_secrets {
            if !is_token(secret.expose_secret()) {
                return Err(ConfigError::WebhookSecret);
            }
            if !secret.expose_secret().starts_with("whsec_") {
                tracing::warn!("a Stripe webhook secret does not start with whsec_: is it another kind?");
            }
        }
        Ok(&self.webhook_secrets)
    }

    /// Whether it is a live key, if it shows that.
    pub(crate) fn live_mode(&self) -> Option<bool> {
        let key = self.secret_key.expose_secret();
        let (_, rest) = key.split_once('_').filter(|(kind, _)| matches!(*kind, "sk" | "rk"))?;
        match rest.split_once('_')?.0 {
            "live" => Some(true),
            "test" => Some(false),
            _ => None,
        }
    }
}

/// Whether `text` can be a key, secret or version: visible ASCII, at least one character.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_its_mode_or_both_count() {
        for (key, live) in [
            ("sk_test_1", Some(false)),
            ("rk_test_1", Some(false)),
            ("sk_live_1", Some(true)),
            ("rk_live_1", Some(true)),
            ("sk_other_1", None),
            ("pk_live_1", None),
            ("sk_live", None),
            ("key", None),
        ] {
            assert_eq!(StripeConfig::new(key.into(), vec![]).live_mode(), live, "{key}");
        }
    }

    #[test]
    fn a_base_url_keeps_its_path_and_loses_its_slash() {
        let base = |text: &str| {
            StripeConfig { api_base: text.to_owned(), ..StripeConfig::new("k".into(), vec![]) }.base().ok()
        };
        assert_eq!(base("https://api.stripe.com/").as_deref(), Some("https://api.stripe.com"));
        assert_eq!(base("http://127.0.0.1:81/stripe/").as_deref(), Some("http://127.0.0.1:81/stripe"));
        for text in ["", "api.stripe.com", "ftp://x", "https://u@x", "https://x?a=b", "https://x#a", "data:x"]
        {
            assert_eq!(base(text), None, "{text}");
        }
    }
}
