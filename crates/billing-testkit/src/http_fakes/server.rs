//! A small server on its own thread.

use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc;
use std::task::{Context, Poll};
use std::thread::JoinHandle;

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use tokio::sync::watch;

/// A request, as far as fakes need it.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: String,
    /// Without the query.
    pub(super) path: String,
    /// Without the question mark.
    pub(super) query: String,
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// A response.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
    /// Whether the connection breaks during the body.
    pub(super) cut: bool,
}

/// Handles requests; called on the server's thread.
pub(super) trait Answers: Send + Sync + 'static {
    /// The response to one request.
    fn answer(&self, request: Request) -> Answer;
}

/// A running server. It stops when dropped.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    /// Whether responses are sent.
    answering: watch::Sender<bool>,
}

impl Server {
    /// Serves `answers` on a free port of 127.0.0.1.
    #[expect(clippy::expect_used, reason = "a test without its fake may fail loudly")]
    pub(super) fn start(answers: Arc<dyn Answers>) -> Self {
        // Bound before the thread starts, so that no request can be too early.
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port on 127.0.0.1");
        let address = listener.local_addr().expect("the address that was just bound");
        let (started, starting) = mpsc::channel();
        let (answering, gate) = watch::channel(true);
        let thread = std::thread::spawn(move || {
            let system = actix_web::rt::System::new();
            system.block_on(async move {
                let answers = web::Data::from(answers);
                let gate = web::Data::new(gate);
                let app = move || {
                    let app = App::new().app_data(answers.clone()).app_data(gate.clone());
                    app.default_service(web::to(serve))
                };
                let server = HttpServer::new(app).workers(1).disable_signals();
                let server = server.listen(listener).expect("a listener that listens").run();
                started.send(server.handle()).expect("somebody who waits for the server");
                // Later calls fail, so the result needs no check.
                drop(server.await);
            });
        });
        let handle = starting.recv().expect("a server that started");
        Self { address, handle, thread: Some(thread), answering }
    }

    /// The base URL, such as `http://127.0.0.1:40123`.
    pub(super) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sets whether responses are sent. Others are held back.
    pub(super) fn set_answering(&self, answering: bool) {
        self.answering.send_replace(answering);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.set_answering(true);
        // The order to stop is given by the call; its future only waits, as the thread's end does.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            // A panic over there has been printed already, and one in `drop` would abort.
            drop(thread.join());
        }
    }
}

impl Request {
    /// The value of a header; `name` in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

async fn serve(
    answers: web::Data<dyn Answers>,
    gate: web::Data<watch::Receiver<bool>>,
    request: HttpRequest,
    body: Bytes,
) -> HttpResponse {
    let headers = request.headers().iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let answer = answers.answer(Request {
        method: request.method().to_string(),
        path: request.path().to_owned(),
        query: request.query_string().to_owned(),
        headers: headers.collect(),
        body: body.to_vec(),
    });
    let mut gate = watch::Receiver::clone(&gate);
    // Fails only if the sender is gone, and then no response is waiting.
    drop(gate.wait_for(|open| *open).await);
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    response.content_type("application/json");
    for (name, value) in answer.headers {
        response.insert_header((name, value));
    }
    if answer.cut { response.body(CutBody::of(answer.body)) } else { response.body(answer.body) }
}

/// A body that announces a whole text and breaks off after half of it.
struct CutBody {
    promised: usize,
    half: Option<Bytes>,
    /// Whether the half was sent.
    flushed: bool,
}

impl CutBody {
    fn of(text: String) -> Self {
        let promised = text.len();
        let half = Bytes::from(text).slice(..promised.div_euclid(2));
        Self { promised, half: Some(half), flushed: false }
    }
}

impl MessageBody for CutBody {
    type Error = std::io::Error;

    fn size(&self) -> BodySize {
        u64::try_from(self.promised).map_or(BodySize::Stream, BodySize::Sized)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, std::io::Error>>> {
        if let Some(half) = self.half.take() {
            return Poll::Ready(Some(Ok(half)));
        }
        // The server sends what it has when there is nothing more for the moment.
        if !std::mem::replace(&mut self.flushed, true) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(std::io::Error::other("cut on purpose"))))
    }
}
