//! The API's description, made from the code.

use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};

use crate::access::{Access, RULES};
use crate::routes;

#[derive(OpenApi)]
#[openapi(
    info(title = "Billing", description = "Credits, plans, subscriptions, orders, check-in and payments."),
    paths(
        routes::health::welcome,
        routes::health::healthz,
        routes::health::readyz,
        routes::health::openapi,
        routes::credits::balance,
        routes::credits::transactions,
        routes::credits::consume,
        routes::plans::packs,
        routes::plans::plans,
        routes::orders::list,
        routes::orders::show,
        routes::checkin::state,
        routes::checkin::check_in,
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
        routes::admin_credits::transactions,
        routes::admin_credits::manual,
        routes::admin_checkin::show,
        routes::admin_checkin::put,
        routes::external::summary,
        routes::external::credits,
    )
)]
struct Description;

/// The description of every route, with the scopes that the access table asks for.
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
        if let (Some(operation), Access::Scope(scope)) = (operation.as_mut(), rule.access) {
            operation.security = Some(vec![SecurityRequirement::new("bearer", [scope.as_str()])]);
        }
    }
    document
}
