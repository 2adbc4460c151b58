//! The sandbox's pages: the checkout, and the simulation of later events.

mod checkout;
mod purchase;

use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, LOCATION, X_CONTENT_TYPE_OPTIONS};
use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::Template;

use crate::Sandbox;

/// Mounts the pages under `/sandbox`.
pub fn pages(sandbox: Arc<Sandbox>) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        config.service(web::resource("/sandbox/style.css").get(style));
        let checkout = web::scope("/sandbox/checkout/{token}")
            .app_data(Data::from(sandbox.clone()))
            .service(web::resource("").get(checkout::show))
            .service(web::resource("/pay").get(checkout::back).post(checkout::pay))
            .service(web::resource("/pay_and_stay").get(checkout::back).post(checkout::pay_and_stay))
            .service(web::resource("/decline").get(checkout::back).post(checkout::decline));
        let purchase = web::scope("/sandbox/purchase/{token}")
            .app_data(Data::from(sandbox))
            .service(web::resource("").get(purchase::show))
            .service(web::resource("/{happening}").get(purchase::back).post(purchase::happens));
        config.service(checkout).service(purchase);
    }
}

#[derive(Template)]
#[template(path = "gone.html")]
struct GonePage;

/// A separate file, so that the content security policy need not allow inline styles.
async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(include_str!("../../templates/style.css"))
}

fn see_other(location: String) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, location)).finish()
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
