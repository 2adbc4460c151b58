//! Postgres: three pools, each with its own time limits.

use std::str::FromStr;
use std::time::Duration;

use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection};

use super::{Connections, Pools, diagnosis, quiet};
use crate::ConnectError;
use crate::pool::{CallGuard, RuntimeBoundPool};
use crate::retirement::{Peer, Retirement};

/// The limit for the response to the first connection.
const PROBE: Duration = Duration::from_secs(5);

/// The time limits of a pool. The server's are shorter, since they leave a connection usable; ours are for a server or
/// a network that does not respond.
struct Limits {
    acquire: Duration,
    call: Duration,
    /// The server's `statement_timeout`, in milliseconds.
    statement: &'static str,
    /// Its `lock_timeout`.
    lock: &'static str,
}

/// Few and short statements. A row lock that is held longer than by the postings of other processes is detected
/// quickly, so that the batch continues without its account.
const LEDGER: Limits =
    Limits { acquire: Duration::from_secs(2), call: Duration::from_secs(6), statement: "5000", lock: "150" };

/// Cold-path writes. A commit that meets a locked row releases its connection and retries.
const WRITES: Limits =
    Limits { acquire: Duration::from_secs(4), call: Duration::from_secs(9), statement: "8000", lock: "250" };

/// Lists and reports.
const READS: Limits = Limits { lock: "3000", ..WRITES };

/// Opens one pool for each kind of work. Retiring or suspecting connections affects all three: they share the network
/// and the server.
pub(super) async fn pools(url: &str, pools: Pools) -> Result<Connections, ConnectError> {
    let retirement = Retirement::of(Peer::Server);
    let ledger = open(url, pools.ledger, &LEDGER, &retirement).await?;
    let balances = open(url, pools.balances, &LEDGER, &retirement).await?;
    // Writes that wait for a lock must not block reads from getting a connection.
    let for_writing = pools.rest.div_ceil(2).max(1);
    let for_reading = pools.rest.saturating_sub(for_writing).max(1);
    let writer = open(url, for_writing, &WRITES, &retirement).await?;
    let reader = open(url, for_reading, &READS, &retirement).await?;
    let probe = open(url, 2, &WRITES, &retirement).await?;
    Ok(Connections { writer, reader, ledger, balances, probe })
}

/// One connection without limits: another process may migrate for a long time.
pub(super) async fn for_migrations(url: &str) -> Result<DatabaseConnection, ConnectError> {
    let mut options = options(url, 1, &WRITES);
    options.map_sqlx_postgres_opts(|options| {
        options.options([
            ("lock_timeout", "0"),
            ("statement_timeout", "0"),
            ("idle_in_transaction_session_timeout", "0"),
        ])
    });
    Database::connect(options).await.map_err(|error| diagnosis::postgres_mapped(&error))
}

/// Connects once, without the pool's retries, so that a database that is down, wrong or inaccessible is reported at
/// once.
pub(super) async fn probe(url: &str) -> Result<(), ConnectError> {
    // The parser's error may quote the URL, and with it the password.
    let options = PgConnectOptions::from_str(url).map_err(|_| ConnectError::UnusableUrl)?;
    let options = options.application_name("billing").disable_statement_logging();
    let connecting = tokio::time::timeout(PROBE, PgConnection::connect_with(&options)).await;
    let connection = connecting
        .map_err(|_| diagnosis::silent(&options, PROBE))?
        .map_err(|error| diagnosis::postgres(&options, &error))?;
    if let Err(error) = tokio::time::timeout(PROBE, connection.close()).await.unwrap_or(Ok(())) {
        tracing::debug!(%error, "the first connection was not closed in good order");
    }
    Ok(())
}

async fn open(
    url: &str,
    connections: u32,
    limits: &Limits,
    retirement: &Retirement,
) -> Result<RuntimeBoundPool, ConnectError> {
    let mut options = options(url, connections, limits);
    let watching = retirement.clone();
    options.map_sqlx_postgres_pool_opts(move |options| watching.watch(options));
    let connection = Database::connect(options).await.map_err(|error| diagnosis::postgres_mapped(&error))?;
    Ok(RuntimeBoundPool::here(connection, CallGuard::new(limits.call, retirement.clone())))
}

fn options(url: &str, connections: u32, limits: &Limits) -> ConnectOptions {
    let mut options = quiet(url, connections, limits.acquire);
    let (statement, lock) = (limits.statement, limits.lock);
    options.map_sqlx_postgres_opts(move |options| {
        options.application_name("billing").options([
            ("statement_timeout", statement),
            ("lock_timeout", lock),
            // Between two statements of a transaction we only compute. A frozen process, or one with a silent network,
            // loses its locks this soon.
            ("idle_in_transaction_session_timeout", "1500"),
            // The driver sets no keepalive on its own sockets; the server does so on its side, and releases the locks
            // of a dead client.
            ("tcp_keepalives_idle", "10"),
            ("tcp_keepalives_interval", "5"),
            ("tcp_keepalives_count", "3"),
            ("tcp_user_timeout", "10000"),
            // Every statement has one text and finds its rows by an index. Planning the ledger's statements for each
            // batch would cost up to a third of their execution.
            ("plan_cache_mode", "force_generic_plan"),
            // A generic plan stays while its table grows. If it was made on an empty table, it may scan the whole
            // table until the server has updated its statistics.
            ("enable_seqscan", "off"),
            ("enable_hashjoin", "off"),
            ("enable_mergejoin", "off"),
            // A disabled plan step has such a high cost that a statement which cannot avoid it, as one that reads a
            // whole catalogue, would be JIT-compiled for longer than it runs.
            ("jit", "off"),
        ])
    });
    options
}
