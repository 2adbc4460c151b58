//! A proxy to Postgres that simulates network faults.

#![expect(clippy::unwrap_used, reason = "a test without its line has to fail loudly")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::JoinHandle;
use url::Url;

/// A proxy to a Postgres server that can be slow, and whose open connections can go silent: bytes are dropped without
/// an error. It ends when it is dropped.
pub struct Line {
    url: String,
    silenced: Arc<AtomicU64>,
    opened: Arc<AtomicU64>,
    listener: JoinHandle<()>,
}

/// One direction of a connection.
#[derive(Clone)]
struct Way {
    number: u64,
    /// Connections with lower numbers are silent.
    silenced: Arc<AtomicU64>,
    delay: Duration,
}

impl Line {
    /// A proxy to the server at `url` without faults.
    ///
    /// # Panics
    ///
    /// If it cannot be opened.
    pub async fn to(url: &str) -> Self {
        Self::slow(url, Duration::ZERO).await
    }

    /// A proxy that delays everything by `delay` in each direction.
    ///
    /// # Panics
    ///
    /// If it cannot be opened.
    pub async fn slow(url: &str, delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (silenced, opened) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let server = Server::of(url);
        let (own_silenced, own_opened) = (silenced.clone(), opened.clone());
        let listener = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let number = own_opened.fetch_add(1, Ordering::SeqCst);
                let way = Way { number, silenced: own_silenced.clone(), delay };
                match &server {
                    Server::Socket(path) => carry(client, UnixStream::connect(path).await.unwrap(), way),
                    Server::Address(address) => {
                        carry(client, TcpStream::connect(address).await.unwrap(), way);
                    }
                }
            }
        });
        Self { url: by_way_of(url, port), silenced, opened, listener }
    }

    /// The database's URL through this proxy.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on every open connection drops all bytes. New ones work.
    pub fn silence_open_connections(&self) {
        self.silenced.store(self.opened.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    /// From now on all connections drop all bytes, including new ones.
    pub fn silence(&self) {
        self.silenced.store(u64::MAX, Ordering::SeqCst);
    }

    /// New connections work again.
    pub fn restore(&self) {
        self.silence_open_connections();
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

fn by_way_of(url: &str, port: u16) -> String {
    let server = Url::parse(url).unwrap();
    let user = query(&server, "user").unwrap_or_else(|| server.username().to_owned());
    let mut line =
        Url::parse(&format!("postgres://127.0.0.1:{port}{}?sslmode=disable", server.path())).unwrap();
    line.set_username(&user).unwrap();
    line.set_password(server.password()).unwrap();
    line.to_string()
}

/// The address of the Postgres server.
enum Server {
    Socket(String),
    Address(String),
}

impl Server {
    fn of(url: &str) -> Self {
        let url = Url::parse(url).unwrap();
        let host = query(&url, "host").or_else(|| url.host_str().map(str::to_owned)).unwrap();
        let port = query(&url, "port").and_then(|port| port.parse().ok()).or(url.port()).unwrap_or(5432);
        if host.starts_with('/') {
            Self::Socket(format!("{host}/.s.PGSQL.{port}"))
        } else {
            Self::Address(format!("{host}:{port}"))
        }
    }
}

fn query(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(other, _)| other == name).map(|(_, value)| value.into_owned())
}

/// Copies bytes in both directions.
fn carry<S: AsyncRead + AsyncWrite + Send + 'static>(client: TcpStream, server: S, way: Way) {
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = tokio::io::split(server);
    tokio::spawn(way.clone().go(from_client, to_server));
    tokio::spawn(way.go(from_server, to_client));
}

impl Way {
    async fn go(self, mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) {
        let mut bytes = vec![0; 16 * 1024];
        while let Ok(count @ 1..) = from.read(&mut bytes).await {
            tokio::time::sleep(self.delay).await;
            if self.is_silent() {
                continue;
            }
            if to.write_all(&bytes[..count]).await.is_err() {
                break;
            }
        }
        // A silent connection does not report its end either.
        if self.is_silent() {
            std::future::pending::<()>().await;
        }
    }

    fn is_silent(&self) -> bool {
        self.number < self.silenced.load(Ordering::SeqCst)
    }
}
