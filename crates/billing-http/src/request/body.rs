//! JSON bodies.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use billing_core::values::Fingerprint;
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::json;
use crate::problem::Problem;

/// A JSON body of up to `MOST` bytes, and its fingerprint: bodies that differ only in white space or in the order of
/// their fields have the same.
pub(crate) struct Body<T, const MOST: usize = LARGEST> {
    pub(crate) value: T,
    pub(crate) fingerprint: Fingerprint,
}

/// The default maximum size of a body.
const LARGEST: usize = 64 * 1024;
/// The limit for receiving a body. The framework has none, and would wait for the body at shutdown.
const SLOWEST: Duration = Duration::from_secs(15);

impl<T: DeserializeOwned + 'static, const MOST: usize> FromRequest for Body<T, MOST> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            check_content_type(&request)?;
            Self::of(&request, json::parse(&raw_body(payload, MOST).await?)?)
        })
    }
}

impl<T: DeserializeOwned, const MOST: usize> Body<T, MOST> {
    fn of(request: &HttpRequest, value: Value) -> Result<Self, Problem> {
        let fingerprint = Fingerprint::of([
            request.method().as_str().as_bytes(),
            // The path is included: the same body for another hold is another request.
            request.path().as_bytes(),
            json::canonical(&value).as_slice(),
        ]);
        Ok(Self { value: json::read(value)?, fingerprint })
    }
}

/// An optional JSON body; a missing one counts as an empty object.
pub(crate) struct OptionalBody<T>(pub(crate) Body<T>);

impl<T: DeserializeOwned + 'static> FromRequest for OptionalBody<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let bytes = raw_body(payload, LARGEST).await?;
            if bytes.is_empty() {
                return Body::of(&request, Value::Object(Map::new())).map(Self);
            }
            check_content_type(&request)?;
            Body::of(&request, json::parse(&bytes)?).map(Self)
        })
    }
}

fn check_content_type(request: &HttpRequest) -> Result<(), Problem> {
    if request.content_type().eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Problem::new("unsupported_media_type", "send the body as application/json"))
}

/// The whole body, if it arrives in time and is not larger than `largest`.
pub(crate) async fn raw_body(payload: Payload, largest: usize) -> Result<Bytes, Problem> {
    raw_body_within(SLOWEST, payload, largest).await
}

async fn raw_body_within(deadline: Duration, mut payload: Payload, largest: usize) -> Result<Bytes, Problem> {
    let read = async {
        let mut body = Vec::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|problem| Problem::new("invalid_request", problem.to_string()))?;
            if body.len().saturating_add(chunk.len()) > largest {
                return Err(Problem::new(
                    "body_too_large",
                    format!("the body may have {largest} bytes at most"),
                ));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Bytes::from(body))
    };
    let mut read = pin!(read);
    if let Some(body) = at_second_look(read.as_mut()).await {
        return body;
    }
    let in_time = actix_web::rt::time::timeout(deadline, read).await;
    in_time.unwrap_or_else(|_| Err(Problem::new("body_timeout", "the body took too long to arrive")))
}

/// The result of `future`, if it is ready at the first or second poll. The framework delivers a body that arrived with
/// its head at the second poll: such a body needs no timer.
async fn at_second_look<T>(mut future: Pin<&mut impl Future<Output = T>>) -> Option<T> {
    let mut looked = false;
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending if looked => Poll::Ready(None),
        Poll::Pending => {
            looked = true;
            context.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use actix_web::error::PayloadError;
    use futures_util::{Stream, stream};

    use super::*;

    fn payload(chunks: impl Stream<Item = Result<Bytes, PayloadError>> + 'static) -> Payload {
        Payload::Stream { payload: Box::pin(chunks) }
    }

    #[actix_web::test]
    async fn a_body_that_stops_halfway_is_given_up() {
        let stalled = stream::iter([Ok(Bytes::from_static(b"{"))]).chain(stream::pending());
        let problem = raw_body_within(Duration::ZERO, payload(stalled), LARGEST).await.unwrap_err();
        assert_eq!(problem.code, "body_timeout");
    }

    #[actix_web::test]
    async fn a_body_without_an_end_is_cut_off_at_the_limit() {
        let endless = stream::repeat_with(|| Ok(Bytes::from_static(b"    ")));
        let problem = raw_body(payload(endless), LARGEST).await.unwrap_err();
        assert_eq!(problem.code, "body_too_large");
    }

    #[actix_web::test]
    async fn a_body_that_breaks_off_is_the_senders_mistake() {
        let broken = stream::iter([Ok(Bytes::from_static(b"{")), Err(PayloadError::Incomplete(None))]);
        let problem = raw_body(payload(broken), LARGEST).await.unwrap_err();
        assert_eq!(problem.code, "invalid_request");
    }
}
