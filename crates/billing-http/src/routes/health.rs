//! Health and start page.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Api;
use crate::openapi::document;

const WELCOME: &str = include_str!("welcome.html");
/// The hash of the page's style for its content security policy.
const WELCOME_STYLE: &str = "sha256-n3D6WO+++SbOwVCHCoIVTQXGzHFIGp3cP2ank30Mhvk=";

/// Whether this process should receive requests.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "a list of yes and no for whoever looks at it")]
pub(crate) struct ReadyView {
    ready: bool,
    /// Whether the database responds.
    database: bool,
    /// Whether the database has exactly the migrations of this program.
    migrations: bool,
    /// Whether the database accepted a small write.
    writable: bool,
    /// Whether the loop that applies providers' events is running.
    background: bool,
    /// Whether the process is about to stop.
    draining: bool,
    /// The payment providers; `sandbox` moves no money.
    channels: Vec<String>,
}

/// The start page.
#[utoipa::path(get, path = "/", tag = "Service", responses((status = 200, content_type = "text/html", body = String)))]
pub(crate) async fn welcome() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((
            "Content-Security-Policy",
            format!(
                "default-src 'none'; style-src '{WELCOME_STYLE}'; \
            base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            ),
        ))
        .body(WELCOME)
}

/// The process is running.
#[utoipa::path(get, path = "/healthz", tag = "Service", responses((status = 200, content_type = "text/plain", body = String)))]
pub(crate) async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok")
}

/// The process can do its work. Answers within a second in any case.
#[utoipa::path(get, path = "/readyz", tag = "Service",
    responses((status = 200, body = ReadyView), (status = 503, body = ReadyView)))]
pub(crate) async fn readyz(api: Data<Api>) -> HttpResponse {
    let billing = api.billing.clone();
    let check = || async move {
        let health = billing.health().await;
        health.inspect_err(|error| tracing::warn!(%error, "the database does not answer")).ok()
    };
    let health = api.health.health(check).await;
    let background = !api.readiness.work_is_stuck(api.billing.now());
    let draining = api.readiness.is_draining();
    let migrations = health.is_some_and(|health| health.migrated);
    let writable = health.is_some_and(|health| health.writable);
    let ready = migrations && writable && background && !draining;
    let view = ReadyView {
        ready,
        database: health.is_some(),
        migrations,
        writable,
        background,
        draining,
        channels: api.billing.channels().iter().map(ToString::to_string).collect(),
    };
    if ready { HttpResponse::Ok().json(view) } else { HttpResponse::ServiceUnavailable().json(view) }
}

/// Metrics for Prometheus. They contain no account data; still, restrict access to your own network.
#[utoipa::path(get, path = "/metrics", tag = "Service", responses((status = 200, content_type = "text/plain", body = String)))]
pub(crate) async fn metrics(api: Data<Api>) -> HttpResponse {
    let text = api.metrics.as_ref().map(|metrics| metrics.render()).unwrap_or_default();
    HttpResponse::Ok().content_type("application/openmetrics-text; version=1.0.0; charset=utf-8").body(text)
}

/// The OpenAPI document.
#[utoipa::path(get, path = "/openapi.json", tag = "Service", responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn openapi() -> Json<utoipa::openapi::OpenApi> {
    Json(document())
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_first_pages_style_has_the_hash_that_its_policy_names() {
        let (_, rest) = WELCOME.split_once("<style>").unwrap();
        let (style, _) = rest.split_once("</style>").unwrap();
        let hash = STANDARD.encode(Sha256::digest(style.as_bytes()));
        assert_eq!(WELCOME_STYLE, format!("sha256-{hash}"));
    }
}
