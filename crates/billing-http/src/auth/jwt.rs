//! Users' tokens.

use billing_core::accounts::ExternalId;
use billing_core::credentials::Scopes;
use billing_core::values::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

/// How users' tokens are verified (RFC 7519, RFC 8725).
#[derive(Debug, Clone)]
pub struct JwtConfig {
    /// The secret for HS256; at least 32 bytes.
    pub hs256_secret: SecretString,
    /// The required `iss`, if it is verified.
    pub issuer: Option<String>,
    /// The required `aud`, if it is verified.
    pub audience: Option<String>,
    /// The claim with the account's external id.
    pub account_claim: String,
    /// The scopes of a token without scopes.
    pub default_scopes: Scopes,
}

/// The tokens' secret is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwtConfigError {
    /// A guessed secret allows impersonation of every user.
    #[error("the HS256 secret must have at least 32 bytes")]
    WeakSecret,
}

/// Verifies users' tokens.
pub(crate) struct Jwt {
    key: DecodingKey,
    validation: Validation,
    issuer: Option<String>,
    account_claim: String,
    default_scopes: Scopes,
}

/// The content of a token.
pub(crate) struct User {
    pub(crate) account: ExternalId,
    pub(crate) scopes: Scopes,
}

/// The tolerated difference of the issuer's clock, in seconds.
const LEEWAY_SECONDS: i64 = 30;
/// The maximum length of a token: longer than any valid one, short enough to parse cheaply.
const LONGEST_TOKEN: usize = 8192;

impl Jwt {
    pub(crate) fn try_new(config: JwtConfig) -> Result<Self, JwtConfigError> {
        let secret = config.hs256_secret.expose_secret().as_bytes();
        if secret.len() < 32 {
            return Err(JwtConfigError::WeakSecret);
        }
        // Only one algorithm: a token cannot choose `none`, or have a public key used as a secret.
        let mut validation = Validation::new(Algorithm::HS256);
        // Times are verified below, by the service's own clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = config.audience.is_some();
        let mut required = vec!["exp"];
        if let Some(issuer) = &config.issuer {
            validation.set_issuer(&[issuer]);
            required.push("iss");
        }
        if let Some(audience) = &config.audience {
            validation.set_audience(&[audience]);
            required.push("aud");
        }
        validation.set_required_spec_claims(&required);
        Ok(Self {
            key: DecodingKey::from_secret(secret),
            validation,
            issuer: config.issuer,
            account_claim: config.account_claim,
            default_scopes: config.default_scopes,
        })
    }

    /// The token's user, if it is valid at `now`.
    pub(crate) fn verify(&self, token: &str, now: Timestamp) -> Option<User> {
        if token.len() > LONGEST_TOKEN {
            return None;
        }
        let header = jsonwebtoken::decode_header(token).ok()?;
        // RFC 7515 §4.1.11: no extensions are supported, so a token with critical ones is invalid.
        if header.crit.is_some() {
            return None;
        }
        if header
            .typ
            .is_some_and(|typ| !typ.eq_ignore_ascii_case("jwt") && !typ.eq_ignore_ascii_case("at+jwt"))
        {
            return None;
        }
        let claims =
            jsonwebtoken::decode::<Map<String, Value>>(token, &self.key, &self.validation).ok()?.claims;
        // The library also accepts a list of issuers that contains ours; RFC 7519 §4.1.1 has one.
        if self.issuer.is_some() && claims.get("iss").and_then(Value::as_str) != self.issuer.as_deref() {
            return None;
        }
        let now = now.unix_seconds();
        let expires_at = claims.get("exp")?.as_i64()?;
        let valid_from = match claims.get("nbf") {
            Some(moment) => moment.as_i64()?,
            None => now,
        };
        if now >= expires_at.saturating_add(LEEWAY_SECONDS) || now < valid_from.saturating_sub(LEEWAY_SECONDS)
        {
            return None;
        }
        let account = ExternalId::parse(claims.get(&self.account_claim)?.as_str()?).ok()?;
        Some(User { account, scopes: self.scopes(&claims) })
    }

    /// `scope` is a space-separated text (RFC 8693 §4.2), `scp` a list or such a text.
    fn scopes(&self, claims: &Map<String, Value>) -> Scopes {
        match claims.get("scope").or_else(|| claims.get("scp")) {
            Some(Value::String(text)) => Scopes::of_token(text),
            Some(Value::Array(words)) => Scopes::of_words(words.iter().filter_map(Value::as_str)),
            None | Some(Value::Null) => self.default_scopes.clone(),
            // A value of another type does not mean the defaults.
            Some(_) => Scopes::default(),
        }
    }
}
