//! Users' tokens.

use actix_web::http::Method;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use billing_core::credentials::{Scope, Scopes};
use billing_http::{Api, JwtConfig, JwtConfigError};
use billing_testkit::builders::noon;
use jsonwebtoken::Algorithm::{HS256, HS384, HS512};
use serde_json::{Value, json};

use crate::common::{
    AUDIENCE, Ask, ISSUER, SECRET, World, claims, jwt_config, sign, sign_parts, signed_with, token_with,
};

fn now() -> i64 {
    noon().unix_seconds()
}

fn hs256(header: &Value) -> String {
    signed_with(header, &claims(), SECRET, HS256)
}

fn unsigned(header: &Value, claims: &Value, signature: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", part(header), part(claims))
}

/// A good token with one of its three parts changed.
fn tampered(part: usize, change: impl Fn(&str) -> String) -> String {
    let good = sign(&claims());
    let mut parts: Vec<_> = good.split('.').map(str::to_owned).collect();
    parts[part] = change(&parts[part]);
    parts.join(".")
}

/// Tokens with a header that is not to be trusted.
fn bad_headers() -> Vec<(&'static str, String)> {
    let none = |alg: &str| unsigned(&json!({ "alg": alg, "typ": "JWT" }), &claims(), "");
    vec![
        ("alg none", none("none")),
        ("alg None", none("None")),
        ("alg NONE with a signature", unsigned(&json!({ "alg": "NONE" }), &claims(), "c2ln")),
        ("alg empty", none("")),
        ("alg missing", hs256(&json!({ "typ": "JWT" }))),
        ("alg null", hs256(&json!({ "alg": null }))),
        ("alg hs256 in small letters", hs256(&json!({ "alg": "hs256" }))),
        ("HS384, rightly signed", signed_with(&json!({ "alg": "HS384" }), &claims(), SECRET, HS384)),
        ("HS512, rightly signed", signed_with(&json!({ "alg": "HS512" }), &claims(), SECRET, HS512)),
        ("HS384 over an HS256 signature", hs256(&json!({ "alg": "HS384" }))),
        ("RS256 over an HS256 signature", hs256(&json!({ "alg": "RS256" }))),
        ("ES256 over an HS256 signature", hs256(&json!({ "alg": "ES256" }))),
        ("EdDSA over an HS256 signature", hs256(&json!({ "alg": "EdDSA" }))),
        ("HS256 over an HS384 signature", signed_with(&json!({ "alg": "HS256" }), &claims(), SECRET, HS384)),
        ("a typ of another kind", hs256(&json!({ "alg": "HS256", "typ": "logout+jwt" }))),
        ("a typ that is no text", hs256(&json!({ "alg": "HS256", "typ": 5 }))),
        ("crit", hs256(&json!({ "alg": "HS256", "crit": ["exp"] }))),
        ("crit of nothing", hs256(&json!({ "alg": "HS256", "crit": [] }))),
        ("crit that is no list", hs256(&json!({ "alg": "HS256", "crit": "b64" }))),
        ("crit with b64", hs256(&json!({ "alg": "HS256", "b64": false, "crit": ["b64"] }))),
        ("a header that is no JSON", sign_parts("{", &claims().to_string(), SECRET, HS256)),
        ("a header that is a list", sign_parts("[]", &claims().to_string(), SECRET, HS256)),
    ]
}

