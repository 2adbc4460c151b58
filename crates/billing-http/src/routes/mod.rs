//! All routes.

pub(crate) mod accounts;
pub(crate) mod admin_catalog;
pub(crate) mod admin_checkin;
pub(crate) mod admin_coupons;
pub(crate) mod admin_credits;
pub(crate) mod admin_gifts;
pub(crate) mod admin_import;
pub(crate) mod admin_ledger;
pub(crate) mod admin_rates;
pub(crate) mod admin_sales;
pub(crate) mod admin_webhooks;
pub(crate) mod checkin;
pub(crate) mod coupons;
pub(crate) mod credits;
pub(crate) mod external;
pub(crate) mod gifts;
pub(crate) mod health;
pub(crate) mod holds;
pub(crate) mod orders;
pub(crate) mod overview;
pub(crate) mod payment;
pub(crate) mod plans;
pub(crate) mod proof;
pub(crate) mod quote;
pub(crate) mod reports;
mod resource;
pub(crate) mod spending;
pub(crate) mod subscription;
pub(crate) mod usages;

use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, ServiceConfig};

use crate::Api;
use crate::problem::{Problem, render_problems};
use resource::at;

/// Mounts every route. Mount it last: it also answers unknown paths.
pub fn routes(api: Data<Api>) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        let scope = web::scope("")
            .app_data(api)
            .wrap(from_fn(render_problems))
            .service(at("/").get(health::welcome).done())
            .service(at("/healthz").get(health::healthz).done())
            .service(at("/readyz").get(health::readyz).done())
            .service(at("/metrics").get(health::metrics).done())
            .service(at("/openapi.json").get(health::openapi).done())
            .service(at("/credits/balance").get(credits::balance).done())
            .service(at("/credits/transactions").get(credits::transactions).done())
            .service(at("/credits/transactions/{id}").get(reports::explain).done())
            .service(at("/credits/usage").get(reports::usage).done())
            .service(at("/credits/forecast").get(reports::forecast).done())
            .service(at("/credits/consume").post(spending::consume).done())
            .service(at("/credits/consume/batch").post(spending::consume_many).done())
            .service(at("/credits/check").post(spending::check).done())
            .service(at("/credits/grants").get(reports::grants).post(spending::give).done())
            .service(at("/credits/transactions/{id}/reverse").post(spending::reverse).done())
            .service(at("/credits/quote").post(quote::quote).done())
            .service(at("/credits/proof").get(proof::proof).done())
            .service(at("/credits/proof/history").get(proof::history).done())
            .service(at("/credits/packs").get(plans::packs).done())
            .service(at("/orders").get(orders::list).done())
            .service(at("/orders/{id}").get(orders::show).done())
            .service(at("/orders/{id}/cancel").post(orders::cancel).done())
            .service(at("/orders/{id}/refresh").post(orders::refresh).done())
            .service(at("/invoices").get(overview::list_invoices).done())
            .service(at("/invoices/upcoming").get(overview::upcoming_invoice).done())
            .service(at("/subscription/plans").get(plans::plans).done())
            .service(at("/subscription").get(subscription::show).done())
            .service(at("/subscription/cancel").post(subscription::cancel).done())
            .service(at("/subscription/change").post(subscription::change).done())
            .service(at("/subscription/pause").post(subscription::pause).done())
            .service(at("/subscription/resume").post(subscription::resume).done())
            .service(at("/subscription/portal").post(subscription::portal).done())
            .service(at("/checkin").get(checkin::state).post(checkin::check_in).done())
            .service(at("/coupons/validate").post(coupons::validate).done())
            .service(at("/coupons/redeem").post(coupons::redeem).done())
            .service(at("/gifts").get(gifts::list).done())
            .service(at("/gifts/redeem").post(gifts::redeem).done())
            .service(at("/payment/create-session").post(payment::create_session).done())
            .service(at("/payment/webhook/{provider}").post(payment::webhook).done())
            .service(at("/accounts/{external_id}").get(accounts::show).put(accounts::put).done())
            .service(
                at("/admin/billing/plans")
                    .get(admin_catalog::list_plans)
                    .post(admin_catalog::create_plan)
                    .done(),
            )
            .service(at("/admin/billing/plans/{id}").put(admin_catalog::update_plan).done())
            .service(
                at("/admin/billing/packs")
                    .get(admin_catalog::list_packs)
                    .post(admin_catalog::create_pack)
                    .done(),
            )
            .service(at("/admin/billing/packs/{id}").put(admin_catalog::update_pack).done())
            .service(at("/admin/billing/orders").get(admin_sales::orders).done())
            .service(at("/admin/billing/orders/{id}/refund").post(admin_sales::refund_order).done())
            .service(at("/admin/billing/payments").get(admin_sales::payments).done())
            .service(at("/admin/billing/payments/{id}/refund").post(admin_sales::refund_payment).done())
            .service(
                at("/admin/billing/subscriptions")
                    .get(admin_sales::subscriptions)
                    .post(admin_gifts::give)
                    .done(),
            )
            .service(at("/admin/billing/subscriptions/{id}/cancel").post(admin_gifts::end).done())
            .service(at("/admin/billing/gifts").get(admin_gifts::gifts).done())
            .service(at("/admin/billing/coupons").get(admin_coupons::list).post(admin_coupons::create).done())
            .service(at("/admin/billing/coupons/{id}").put(admin_coupons::update).done())
            .service(at("/admin/billing/rate-cards").get(admin_rates::list).post(admin_rates::create).done())
            .service(
                at("/admin/billing/rate-cards/{slug}").get(admin_rates::show).put(admin_rates::change).done(),
            )
            .service(at("/admin/billing/rate-cards/{slug}/versions").get(admin_rates::versions).done())
            .service(
                at("/admin/billing/rate-cards/{slug}/versions/{version}").get(admin_rates::version).done(),
            )
            .service(at("/admin/webhooks").get(admin_webhooks::list).done())
            .service(at("/admin/credits/transactions").get(admin_credits::transactions).done())
            .service(at("/admin/credits/manual").post(admin_credits::manual).done())
            .service(at("/admin/credits/grants/{id}/void").post(admin_credits::void_grant).done())
            .service(at("/admin/credits/grants/{id}/extend").post(admin_credits::extend_grant).done())
            .service(at("/admin/ledger/verify").post(admin_ledger::verify).done())
            .service(at("/admin/accounts/{external_id}/unfreeze").post(admin_ledger::unfreeze).done())
            .service(at("/admin/accounts/{external_id}/erase").post(admin_ledger::erase).done())
            .service(at("/admin/credits/import").post(admin_import::import).done())
            .service(at("/admin/checkin/config").get(admin_checkin::show).put(admin_checkin::put).done())
            .configure(holds_and_usage)
            .configure(read_views)
            .default_service(web::to(nothing_here));
        config.service(scope);
    }
}

