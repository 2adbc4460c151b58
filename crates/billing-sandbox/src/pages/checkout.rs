//! The hosted checkout page.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use super::{gone, html, see_other};
use crate::{Sandbox, SandboxEvent, SandboxPurchase, SandboxSession};

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

pub(super) async fn show(sandbox: Data<Sandbox>, token: Path<String>) -> HttpResponse {
    match open(&sandbox, &token) {
        Some(session) => page(StatusCode::OK, &session, &token, None),
        None => gone(),
    }
}

/// After a reload of a button's URL: back to the page with the buttons.
pub(super) async fn back(token: Path<String>) -> HttpResponse {
    see_other(format!("/sandbox/checkout/{token}"))
}

pub(super) async fn pay(sandbox: Data<Sandbox>, token: Path<String>) -> HttpResponse {
    let Some(session) = open(&sandbox, &token) else { return gone() };
    let events = SandboxEvent::paid(&session, sandbox.now());
    finish(&sandbox, &session, &token, events, session.success_url()).await
}

/// Pays, and continues to the simulation page.
pub(super) async fn pay_and_stay(sandbox: Data<Sandbox>, token: Path<String>) -> HttpResponse {
    let Some(session) = open(&sandbox, &token) else { return gone() };
    let purchase = SandboxPurchase::paid(&session, sandbox.now());
    let next = sandbox.purchase_path(&purchase);
    finish(&sandbox, &session, &token, purchase.beginning(), next).await
}

pub(super) async fn decline(sandbox: Data<Sandbox>, token: Path<String>) -> HttpResponse {
    let Some(session) = open(&sandbox, &token) else { return gone() };
    let events = vec![SandboxEvent::declined(&session, sandbox.now())];
    finish(&sandbox, &session, &token, events, session.cancel_url.clone()).await
}

/// The checkout, while it is open.
fn open(sandbox: &Sandbox, token: &str) -> Option<SandboxSession> {
    sandbox.session(token).filter(|session| sandbox.now() < session.expires_at)
}

/// Delivers the events and redirects the buyer. If the delivery fails, the buyer can retry with the same events.
async fn finish(
    sandbox: &Sandbox,
    session: &SandboxSession,
    token: &str,
    events: Vec<SandboxEvent>,
    next: String,
) -> HttpResponse {
    match sandbox.tell(events).await {
        Ok(()) => see_other(next),
        Err(problem) => {
            tracing::warn!(%problem, session = session.id(), "the webhooks of a sandbox payment could not be delivered");
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
