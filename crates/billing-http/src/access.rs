//! The access table: who may call which route. A route without an entry is not mounted, so none is public by mistake.

use actix_web::http::Method;
use billing_core::credentials::Scope;

/// The permission that a route requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// None; webhooks verify their signature.
    Public,
    /// This scope.
    Scope(Scope),
}

/// One route and its permission.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The HTTP method.
    pub method: &'static str,
    /// The path's pattern, as mounted.
    pub path: &'static str,
    /// The required permission.
    pub access: Access,
}

const READ: Access = Access::Scope(Scope::BillingRead);
const WRITE: Access = Access::Scope(Scope::BillingWrite);
const BACKEND: Access = Access::Scope(Scope::CreditsWrite);
const GRANT: Access = Access::Scope(Scope::CreditsGrant);
const ADMIN: Access = Access::Scope(Scope::BillingAdmin);

/// All routes.
pub const RULES: &[Rule] = &[
    rule("GET", "/", Access::Public),
    rule("GET", "/healthz", Access::Public),
    rule("GET", "/readyz", Access::Public),
    rule("GET", "/metrics", Access::Public),
    rule("GET", "/openapi.json", Access::Public),
    rule("POST", "/payment/webhook/{provider}", Access::Public),
    rule("GET", "/credits/balance", READ),
    rule("GET", "/credits/transactions", READ),
    rule("GET", "/credits/transactions/{id}", READ),
    rule("GET", "/credits/grants", READ),
    rule("GET", "/credits/usage", READ),
    rule("GET", "/credits/usages", READ),
    rule("GET", "/credits/usages/export", READ),
    rule("GET", "/credits/forecast", READ),
    rule("GET", "/credits/packs", READ),
    rule("GET", "/credits/proof", READ),
    rule("GET", "/credits/proof/history", READ),
    rule("POST", "/credits/consume", BACKEND),
    rule("POST", "/credits/consume/batch", BACKEND),
    rule("POST", "/credits/check", BACKEND),
    rule("POST", "/credits/grants", GRANT),
    rule("POST", "/credits/transactions/{id}/reverse", BACKEND),
    rule("POST", "/credits/holds", BACKEND),
    rule("GET", "/credits/holds", BACKEND),
    rule("GET", "/credits/holds/{id}", BACKEND),
    rule("GET", "/credits/holds/{id}/captures", BACKEND),
    rule("POST", "/credits/usages/{id}/reverse", BACKEND),
    rule("POST", "/credits/holds/{id}/capture", BACKEND),
    rule("POST", "/credits/holds/{id}/release", BACKEND),
    rule("POST", "/credits/holds/{id}/extend", BACKEND),
    rule("POST", "/credits/quote", BACKEND),
    rule("GET", "/orders", READ),
    rule("GET", "/orders/{id}", READ),
    rule("POST", "/orders/{id}/cancel", WRITE),
    rule("POST", "/orders/{id}/refresh", WRITE),
    rule("GET", "/invoices", READ),
    rule("GET", "/invoices/upcoming", READ),
    rule("GET", "/subscription/plans", READ),
    rule("GET", "/subscription", READ),
    rule("POST", "/subscription/cancel", WRITE),
    rule("POST", "/subscription/change", WRITE),
    rule("POST", "/subscription/pause", WRITE),
    rule("POST", "/subscription/resume", WRITE),
    rule("POST", "/subscription/portal", WRITE),
    rule("GET", "/checkin", READ),
    rule("POST", "/checkin", WRITE),
    rule("POST", "/coupons/validate", WRITE),
    rule("POST", "/coupons/redeem", WRITE),
    rule("GET", "/gifts", READ),
    rule("POST", "/gifts/redeem", WRITE),
    rule("POST", "/payment/create-session", WRITE),
    rule("GET", "/accounts/{external_id}", BACKEND),
    rule("PUT", "/accounts/{external_id}", GRANT),
    rule("GET", "/admin/billing/plans", ADMIN),
    rule("POST", "/admin/billing/plans", ADMIN),
    rule("PUT", "/admin/billing/plans/{id}", ADMIN),
    rule("GET", "/admin/billing/packs", ADMIN),
    rule("POST", "/admin/billing/packs", ADMIN),
    rule("PUT", "/admin/billing/packs/{id}", ADMIN),
    rule("GET", "/admin/billing/orders", ADMIN),
    rule("POST", "/admin/billing/orders/{id}/refund", ADMIN),
    rule("GET", "/admin/billing/payments", ADMIN),
    rule("POST", "/admin/billing/payments/{id}/refund", ADMIN),
    rule("GET", "/admin/billing/subscriptions", ADMIN),
    rule("POST", "/admin/billing/subscriptions", ADMIN),
    rule("POST", "/admin/billing/subscriptions/{id}/cancel", ADMIN),
    rule("GET", "/admin/billing/gifts", ADMIN),
    rule("GET", "/admin/billing/coupons", ADMIN),
    rule("POST", "/admin/billing/coupons", ADMIN),
    rule("PUT", "/admin/billing/coupons/{id}", ADMIN),
    rule("GET", "/admin/billing/rate-cards", ADMIN),
    rule("POST", "/admin/billing/rate-cards", ADMIN),
    rule("GET", "/admin/billing/rate-cards/{slug}", ADMIN),
    rule("PUT", "/admin/billing/rate-cards/{slug}", ADMIN),
    rule("GET", "/admin/billing/rate-cards/{slug}/versions", ADMIN),
    rule("GET", "/admin/billing/rate-cards/{slug}/versions/{version}", ADMIN),
    rule("GET", "/admin/webhooks", ADMIN),
    rule("GET", "/admin/credits/transactions", ADMIN),
    rule("POST", "/admin/credits/manual", ADMIN),
    rule("POST", "/admin/credits/grants/{id}/void", ADMIN),
    rule("POST", "/admin/credits/grants/{id}/extend", ADMIN),
    rule("POST", "/admin/ledger/verify", ADMIN),
    rule("POST", "/admin/accounts/{external_id}/unfreeze", ADMIN),
    rule("POST", "/admin/accounts/{external_id}/erase", ADMIN),
    rule("POST", "/admin/credits/import", ADMIN),
    rule("GET", "/admin/checkin/config", ADMIN),
    rule("PUT", "/admin/checkin/config", ADMIN),
    rule("GET", "/api/external/v2/billing/summary", READ),
    rule("GET", "/api/external/v2/billing/credits/balance", READ),
    rule("GET", "/v1/billing/summary", READ),
    rule("GET", "/v1/billing/invoices", READ),
    rule("POST", "/v1/billing/portal-session", WRITE),
    rule("POST", "/v1/billing/gifts/redeem", WRITE),
    rule("POST", "/v1/billing/subscription/pause", WRITE),
    rule("GET", "/v1/billing/overview", READ),
    rule("GET", "/v1/billing/credits", READ),
];

const fn rule(method: &'static str, path: &'static str, access: Access) -> Rule {
    Rule { method, path, access }
}

/// The permission for `method` on the route mounted at `pattern`. HEAD is GET without a body.
pub fn access(method: &Method, pattern: &str) -> Option<Access> {
    let method = if *method == Method::HEAD { "GET" } else { method.as_str() };
    RULES.iter().find(|rule| rule.method == method && rule.path == pattern).map(|rule| rule.access)
}
