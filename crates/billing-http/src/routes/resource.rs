//! A path and its methods.

use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::middleware::{Next, from_fn};
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, web};

use crate::access::{Access, access};
use crate::auth::admit;
use crate::problem::Problem;

/// A path under construction.
pub(super) struct Address {
    path: &'static str,
    resource: Resource,
    methods: Vec<&'static str>,
}

/// Starts a path without methods.
pub(super) fn at(path: &'static str) -> Address {
    Address { path, resource: web::resource(path), methods: Vec::new() }
}

impl Address {
    /// Adds GET, and HEAD, which is GET without the body (RFC 9110 §9.1 requires both).
    pub(super) fn get<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.take(Method::GET, "GET", handler.clone()).take(Method::HEAD, "HEAD", handler)
    }

    /// Adds POST.
    pub(super) fn post<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.take(Method::POST, "POST", handler)
    }

    /// Adds PUT.
    pub(super) fn put<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.take(Method::PUT, "PUT", handler)
    }

    /// The finished path. OPTIONS returns its methods, and other methods get 405 with them.
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

    /// Adds one method with the permission of the access table. A route without an entry is not mounted, so a
    /// forgotten entry opens nothing.
    fn take<F, Args>(mut self, method: Method, name: &'static str, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let path = self.path;
        let Some(access) = access(&method, path) else { return self };
        let open = web::method(method).to(handler);
        let route = match access {
            // Webhooks, pages and probes ignore unknown parameters.
            Access::Public => open,
            Access::Scope(scope) => {
                open.wrap(from_fn(move |request: ServiceRequest, next: Next<BoxBody>| {
                    admit(scope, path, request, next)
                }))
            }
        };
        self.resource = self.resource.route(route);
        self.methods.push(name);
        self
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::{TestRequest, call_service, init_service};
    use actix_web::{App, http::StatusCode};

    use super::*;

    #[actix_web::test]
    async fn a_handler_that_is_not_in_the_access_table_cannot_be_called() {
        async fn secret() -> &'static str {
            "secret"
        }
        let forgotten = at("/forgotten").get(secret).post(secret).put(secret).done();
        let wrong_method = at("/healthz").put(secret).done();
        let app = init_service(App::new().service(forgotten).service(wrong_method)).await;
        for (method, path) in [
            (Method::GET, "/forgotten"),
            (Method::HEAD, "/forgotten"),
            (Method::POST, "/forgotten"),
            (Method::PUT, "/forgotten"),
            (Method::PUT, "/healthz"),
        ] {
            let request = TestRequest::default().method(method.clone()).uri(path).to_request();
            let answer = call_service(&app, request).await;
            assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        }
    }
}
