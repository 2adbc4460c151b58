//! Configuration.

use std::time::Duration;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Creem's live API.
const LIVE_BASE: &str = "https://api.creem.io";
/// Creem's test API.
const TEST_BASE: &str = "https://test-api.creem.io";
/// The prefix of a test key.
const TEST_KEY: &str = "creem_test_";

/// The configuration of one Creem store. Its `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct CreemConfig {
    /// The API key (`creem_…`). Its mode decides which events are accepted: with a test key live ones are ignored, and
    /// vice versa.
    pub api_key: SecretString,
    /// The webhook endpoint's secrets: several during a rotation.
    pub webhook_secrets: Vec<SecretString>,
    /// The API's base URL; tests use a fake's. Creem's test mode has its own.
    pub api_base: String,
    /// The wait before a retry of a call that cannot have been executed.
    pub retry_base: Duration,
    /// The timeout of one attempt, after which its outcome is unknown.
    pub timeout: Duration,
}

impl CreemConfig {
    /// The defaults: the real Creem in the key's mode, half a second before a retry, 30 seconds per attempt.
    pub fn new(api_key: SecretString, webhook_secrets: Vec<SecretString>) -> Self {
        let test = api_key.expose_secret().starts_with(TEST_KEY);
        Self {
            api_key,
            webhook_secrets,
            api_base: if test { TEST_BASE } else { LIVE_BASE }.to_owned(),
            retry_base: Duration::from_millis(500),
            timeout: Duration::from_secs(30),
        }
    }
}

/// A setting is invalid. The messages show no secret.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The API key is empty or has invalid characters, such as a line end.
    #[error("the Creem API key is empty or malformed")]
    ApiKey,
    /// Key and base URL have different modes.
    #[error("the Creem API key is of one mode and the address of the other: test keys belong to {TEST_BASE}")]
    Mode,
    /// Without a secret no webhook can be verified.
    #[error("no Creem webhook secret is set")]
    NoWebhookSecret,
    /// A webhook secret is empty or has white space, such as a line end.
    #[error("a Creem webhook secret is empty or has white space: an empty one would accept anything")]
    WebhookSecret,
    /// The base URL is not `http(s)://host[:port][/path]`.
    #[error("`{0}` is not a base URL such as {LIVE_BASE}")]
    ApiBase(String),
    /// The HTTP client could not be set up.
    #[error("the HTTP client for Creem could not be set up")]
    Http(#[source] reqwest::Error),
}

impl CreemConfig {
    /// The `x-api-key` header.
    pub(crate) fn key(&self) -> Result<HeaderValue, ConfigError> {
        let key = self.api_key.expose_secret();
        if !is_token(key) {
            return Err(ConfigError::ApiKey);
        }
        let other = if self.is_test() { LIVE_BASE } else { TEST_BASE };
        if self.api_base.trim_end_matches('/') == other {
            return Err(ConfigError::Mode);
        }
        let mut value = HeaderValue::try_from(key).map_err(|_| ConfigError::ApiKey)?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The base URL without a trailing slash.
    pub(crate) fn base(&self) -> Result<String, ConfigError> {
        let wrong = || ConfigError::ApiBase(self.api_base.clone());
        let url = Url::parse(&self.api_base).map_err(|_| wrong())?;
        let bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if !bare || !url.has_host() || !matches!(url.scheme(), "http" | "https") {
            return Err(wrong());
        }
        Ok(url.as_str().trim_end_matches('/').to_owned())
    }

    /// Validates the webhook secrets.
    pub(crate) fn check_webhook_secrets(&self) -> Result<(), ConfigError> {
        match self.webhook_secrets.as_slice() {
            [] => Err(ConfigError::NoWebhookSecret),
            secrets if secrets.iter().all(|secret| is_token(secret.expose_secret())) => Ok(()),
            _ => Err(ConfigError::WebhookSecret),
        }
    }

    /// Whether it is a test key.
    pub(crate) fn is_test(&self) -> bool {
        self.api_key.expose_secret().starts_with(TEST_KEY)
    }
}

/// Whether `text` can be a key or secret: visible ASCII, at least one character.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(key: &str) -> CreemConfig {
        CreemConfig::new(key.into(), vec!["whsec_1".into()])
    }

    #[test]
    fn a_key_goes_to_the_address_of_its_mode() {
        assert_eq!(config("creem_test_1").base().unwrap(), TEST_BASE);
        assert_eq!(config("creem_1").base().unwrap(), LIVE_BASE);
        for (key, base) in [("creem_1", TEST_BASE), ("creem_test_1", LIVE_BASE)] {
            let crossed = CreemConfig { api_base: base.to_owned(), ..config(key) };
            assert!(matches!(crossed.key(), Err(ConfigError::Mode)), "{key}");
        }
    }

    #[test]
    fn what_would_accept_anything_is_refused() {
        for secrets in [vec![], vec!["".into()], vec!["whsec_1".into(), " ".into()], vec!["whsec_1\n".into()]]
        {
            let config = CreemConfig { webhook_secrets: secrets, ..config("creem_test_1") };
            assert!(config.check_webhook_secrets().is_err());
        }
        for key in ["", "creem_\n", "a b"] {
            assert!(matches!(config(key).key(), Err(ConfigError::ApiKey)), "{key:?}");
        }
    }
}
