//! The service over HTTP: the real binary, persistent connections.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, bail, ensure};
use async_trait::async_trait;
use billing_core::ports::IdSource;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::http::request::Builder;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use url::Url;
use uuid::Uuid;

use super::Ids;
use crate::contender::{Contender, Spend};
use crate::stage::external_id;

/// One connection per caller.
pub(crate) struct Http {
    connections: Connections,
}

/// Spends in batches of the maximum size of a request.
pub(crate) struct Batches {
    connections: Connections,
    /// The unique prefix of its keys.
    name: Uuid,
    /// The number of requests.
    requests: AtomicU64,
}

/// Reads balances, or any other path.
pub(crate) struct Reader {
    connections: Connections,
    path: String,
}

/// A connection to the service per caller.
pub(super) struct Connections {
    host: HeaderValue,
    key: HeaderValue,
    open: Vec<Mutex<SendRequest<Full<Bytes>>>>,
}

/// The fields of a batch's answer.
#[derive(Deserialize)]
struct BatchAnswer {
    data: Succeeded,
}

#[derive(Deserialize)]
struct Succeeded {
    succeeded: u64,
}

impl Connections {
    pub(super) async fn open(url: &str, key: &str, callers: usize) -> Result<Self> {
        let url = Url::parse(url)?;
        let host = format!("{}:{}", url.host_str().context("no host")?, url.port().context("no port")?);
        let mut open = Vec::with_capacity(callers);
        for _ in 0..callers {
            let stream = TcpStream::connect(&host).await?;
            stream.set_nodelay(true)?;
            let (sender, connection) = handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            open.push(Mutex::new(sender));
        }
        let key = HeaderValue::try_from(format!("Bearer {key}"))?;
        Ok(Self { host: HeaderValue::try_from(host)?, key, open })
    }

    /// Starts a request with the key.
    fn request(&self) -> Builder {
        Request::builder().header(HOST, self.host.clone()).header(AUTHORIZATION, self.key.clone())
    }

    /// Sends `body`, as JSON, to `path` under an idempotency key.
    pub(super) async fn post(
        &self,
        caller: usize,
        path: &str,
        key: &str,
        body: String,
    ) -> Result<(StatusCode, Bytes)> {
        let request = self
            .request()
            .method(Method::POST)
            .uri(path)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(HeaderName::from_static("idempotency-key"), key)
            .body(Full::new(body.into()))?;
        self.send(caller, request).await
    }

    pub(super) async fn get(&self, caller: usize, path: String) -> Result<(StatusCode, Bytes)> {
        let request = self.request().uri(path).body(Full::default())?;
        self.send(caller, request).await
    }

    async fn send(&self, caller: usize, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes)> {
        let mut sender = self.open.get(caller).context("no connection")?.lock().await;
        sender.ready().await?;
        let answer = sender.send_request(request).await?;
        let status = answer.status();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }
}

impl Http {
    pub(crate) async fn connect(url: &str, key: &str, callers: usize) -> Result<Self> {
        Ok(Self { connections: Connections::open(url, key, callers).await? })
    }
}

#[async_trait]
impl Contender for Http {
    async fn spend(&self, spend: Spend) -> Result<bool> {
        let account = external_id(spend.account);
        let body = format!(r#"{{"account_id":"{account}","amount":{},"type":"ai_usage"}}"#, spend.amount);
        let key = format!("{:032x}", spend.unique);
        match self.connections.post(spend.caller, "/credits/consume", &key, body).await? {
            (StatusCode::OK, _) => Ok(true),
            (StatusCode::PAYMENT_REQUIRED, _) => Ok(false),
            (status, body) => bail!("a spend ended as {status}: {}", String::from_utf8_lossy(&body)),
        }
    }
}

impl Batches {
    /// The spends of a request.
    pub(crate) const SPENDS: u64 = 1000;

    pub(crate) async fn connect(url: &str, key: &str, callers: usize) -> Result<Self> {
        let connections = Connections::open(url, key, callers).await?;
        Ok(Self { connections, name: Ids.next_uuid(), requests: AtomicU64::default() })
    }

    /// Takes one credit from each of the first [`SPENDS`](Self::SPENDS) accounts of `places`.
    pub(crate) async fn spend(&self, caller: usize, places: impl Iterator<Item = usize>) -> Result<()> {
        let mut body = r#"{"items":["#.to_owned();
        for (number, place) in (0..Self::SPENDS).zip(places) {
            let comma = if number == 0 { "" } else { "," };
            let account = external_id(place);
            write!(body, r#"{comma}{{"account_id":"{account}","amount":1,"type":"ai_usage"}}"#)?;
        }
        body.push_str("]}");
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let key = format!("{}-{number}", self.name);
        let (status, body) = self.connections.post(caller, "/credits/consume/batch", &key, body).await?;
        let all_done = status == StatusCode::OK
            && serde_json::from_slice::<BatchAnswer>(&body)?.data.succeeded == Self::SPENDS;
        ensure!(all_done, "a batch ended as {status}: {}", String::from_utf8_lossy(&body));
        Ok(())
    }
}

impl Reader {
    /// Reads `path` with the account in its query.
    pub(crate) async fn connect(url: &str, path: &str, key: &str, callers: usize) -> Result<Self> {
        let connections = Connections::open(url, key, callers).await?;
        Ok(Self { connections, path: path.to_owned() })
    }

    pub(crate) async fn read(&self, caller: usize, account: usize) -> Result<()> {
        let path = format!("{}?account_id={}", self.path, external_id(account));
        match self.connections.get(caller, path).await? {
            (StatusCode::OK, _) => Ok(()),
            (status, body) => bail!("a read ended as {status}: {}", String::from_utf8_lossy(&body)),
        }
    }
}
