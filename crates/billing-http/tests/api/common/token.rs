//! Users' tokens, good and bad.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use billing_testkit::builders::noon;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

pub(crate) const SECRET: &str = "a secret that has thirty-two bytes or more";
pub(crate) const ISSUER: &str = "https://id.example.com";
pub(crate) const AUDIENCE: &str = "billing";

/// What a good token of ada says at noon, for an hour.
pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "ada",
        "exp": noon().unix_seconds() + 3600,
        "scope": "billing:read billing:write",
    })
}

/// [`claims`] with `changes` put over them; null takes a claim away.
pub(crate) fn token_with(changes: Value) -> String {
    let mut all = claims();
    let Value::Object(changes) = changes else { panic!("changes are an object") };
    for (name, value) in changes {
        if value.is_null() {
            all.as_object_mut().unwrap().remove(&name);
        } else {
            all[name] = value;
        }
    }
    sign(&all)
}

/// A token that says `claims`.
pub(crate) fn sign(claims: &Value) -> String {
    signed_with(&json!({ "alg": "HS256", "typ": "JWT" }), claims, SECRET, Algorithm::HS256)
}

/// A token with any header, signed with any secret.
pub(crate) fn signed_with(header: &Value, claims: &Value, secret: &str, algorithm: Algorithm) -> String {
    sign_parts(&header.to_string(), &claims.to_string(), secret, algorithm)
}

/// A token of texts that need not be JSON.
pub(crate) fn sign_parts(header: &str, claims: &str, secret: &str, algorithm: Algorithm) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let key = EncodingKey::from_secret(secret.as_bytes());
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, algorithm).unwrap();
    format!("{message}.{signature}")
}
