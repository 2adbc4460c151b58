//! The root span of a request in traces.

use actix_web::Error;
use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Version;
use actix_web::http::header::USER_AGENT;
use actix_web::http::uri::PathAndQuery;
use tracing::Span;
use tracing::field::Empty;
use tracing_actix_web::{DefaultRootSpanBuilder, RequestId, RootSpanBuilder};

/// The library's own span, with the same name, target and fields, which are computed only if a subscriber is
/// interested. The library's builder walks all routes and parses the request's addresses before it checks, and by
/// default there is no subscriber.
pub(crate) struct RootSpan;

impl RootSpanBuilder for RootSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        tracing::info_span!(
            target: "tracing_actix_web::root_span_builder",
            "HTTP request",
            http.method = %request.method(),
            http.route = %route(request),
            http.flavor = %flavor(request.version()),
            http.scheme = %request.connection_info().scheme(),
            http.host = %request.connection_info().host(),
            http.client_ip = %request.connection_info().realip_remote_addr().unwrap_or_default(),
            http.user_agent = %user_agent(request),
            http.target = %request.uri().path_and_query().map(PathAndQuery::as_str).unwrap_or_default(),
            http.status_code = Empty,
            otel.name = %format!("{} {}", request.method(), route(request)),
            otel.kind = "server",
            otel.status_code = Empty,
            trace_id = Empty,
            request_id = %request_id(request),
            exception.message = Empty,
            exception.details = Empty,
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        if !span.is_disabled() {
            DefaultRootSpanBuilder::on_request_end(span, outcome);
        }
    }
}

fn route(request: &ServiceRequest) -> String {
    request.match_pattern().unwrap_or_else(|| "default".to_owned())
}

fn flavor(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "0.9",
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2.0",
        Version::HTTP_3 => "3.0",
        _ => "1.1",
    }
}

fn user_agent(request: &ServiceRequest) -> &str {
    request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default()
}

fn request_id(request: &ServiceRequest) -> String {
    request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use actix_web::test::TestRequest;
    use tracing_actix_web::root_span_macro::private::generate_request_id;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The line that is logged within the span of a request.
    fn logged<B: RootSpanBuilder>(request: &ServiceRequest) -> String {
        let written = Written::default();
        let writer = written.clone();
        let logs = tracing_subscriber::fmt().with_writer(move || writer.clone()).without_time();
        tracing::subscriber::with_default(logs.with_ansi(false).finish(), || {
            B::on_request_start(request).in_scope(|| tracing::info!("done"));
        });
        String::from_utf8(written.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn it_says_what_the_librarys_own_says() {
        let request = TestRequest::post().uri("/credits/consume?a=b").insert_header((USER_AGENT, "curl"));
        let request = request.to_srv_request();
        request.extensions_mut().insert(generate_request_id());
        let ours = logged::<RootSpan>(&request);
        assert!(ours.contains("http.target=/credits/consume?a=b"), "{ours}");
        assert_eq!(ours, logged::<DefaultRootSpanBuilder>(&request));
    }
}
