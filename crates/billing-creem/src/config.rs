//! What an operator sets.

use std::time::Duration;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Where Creem is, with live money.
const LIVE_BASE: &str = "https://api.creem.io";
/// Where Creem is, without.
const TEST_BASE: &str = "https://test-api.creem.io";
/// What a test key begins with.
const TEST_KEY: &str = "creem_test_";

/// How to reach one Creem store. Printing it shows no secret.
#[derive(Debug, Clone)]
pub struct CreemConfig {
    /// The API key (`creem_…`). Its mode decides whose events count: with a test key, live ones are ignored, and
    /// the other way round.
    pub api_key: SecretString,
    /// The webhook endpoint's secrets: several while one is being replaced.
    pub webhook_secrets: Vec<SecretString>,
    /// Where Creem is; tests set a fake's address. Creem keeps test mode at an address of its own.
    pub api_base: String,
    /// How long to wait before a call is tried again that cannot have been carried out.
    pub retry_base: Duration,
    /// How long one try may take in all. Its outcome is unknown afterwards.
    pub timeout: Duration,
}

impl CreemConfig {
    /// The usual settings: the real Creem in the key's mode, half a second before a retry, 30 seconds per try.
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

/// A setting cannot be used. None of the texts shows a secret.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The API key is empty or has characters that no key has, such as a line end.
    #[error("the Creem API key is empty or malformed")]
    ApiKey,
    /// Key and address are of different modes.
    #[error("the Creem API key is of one mode and the address of the other: test keys belong to {TEST_BASE}")]
    Mode,
    /// Without a secret no webhook can be checked.
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

    /// The base URL without its last slash.
    pub(crate) fn base(&self) -> Result<String, ConfigError> {
        let wrong = || ConfigError::ApiBase(self.api_base.clone());
        let url = Url::parse(&self.api_base).map_err(|_| wrong())?;
        let bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if !bare || !url.has_host() || !matches!(url.scheme(), "http" | "https") {
            return Err(wrong());
        }
        Ok(url.as_str().trim_end_matches('/').to_owned())
    }

    /// Checks that the webhook secrets can be trusted with anything.
    pub(crate) fn check_webhook_secrets(&self) -> Result<(), ConfigError> {
        match self.webhook_secrets.as_slice() {
            [] => Err(ConfigError::NoWebhookSecret),
            secrets if secrets.iter().all(|secret| is_token(secret.expose_secret())) => Ok(()),
            _ => Err(ConfigError::WebhookSecret),
        }
    }

    /// Whether the key moves no money.
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
