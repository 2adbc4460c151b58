//! Whether the service is up, and what it offers.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Api;
use crate::openapi::document;

/// Whether this process should be sent requests.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "a list of yes and no for whoever looks at it")]
pub(crate) struct ReadyView {
    ready: bool,
    /// Whether the database answers.
    database: bool,
    /// Whether the database has every migration.
    migrations: bool,
    /// Whether background work goes round.
    background: bool,
    /// Whether the process is about to stop.
    draining: bool,
    /// Through which providers one can pay; `sandbox` takes no money.
    channels: Vec<String>,
}

/// The first page: where everything is.
#[utoipa::path(get, path = "/", tag = "Service", responses((status = 200, content_type = "text/html", body = String)))]
pub(crate) async fn welcome() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header(("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"))
        .body(include_str!("welcome.html"))
}

/// The process is up.
#[utoipa::path(get, path = "/healthz", tag = "Service", responses((status = 200, content_type = "text/plain", body = String)))]
pub(crate) async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok")
}

/// The process can do its work.
#[utoipa::path(get, path = "/readyz", tag = "Service",
    responses((status = 200, body = ReadyView), (status = 503, body = ReadyView)))]
pub(crate) async fn readyz(api: Data<Api>) -> HttpResponse {
    let health = api.billing.health().await.ok();
    let background = !api.readiness.work_is_stuck(api.billing.now());
    let draining = api.readiness.is_draining();
    let migrations = health.is_some_and(|health| health.migrated);
    let ready = migrations && background && !draining;
    let view = ReadyView {
        ready,
        database: health.is_some(),
        migrations,
        background,
        draining,
        channels: api.billing.channels().iter().map(ToString::to_string).collect(),
    };
    if ready { HttpResponse::Ok().json(view) } else { HttpResponse::ServiceUnavailable().json(view) }
}

/// This description.
#[utoipa::path(get, path = "/openapi.json", tag = "Service", responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn openapi() -> Json<utoipa::openapi::OpenApi> {
    Json(document())
}
