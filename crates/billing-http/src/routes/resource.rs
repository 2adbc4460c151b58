//! One address and the methods that it takes.

use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, web};

use crate::problem::Problem;

/// An address that is being described.
pub(super) struct Address {
    resource: Resource,
    methods: Vec<&'static str>,
}

/// Begins with an address that takes nothing yet.
pub(super) fn at(path: &str) -> Address {
    Address { resource: web::resource(path), methods: Vec::new() }
}

impl Address {
    /// Takes GET, and HEAD, which is GET without the body (RFC 9110 §9.1 asks for both).
    pub(super) fn get<F, Args>(mut self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.resource = self.resource.route(web::get().to(handler.clone())).route(web::head().to(handler));
        self.methods.extend(["GET", "HEAD"]);
        self
    }

    /// Takes POST.
    pub(super) fn post<F, Args>(mut self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.resource = self.resource.route(web::post().to(handler));
        self.methods.push("POST");
        self
    }

    /// Takes PUT.
    pub(super) fn put<F, Args>(mut self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.resource = self.resource.route(web::put().to(handler));
        self.methods.push("PUT");
        self
    }

    /// The finished address. OPTIONS tells its methods, any other method is answered 405 with them.
    pub(super) fn done(mut self) -> Resource {
        self.methods.push("OPTIONS");
        let allow = self.methods.join(", ");
        self.resource.default_service(web::to(move |request: HttpRequest| {
            let allow = allow.clone();
            async move {
                if request.method() == Method::OPTIONS {
                    Ok(HttpResponse::NoContent().insert_header((ALLOW, allow)).finish())
                } else {
                    Err(Problem::method_not_allowed(&allow))
                }
            }
        }))
    }
}
