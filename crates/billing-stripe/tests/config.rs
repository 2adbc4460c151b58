//! Which settings are taken, and that none of them leaks.

use billing_stripe::{ConfigError, StripeConfig, StripeProvider};

fn config() -> StripeConfig {
    StripeConfig::new("sk_test_hush".into(), vec!["whsec_hush".into()])
}

#[test]
fn a_blank_key_or_secret_is_refused() {
    for blank in ["", " ", "\n", "sk_test_1\n", " sk_test_1", "sk test"] {
        let of_key = StripeProvider::try_new(StripeConfig { secret_key: blank.into(), ..config() });
        assert!(matches!(of_key, Err(ConfigError::SecretKey)), "{blank:?}");
        let secrets = vec!["whsec_hush".into(), blank.into()];
        let of_secret = StripeProvider::try_new(StripeConfig { webhook_secrets: secrets, ..config() });
        assert!(matches!(of_secret, Err(ConfigError::WebhookSecret)), "{blank:?}");
    }
    let none = StripeProvider::try_new(StripeConfig { webhook_secrets: vec![], ..config() });
    assert!(matches!(none, Err(ConfigError::NoWebhookSecret)));
}

#[test]
fn an_address_or_version_that_cannot_be_called_is_refused() {
    for base in ["", "api.stripe.com", "ftp://api.stripe.com", "https://u:p@x", "https://x/?a", "unix:/x"] {
        let provider = StripeProvider::try_new(StripeConfig { api_base: base.to_owned(), ..config() });
        assert!(matches!(provider, Err(ConfigError::ApiBase(_))), "{base:?}");
    }
    for version in ["", " ", "2026-09-30.endive\r\nx: y"] {
        let provider = StripeProvider::try_new(StripeConfig { api_version: version.to_owned(), ..config() });
        assert!(matches!(provider, Err(ConfigError::ApiVersion(_))), "{version:?}");
    }
}

#[test]
fn nothing_prints_a_secret() {
    let provider = StripeProvider::try_new(config()).map_err(|error| error.to_string());
    let printed = format!("{:?} {provider:?} {provider:#?}", config());
    assert!(!printed.contains("hush"), "{printed}");
}