/// Tokens with claims that are not to be believed.
fn bad_claims() -> Vec<(&'static str, String)> {
    let with = |name: &str, value: Value| token_with(json!({ name: value }));
    let oversized = "x".repeat(256);
    vec![
        ("no exp", with("exp", Value::Null)),
        ("expired, just past the leeway", with("exp", json!(now() - 30))),
        ("expired long ago", with("exp", json!(0))),
        ("exp before all time", with("exp", json!(i64::MIN))),
        ("exp in text", with("exp", json!((now() + 60).to_string()))),
        (
            "exp with a fraction",
            sign_parts(
                r#"{"alg":"HS256"}"#,
                &claims().to_string().replace(&format!("{}", now() + 3600), &format!("{}.5", now() + 3600)),
                SECRET,
                HS256,
            ),
        ),
        ("exp true", with("exp", json!(true))),
        ("exp in a list", with("exp", json!([now() + 60]))),
        ("exp beyond 64 bits", with("exp", json!(u64::MAX))),
        ("not yet valid, just past the leeway", with("nbf", json!(now() + 31))),
        ("nbf in text", with("nbf", json!("0"))),
        ("nbf with a fraction", with("nbf", json!(0.5))),
        ("no iss", with("iss", Value::Null)),
        ("another iss", with("iss", json!("https://id.example.org"))),
        ("iss with more behind it", with("iss", json!(format!("{ISSUER}/")))),
        ("iss in capitals", with("iss", json!(ISSUER.to_uppercase()))),
        ("iss in a list", with("iss", json!([ISSUER, "https://evil.example"]))),
        ("no aud", with("aud", Value::Null)),
        ("another aud", with("aud", json!("shop"))),
        ("auds without ours", with("aud", json!(["shop", "Billing"]))),
        ("aud that is no text", with("aud", json!(7))),
        ("no sub", with("sub", Value::Null)),
        ("an empty sub", with("sub", json!(""))),
        ("an oversized sub", with("sub", json!(oversized))),
        ("a sub with a line end", with("sub", json!("ada\n"))),
        ("a sub that is a number", with("sub", json!(17))),
        ("a sub in a list", with("sub", json!(["ada"]))),
        ("claims that are no JSON", sign_parts(r#"{"alg":"HS256"}"#, "not json", SECRET, HS256)),
        ("claims that are a list", sign_parts(r#"{"alg":"HS256"}"#, "[]", SECRET, HS256)),
        ("claims that are null", sign_parts(r#"{"alg":"HS256"}"#, "null", SECRET, HS256)),
    ]
}

/// Tokens that were put together wrongly.
fn bad_shapes() -> Vec<(&'static str, String)> {
    let good = sign(&claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let header = json!({ "alg": "HS256" });
    vec![
        ("another secret", signed_with(&header, &claims(), "another secret of thirty-two bytes", HS256)),
        ("an empty secret", signed_with(&header, &claims(), "", HS256)),
        ("a changed header", tampered(0, |_| URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"jwt"}"#))),
        (
            "changed claims",
            tampered(1, |_| {
                let mut other = claims();
                other["sub"] = json!("eve");
                URL_SAFE_NO_PAD.encode(other.to_string())
            }),
        ),
        ("a changed signature", tampered(2, |part| part.chars().rev().collect())),
        ("a shortened signature", tampered(2, |part| part[..part.len() - 2].to_owned())),
        ("no signature", format!("{message}.")),
        ("two parts", message.to_owned()),
        ("four parts", format!("{good}.x")),
        ("a part in front", format!(".{good}")),
        ("one part", signature.to_owned()),
        ("dots alone", "..".to_owned()),
        ("padding", format!("{good}=")),
        ("a space inside", good.replacen('.', ". ", 1)),
        ("too long", token_with(json!({ "note": "x".repeat(8192) }))),
        ("not base64", "héllo.wörld.!".to_owned()),
    ]
}

#[actix_web::test]
async fn a_bad_token_is_refused_whatever_is_bad_about_it() {
    let world = World::new();
    let all = [bad_headers(), bad_claims(), bad_shapes()].concat();
    assert!(all.len() >= 40);
    for (what, token) in all {
        let answer = world.get(&token, "/credits/balance").await;
        assert_eq!(answer.status, 401, "{what} was taken: {}", answer.text());
        answer.is(401, "unauthorized");
        let challenge = answer.header("WWW-Authenticate").unwrap();
        assert!(challenge.ends_with("error=\"invalid_token\""), "{what}: {challenge}");
        assert_eq!(answer.message(), "Authentication required", "{what}: no detail for whoever guesses");
    }
}

#[actix_web::test]
async fn a_good_token_is_taken_however_its_issuer_writes_it() {
    let world = World::new();
    world.give("ada", 70).await;
    let good = [
        ("as it should be", sign(&claims())),
        ("without typ", hs256(&json!({ "alg": "HS256" }))),
        ("typ in small letters", hs256(&json!({ "alg": "HS256", "typ": "jwt" }))),
        ("an access token", hs256(&json!({ "alg": "HS256", "typ": "at+jwt" }))),
        ("a kid", hs256(&json!({ "alg": "HS256", "kid": "../../etc/passwd" }))),
        ("several auds", token_with(json!({ "aud": ["shop", AUDIENCE] }))),
        ("expired within the leeway", token_with(json!({ "exp": now() - 29 }))),
        ("valid within the leeway", token_with(json!({ "nbf": now() + 30 }))),
        ("valid since long ago", token_with(json!({ "nbf": 0, "iat": now() + 999 }))),
        ("claims that are not ours", token_with(json!({ "roles": ["admin"], "email": "ada@example.com" }))),
    ];
    for (what, token) in good {
        let answer = world.get(&token, "/credits/balance").await;
        assert_eq!(answer.status, 200, "{what}: {}", answer.text());
        assert_eq!(answer.data()["balance"], 70, "{what}");
    }
}

#[actix_web::test]
async fn a_key_that_comes_in_the_header_is_never_used() {
    let world = World::new();
    let jwk = json!({ "kty": "oct", "k": URL_SAFE_NO_PAD.encode("the attacker's own key, long enough") });
    for header in [
        json!({ "alg": "HS256", "jwk": jwk }),
        json!({ "alg": "HS256", "jku": "https://evil.example/jwks.json" }),
        json!({ "alg": "HS256", "x5u": "https://evil.example/cert.pem" }),
    ] {
        let theirs = signed_with(&header, &claims(), "the attacker's own key, long enough", HS256);
        world.get(&theirs, "/credits/balance").await.is(401, "unauthorized");
        // Signed by us, what the header points at does not matter.
        let answer = world.get(&hs256(&header), "/credits/balance").await;
        assert!(matches!(answer.status, 200 | 401), "{header}: {}", answer.text());
    }
}

#[actix_web::test]
async fn scopes_come_as_text_or_list_and_fall_back_to_the_default() {
    let world = World::new();
    let cases = [
        (json!({ "scope": "openid billing:write" }), false, true),
        (json!({ "scope": ["billing:read", "billing:write"] }), true, true),
        (json!({ "scope": null, "scp": ["billing:write", 5] }), false, true),
        (json!({ "scope": null, "scp": "billing:read" }), true, false),
        (json!({ "scope": null }), true, false),
        (json!({ "scope": "" }), false, false),
        (json!({ "scope": "billing" }), false, false),
        (json!({ "scope": "billing:read billing:read" }), true, false),
        (json!({ "scope": 5 }), false, false),
        (json!({ "scope": { "billing:read": true } }), false, false),
        (json!({ "scope": "openid", "scp": "billing:read" }), false, false),
    ];
    for (changes, reads, writes) in cases {
        let token = token_with(changes.clone());
        let read = world.get(&token, "/credits/balance").await.status;
        // Whoever may write gets as far as the missing body.
        let write = world.ask(Method::POST, "/payment/create-session").bearer(&token).send().await.status;
        assert_eq!((read == 200, write == 415), (reads, writes), "{changes}");
    }
}

#[actix_web::test]
async fn the_account_comes_from_the_claim_that_is_configured() {
    let jwt = JwtConfig { account_claim: "org_id".to_owned(), ..jwt_config() };
    let world = World::with_jwt(Some(jwt));
    world.give("acme", 40).await;
    let token = token_with(json!({ "org_id": "acme" }));
    assert_eq!(world.get(&token, "/credits/balance").await.data()["balance"], 40);
    world.get(&token_with(json!({})), "/credits/balance").await.is(401, "unauthorized");
}

#[actix_web::test]
async fn issuer_and_audience_are_looked_at_where_they_are_configured() {
    let world = World::with_jwt(Some(JwtConfig { issuer: None, audience: None, ..jwt_config() }));
    let token = token_with(json!({ "iss": null, "aud": null }));
    assert_eq!(world.get(&token, "/credits/balance").await.status, 200);
}

#[actix_web::test]
async fn without_a_secret_no_token_is_taken() {
    let world = World::with_jwt(None);
    world.get(&sign(&claims()), "/credits/balance").await.is(401, "unauthorized");
}

#[test]
fn a_secret_that_can_be_guessed_is_refused() {
    let weak = JwtConfig { hs256_secret: "x".repeat(31).into(), ..jwt_config() };
    let refused = Api::builder(World::new().billing).jwt(weak).err();
    assert_eq!(refused, Some(JwtConfigError::WeakSecret));
}

#[actix_web::test]
async fn a_user_names_no_other_account_and_an_operator_does() {
    let world = World::new();
    for name in ["ada", "eve"] {
        world.give(name, 10).await;
    }
    let user = token_with(json!({ "scope": "billing:read billing:write credits:write" }));
    let operator = token_with(json!({ "scope": "billing:admin" }));
    let paths = [
        "/credits/balance?account_id=eve",
        "/credits/transactions?account_id=eve",
        "/orders?account_id=eve",
        "/checkin?account_id=eve",
        "/accounts/eve",
        "/api/external/v2/billing/summary?account_id=eve",
        "/api/external/v2/billing/credits/balance?account_id=eve",
    ];
    for path in paths {
        world.get(&user, path).await.is(403, "forbidden");
        assert_eq!(world.get(&operator, path).await.status, 200, "{path}");
        assert_eq!(world.get(&user, &path.replace("eve", "ada")).await.status, 200, "{path}");
    }
    let before = world.snapshot(&["ada", "eve"]).await;
    let spend = json!({ "account_id": "eve", "amount": 1 });
    let consume = |token| -> Ask<'_> {
        world.ask(Method::POST, "/credits/consume").bearer(token).key("k").json(&spend)
    };
    consume(&user).send().await.is(403, "forbidden");
    world.post(&user, "/checkin?account_id=eve", &json!({})).await.is(403, "forbidden");
    world.operator(Method::PUT, "/accounts/eve").send().await.is(415, "unsupported_media_type");
    let put = world.ask(Method::PUT, "/accounts/eve").bearer(&user).json(&json!({ "name": "Mallory" }));
    put.send().await.is(403, "forbidden");
    assert_eq!(world.snapshot(&["ada", "eve"]).await, before);
    assert_eq!(consume(&operator).send().await.data()["spent"], 1);
}

#[actix_web::test]
async fn default_scopes_are_what_the_configuration_says() {
    let admin = JwtConfig { default_scopes: Scopes::new([Scope::BillingAdmin]), ..jwt_config() };
    let nothing = JwtConfig { default_scopes: Scopes::default(), ..jwt_config() };
    let token = token_with(json!({ "scope": null }));
    let path = "/admin/billing/plans";
    assert_eq!(World::with_jwt(Some(admin)).get(&token, path).await.status, 200);
    World::with_jwt(Some(nothing)).get(&token, path).await.is(403, "forbidden");
}
