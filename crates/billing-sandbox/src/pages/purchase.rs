//! The page that simulates the events after a payment.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use billing_core::payments::DisputeState;
use billing_core::values::Money;

use super::{gone, html, see_other};
use crate::{Happening, Sandbox, SandboxPurchase};

#[derive(Template)]
#[template(path = "purchase.html")]
struct PurchasePage<'a> {
    item: &'a str,
    subscription: Option<String>,
    money: Option<String>,
    /// The possible next events.
    happenings: Vec<Happening>,
    success_url: String,
    base: String,
    problem: Option<&'a str>,
}

pub(super) async fn show(sandbox: Data<Sandbox>, token: Path<String>) -> HttpResponse {
    match sandbox.purchase(&token) {
        Some(purchase) => page(StatusCode::OK, &sandbox, &purchase, &token, None),
        None => gone(),
    }
}

/// After a reload of a button's URL: back to the page with the buttons.
pub(super) async fn back(path: Path<(String, String)>) -> HttpResponse {
    see_other(format!("/sandbox/purchase/{}", path.0))
}

/// Simulates an event, delivers its webhooks, and redirects to the resulting purchase. If the delivery fails, the same
/// button repeats it.
pub(super) async fn happens(sandbox: Data<Sandbox>, path: Path<(String, Happening)>) -> HttpResponse {
    let (token, happening) = path.into_inner();
    let Some(purchase) = sandbox.purchase(&token) else { return gone() };
    let Some((next, events)) = purchase.then(happening, sandbox.now()) else {
        return page(StatusCode::CONFLICT, &sandbox, &purchase, &token, Some("This cannot happen now."));
    };
    match sandbox.tell(events).await {
        Ok(()) => see_other(sandbox.purchase_path(&next)),
        Err(problem) => {
            tracing::warn!(%problem, session = purchase.session.id(), "the webhooks of a sandbox event could not be delivered");
            let problem = Some("The webhooks could not be delivered. Please try again.");
            page(StatusCode::BAD_GATEWAY, &sandbox, &purchase, &token, problem)
        }
    }
}

fn page(
    status: StatusCode,
    sandbox: &Sandbox,
    purchase: &SandboxPurchase,
    token: &str,
    problem: Option<&str>,
) -> HttpResponse {
    let possible = |this: &Happening| purchase.then(*this, sandbox.now()).is_some();
    let page = PurchasePage {
        item: &purchase.session.item,
        subscription: subscription(purchase),
        money: money(purchase),
        happenings: Happening::ALL.into_iter().filter(possible).collect(),
        success_url: purchase.session.success_url(),
        base: format!("/sandbox/purchase/{token}"),
        problem,
    };
    html(status, page.render())
}

fn subscription(purchase: &SandboxPurchase) -> Option<String> {
    let known = purchase.subscription?;
    let until = if known.cancel_at_period_end { ", ends with its period on" } else { ", its period ends on" };
    Some(format!("Subscription: {}{until} {}", known.status, known.period.end))
}

fn money(purchase: &SandboxPurchase) -> Option<String> {
    let charge = purchase.charge?;
    let mut text = format!("Latest payment: {}", charge.paid);
    let money = |minor| Money::new(minor, charge.paid.currency);
    if charge.refunded > 0 {
        text = format!("{text}, refunded {}", money(charge.refunded));
    }
    if let Some((minor, state)) = charge.dispute {
        let state = match state {
            DisputeState::Won => "a dispute was won over",
            DisputeState::Lost => "a dispute was lost over",
            DisputeState::Inquiry | DisputeState::Open => "disputed are",
        };
        text = format!("{text}, {state} {}", money(minor));
    }
    Some(text)
}