/// Holds and usage.
fn holds_and_usage(config: &mut ServiceConfig) {
    config
        .service(at("/credits/holds").get(reports::holds).post(holds::place).done())
        .service(at("/credits/holds/{id}").get(holds::show).done())
        .service(at("/credits/holds/{id}/captures").get(holds::captures).done())
        .service(at("/credits/usages").get(usages::list).done())
        .service(at("/credits/usages/export").get(usages::export).done())
        .service(at("/credits/usages/{id}/reverse").post(spending::reverse_usage).done())
        .service(at("/credits/holds/{id}/capture").post(holds::capture).done())
        .service(at("/credits/holds/{id}/release").post(holds::release).done())
        .service(at("/credits/holds/{id}/extend").post(holds::extend).done());
}

/// The read views of the documents and related routes.
fn read_views(config: &mut ServiceConfig) {
    config
        .service(at("/api/external/v2/billing/summary").get(external::summary).done())
        .service(at("/api/external/v2/billing/credits/balance").get(external::credits).done())
        .service(at("/v1/billing/summary").get(overview::summary).done())
        .service(at("/v1/billing/subscription/pause").post(subscription::pause_as_b).done())
        .service(at("/v1/billing/portal-session").post(subscription::portal_session).done())
        .service(at("/v1/billing/gifts/redeem").post(gifts::redeem_neighbour).done())
        .service(at("/v1/billing/invoices").get(overview::invoices).done())
        .service(at("/v1/billing/overview").get(overview::overview).done())
        .service(at("/v1/billing/credits").get(overview::credits).done());
}

async fn nothing_here() -> Result<actix_web::HttpResponse, Problem> {
    Err(Problem::new("not_found", "there is nothing at this address"))
}
