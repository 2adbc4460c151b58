//! Ours over HTTP: the real binary, connections that stay open.

use anyhow::{Context, Result, bail};
use async_trait::async_trait;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use url::Url;

use crate::contender::{Contender, Spend};
use crate::stage::external_id;

/// One connection per caller.
pub(crate) struct Http {
    connections: Connections,
    key: String,
}

/// Asks for balances, or for whatever else is at an address.
pub(crate) struct Reader {
    connections: Connections,
    path: String,
    key: String,
}

struct Connections {
    host: String,
    open: Vec<Mutex<SendRequest<Full<Bytes>>>>,
}

impl Connections {
    async fn open(url: &str, callers: usize) -> Result<Self> {
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
        Ok(Self { host, open })
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
        Ok(Self { connections: Connections::open(url, callers).await?, key: format!("Bearer {key}") })
    }
}

#[async_trait]
impl Contender for Http {
    async fn spend(&self, spend: Spend) -> Result<bool> {
        let account = external_id(spend.account);
        let body = format!(r#"{{"account_id":"{account}","amount":{},"type":"ai_usage"}}"#, spend.amount);
        let request = Request::builder()
            .method(Method::POST)
            .uri("/credits/consume")
            .header("host", &self.connections.host)
            .header("authorization", &self.key)
            .header("content-type", "application/json")
            .header("idempotency-key", format!("{:032x}", spend.unique))
            .body(Full::new(body.into()))?;
        match self.connections.send(spend.caller, request).await? {
            (StatusCode::OK, _) => Ok(true),
            (StatusCode::PAYMENT_REQUIRED, _) => Ok(false),
            (status, body) => bail!("a spend ended as {status}: {}", String::from_utf8_lossy(&body)),
        }
    }
}

impl Reader {
    /// Asks for `path` with the account in its query.
    pub(crate) async fn connect(url: &str, path: &str, key: &str, callers: usize) -> Result<Self> {
        let connections = Connections::open(url, callers).await?;
        Ok(Self { connections, path: path.to_owned(), key: format!("Bearer {key}") })
    }

    pub(crate) async fn read(&self, caller: usize, account: usize) -> Result<()> {
        let request = Request::builder()
            .uri(format!("{}?account_id={}", self.path, external_id(account)))
            .header("host", &self.connections.host)
            .header("authorization", &self.key)
            .body(Full::default())?;
        match self.connections.send(caller, request).await? {
            (StatusCode::OK, _) => Ok(()),
            (status, body) => bail!("a read ended as {status}: {}", String::from_utf8_lossy(&body)),
        }
    }
}
