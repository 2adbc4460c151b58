//! The hosted checkout page.

use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, LOCATION, X_CONTENT_TYPE_OPTIONS};
use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::Template;

use crate::{Sandbox, SandboxEvent, SandboxSession};

/// Mounts the checkout pages under `/sandbox/checkout`.
pub fn pages(sandbox: Arc<Sandbox>) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        config.service(web::resource("/sandbox/style.css").get(style));
        let scope = web::scope("/sandbox/checkout/{token}")
            .app_data(Data::from(sandbox))
            .service(web::resource("").get(show))
            .service(web::resource("/pay").get(back).post(pay))
            .service(web::resource("/decline").get(back).post(decline));
        config.service(scope);
    }
}

#[derive(Template)]
#[template(path = "checkout.html")]
struct CheckoutPage<'a> {
    item: &'a str,
    price: String,
    every: &'a str,
    cancel_url: &'a str,
    base: String,
    problem: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "gone.html")]
struct GonePage;

/// A file of its own, so that the page's policy need not allow styles inside it.
async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(include_str!("../templates/style.css"))
}

async fn show(sandbox: Data<Sandbox>, token: Path<String>) -> HttpResponse {
    match open(&sandbox, &token) {
        Some(session) => page(StatusCode::OK, &session, &token, None),
        None => gone(),
    }
}

/// Somebody reloaded where a button had led: back to the page with the buttons.
async fn back(token: Path<String>) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, format!("/sandbox/checkout/{token}"))).finish()
}

async fn pay(sandbox: Data<Sandbox>, token: Path<String>) -> HttpResponse {
    let Some(session) = open(&sandbox, &token) else { return gone() };
    let events = SandboxEvent::paid(&session, sandbox.now());
    finish(&sandbox, &session, &token, events, session.success_url()).await
}

async fn decline(sandbox: Data<Sandbox>, token: Path<String>) -> HttpResponse {
    let Some(session) = open(&sandbox, &token) else { return gone() };
    let events = vec![SandboxEvent::declined(&session, sandbox.now())];
    finish(&sandbox, &session, &token, events, session.cancel_url.clone()).await
}

/// The checkout, while it can be paid.
fn open(sandbox: &Sandbox, token: &str) -> Option<SandboxSession> {
    sandbox.session(token).filter(|session| sandbox.now() < session.expires_at)
}

/// Tells what happened and sends the buyer on. What could not be told is told when the buyer tries again:
/// the events are the same.
async fn finish(
    sandbox: &Sandbox,
    session: &SandboxSession,
    token: &str,
    events: Vec<SandboxEvent>,
    next: String,
) -> HttpResponse {
    match sandbox.tell(events).await {
        Ok(()) => HttpResponse::SeeOther().insert_header((LOCATION, next)).finish(),
        Err(problem) => {
            tracing::warn!(%problem, session = session.id(), "a sandbox payment could not be told");
            page(
                StatusCode::BAD_GATEWAY,
                session,
                token,
                Some("The payment could not be confirmed. Please try again."),
            )
        }
    }
}

fn page(status: StatusCode, session: &SandboxSession, token: &str, problem: Option<&str>) -> HttpResponse {
    let every = match session.months {
        0 => "",
        1 => " a month",
        _ => " a year",
    };
    let page = CheckoutPage {
        item: &session.item,
        price: session.price.to_string(),
        every,
        cancel_url: &session.cancel_url,
        base: format!("/sandbox/checkout/{token}"),
        problem,
    };
    html(status, page.render())
}

fn gone() -> HttpResponse {
    html(StatusCode::NOT_FOUND, GonePage.render())
}

fn html(status: StatusCode, page: askama::Result<String>) -> HttpResponse {
    let mut response = HttpResponseBuilder::new(status);
    response
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
        ));
    match page {
        Ok(body) => response.body(body),
        Err(problem) => {
            tracing::error!(%problem, "a page could not be rendered");
            HttpResponse::InternalServerError().finish()
        }
    }
}
