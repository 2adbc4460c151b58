//! The OpenAPI document, generated from the code.

use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, ResponseBuilder};

use crate::access::{Access, RULES, Rule};
use crate::problem::Surface;
use crate::routes;

#[derive(OpenApi)]
#[openapi(
    info(title = "Billing", description = "Credits, plans, subscriptions, orders, check-in and payments."),
    paths(
        routes::health::welcome,
        routes::health::healthz,
        routes::health::readyz,
        routes::health::metrics,
        routes::health::openapi,
        routes::credits::balance,
        routes::credits::transactions,
        routes::reports::explain,
        routes::reports::grants,
        routes::reports::usage,
        routes::reports::forecast,
        routes::reports::holds,
        routes::spending::consume,
        routes::spending::consume_many,
        routes::spending::check,
        routes::spending::give,
        routes::spending::reverse,
        routes::spending::reverse_usage,
        routes::usages::list,
        routes::usages::export,
        routes::holds::captures,
        routes::holds::place,
        routes::holds::show,
        routes::holds::capture,
        routes::holds::release,
        routes::holds::extend,
        routes::proof::proof,
        routes::proof::history,
        routes::quote::quote,
        routes::plans::packs,
        routes::plans::plans,
        routes::orders::list,
        routes::orders::show,
        routes::orders::refresh,
        routes::orders::cancel,
        routes::overview::list_invoices,
        routes::overview::upcoming_invoice,
        routes::checkin::state,
        routes::checkin::check_in,
        routes::coupons::validate,
        routes::coupons::redeem,
        routes::gifts::list,
        routes::gifts::redeem,
        routes::gifts::redeem_neighbour,
        routes::payment::create_session,
        routes::payment::webhook,
        routes::accounts::show,
        routes::accounts::put,
        routes::admin_catalog::list_plans,
        routes::admin_catalog::create_plan,
        routes::admin_catalog::update_plan,
        routes::admin_catalog::list_packs,
        routes::admin_catalog::create_pack,
        routes::admin_catalog::update_pack,
        routes::admin_sales::orders,
        routes::admin_sales::refund_order,
        routes::admin_sales::payments,
        routes::admin_sales::refund_payment,
        routes::admin_sales::subscriptions,
        routes::admin_webhooks::list,
        routes::admin_gifts::gifts,
        routes::admin_gifts::give,
        routes::admin_gifts::end,
        routes::admin_coupons::list,
        routes::admin_coupons::create,
        routes::admin_coupons::update,
        routes::admin_rates::list,
        routes::admin_rates::create,
        routes::admin_rates::show,
        routes::admin_rates::change,
        routes::admin_rates::versions,
        routes::admin_rates::version,
        routes::admin_credits::transactions,
        routes::admin_credits::manual,
        routes::admin_credits::void_grant,
        routes::admin_credits::extend_grant,
        routes::admin_ledger::verify,
        routes::admin_ledger::unfreeze,
        routes::admin_ledger::erase,
        routes::admin_import::import,
        routes::admin_checkin::show,
        routes::admin_checkin::put,
        routes::external::summary,
        routes::external::credits,
        routes::subscription::show,
        routes::subscription::cancel,
        routes::subscription::change,
        routes::subscription::pause,
        routes::subscription::resume,
        routes::subscription::portal,
        routes::subscription::portal_session,
        routes::subscription::pause_as_b,
        routes::overview::summary,
        routes::overview::invoices,
        routes::overview::overview,
        routes::overview::credits,
    )
)]
struct Description;

/// The description of every route, with the scopes of the access table.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = Description::openapi();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An API key, or a user's JWT"))
        .build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    for rule in RULES {
        let Some(path) = document.paths.paths.get_mut(rule.path) else { continue };
        let operation = match rule.method {
            "GET" => &mut path.get,
            "POST" => &mut path.post,
            "PUT" => &mut path.put,
            _ => continue,
        };
        let Some(operation) = operation.as_mut() else { continue };
        if let Access::Scope(scope) = rule.access {
            operation.security = Some(vec![SecurityRequirement::new("bearer", [scope.as_str()])]);
        }
        operation.operation_id = Some(operation_id(rule));
        describe_common_problems(operation, rule);
    }
    document
}

/// The operation id for generated clients: method and path, which are unique.
fn operation_id(rule: &Rule) -> String {
    let words = rule.path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<_> = std::iter::once(rule.method).chain(words).map(str::to_ascii_lowercase).collect();
    words.join("_")
}

/// Adds the common errors of its kind to every operation that does not describe them itself.
fn describe_common_problems(operation: &mut Operation, rule: &Rule) {
    let envelope = match Surface::of(rule.path) {
        Surface::Native => "ErrorBody",
        Surface::External => "ExternalErrorBody",
        Surface::Summary => "SummaryErrorBody",
    };
    let mut problems = Vec::new();
    if let Access::Scope(_) = rule.access {
        problems.push(("400", "The request is malformed, or says too little"));
        problems.push(("401", "The credential is missing or not valid"));
        problems.push(("403", "The credential does not allow it"));
        problems.push(("503", "The service is busy; try again shortly"));
        if operation.request_body.is_some() {
            problems.push(("415", "The body is not `application/json`"));
        }
    }
    if operation.request_body.is_some() {
        problems.push(("408", "The body took too long to arrive"));
        problems.push(("413", "The body is too large"));
    }
    for (status, description) in problems {
        let body = ContentBuilder::new().schema(Some(Ref::from_schema_name(envelope))).build();
        let response = || ResponseBuilder::new().description(description).content("application/json", body);
        let known = &mut operation.responses.responses;
        known.entry(status.to_owned()).or_insert_with(|| response().build().into());
    }
}
