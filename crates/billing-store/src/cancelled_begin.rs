//! What becomes of an acknowledged write after somebody walked away from another one in the middle of its
//! BEGIN. The driver is why [`unit_of_work::write`](crate::unit_of_work::write) shields; here is the proof
//! that it has to, and that it does.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::time::Duration;

use billing_core::ports::CommitError;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use url::Url;

use crate::home::Home;
use crate::testing::TestDatabase;
use crate::unit_of_work::{Work, write, write_unshielded};

/// Far longer than a local round trip.
const ONE_WAY: Duration = Duration::from_millis(15);
/// After how many of them somebody walks away: while a connection is being had, while the BEGIN is on its
/// way, while its answer is, and later.
const MOMENTS: std::ops::Range<u32> = 1..8;

#[tokio::test(flavor = "multi_thread")]
async fn with_the_shield_every_acknowledged_write_stays() {
    assert_eq!(lost_writes(true).await, 0);
}

/// Should this fail after an update of the driver, the shield may have become unnecessary.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_shield_acknowledged_writes_are_lost() {
    assert!(lost_writes(false).await > 0);
}

/// Walks away from a write at several moments of its beginning; each time writes a row by itself on the same
/// pool and is told that it was written. Answers how many of those rows no other session sees.
async fn lost_writes(shielded: bool) -> i64 {
    let database = TestDatabase::postgres().await;
    let slow = through_a_slow_line(database.url()).await;
    let other = open(database.url()).await;
    other.execute_unprepared("CREATE TABLE notes (text text NOT NULL)").await.unwrap();
    let mut acknowledged = 0;
    for moment in MOMENTS {
        let pool = open(&slow).await;
        let cancelled = async {
            let work: Work<(), CommitError> = Box::new(|_| {
                Box::pin(async {
                    tokio::time::sleep(ONE_WAY * 10).await;
                    Ok(())
                })
            });
            if shielded {
                write(&Home::here(pool.clone()), work).await
            } else {
                write_unshielded(&pool, work).await
            }
        };
        let walked_away = tokio::time::timeout(ONE_WAY * moment, cancelled).await.is_err();
        assert!(walked_away, "the line was not slow enough");
        let written = pool.execute_unprepared("INSERT INTO notes VALUES ('kept?')").await.unwrap();
        acknowledged += i64::try_from(written.rows_affected()).unwrap();
    }
    let count = Statement::from_string(other.get_database_backend(), "SELECT count(*) AS n FROM notes");
    let seen: i64 = other.query_one_raw(count).await.unwrap().unwrap().try_get("", "n").unwrap();
    other.close().await.unwrap();
    database.remove().await;
    acknowledged - seen
}

/// A pool of one connection, so that whoever comes next gets what the one before left.
async fn open(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false).test_before_acquire(false);
    Database::connect(options).await.unwrap()
}

/// A URL for the same database by way of a line on which everything takes [`ONE_WAY`].
async fn through_a_slow_line(url: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = Server::of(url);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            match &server {
                Server::Socket(path) => carry(client, UnixStream::connect(path).await.unwrap()),
                Server::Address(address) => carry(client, TcpStream::connect(address).await.unwrap()),
            }
        }
    });
    let mut slow = Url::parse(url).unwrap();
    let user = query(&slow, "user").unwrap_or_else(|| slow.username().to_owned());
    let (path, password) = (slow.path().to_owned(), slow.password().map(str::to_owned));
    slow = Url::parse(&format!("postgres://127.0.0.1:{port}{path}?sslmode=disable")).unwrap();
    slow.set_username(&user).unwrap();
    slow.set_password(password.as_deref()).unwrap();
    slow.to_string()
}

/// Where the Postgres server really is.
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

/// Carries bytes both ways, slowly.
fn carry<S>(client: TcpStream, server: S)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + 'static,
{
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = tokio::io::split(server);
    tokio::spawn(one_way(from_client, to_server));
    tokio::spawn(one_way(from_server, to_client));
}

async fn one_way<R, W>(mut from: R, mut to: W)
where
    R: tokio::io::AsyncRead + Unpin,
    W: tokio::io::AsyncWrite + Unpin,
{
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        tokio::time::sleep(ONE_WAY).await;
        if to.write_all(&bytes[..count]).await.is_err() {
            break;
        }
    }
}
