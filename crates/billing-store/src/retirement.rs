//! Retiring connections that cannot be trusted any more.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use sqlx::pool::{PoolConnectionMetadata, PoolOptions};
use sqlx::{Connection, Database};

/// The idle time after which a connection is pinged before its use.
const PING_AFTER: Duration = Duration::from_secs(15);
/// The limit of a ping.
const PING: Duration = Duration::from_millis(500);
/// For how long the other connections are pinged before each use, after a late answer on one of them.
const SUSPICION: Duration = Duration::from_secs(30);

/// The connections of a pool that are never used again: all that were open at the time of a failure that leaves a
/// connection in doubt. They are closed when they return to the pool or are about to be acquired.
///
/// This closes healthy connections as well, which costs a reconnect each. In return the failed connection need not be
/// identified, and connections with the same fault (a silent network, a read-only server) fail no other caller.
#[derive(Debug, Clone)]
pub(crate) struct Retirement {
    moments: Arc<Mutex<Moments>>,
    peer: Peer,
}

/// The other side of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    /// A server, which may be silent: a connection is dropped without a closing handshake.
    Server,
    /// A local file.
    File,
}

#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    retired_at: Option<Instant>,
    suspected_at: Option<Instant>,
}

impl Retirement {
    pub(crate) fn of(peer: Peer) -> Self {
        Self { moments: Arc::default(), peer }
    }

    /// Retires every connection that is open now.
    pub(crate) fn retire_all(&self) {
        self.lock().retired_at = Some(Instant::now());
    }

    /// Marks all open connections as suspect for a while, so that they are pinged before use: an answer on one of them
    /// is late, and a silent network would affect them all.
    pub(crate) fn suspect_all(&self) {
        self.lock().suspected_at = Some(Instant::now());
    }

    fn lock(&self) -> MutexGuard<'_, Moments> {
        // It is never held during a panic.
        self.moments.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a pool with these `options` skip retired connections.
    ///
    /// SQLite rolls a transaction back by itself when it runs out of space or memory, or on an I/O error, and the
    /// driver's own count of open transactions is then wrong: a transaction on such a connection would become a
    /// savepoint of one that is never committed. So the pool hands out no connection that seems to be inside a
    /// transaction.
    pub(crate) fn watch<DB: Database>(&self, options: PoolOptions<DB>) -> PoolOptions<DB> {
        let (before, after) = (self.clone(), self.clone());
        options
            .test_before_acquire(false)
            .before_acquire(move |connection, meta| before.check(connection, &meta, true))
            .after_release(move |connection, meta| after.check(connection, &meta, false))
    }

    fn check<'c, C: Connection>(
        &self,
        connection: &'c mut C,
        meta: &PoolConnectionMetadata,
        ping: bool,
    ) -> BoxFuture<'c, Result<bool, sqlx::Error>> {
        let (now, moments, peer) = (Instant::now(), *self.lock(), self.peer);
        let opened_at = now.checked_sub(meta.age).unwrap_or(now);
        let retired = moments.retires(opened_at);
        let ping = ping && (meta.idle_for >= PING_AFTER || moments.suspects(opened_at, now));
        Box::pin(async move {
            let unusable = match (retired, connection.is_in_transaction()) {
                (true, _) => Some("the connection is retired"),
                (false, true) => Some("the connection is inside a transaction"),
                (false, false) => None,
            };
            match unusable {
                // An error drops it; otherwise it is closed regularly.
                Some(why) if peer == Peer::Server => return Err(sqlx::Error::Protocol(why.to_owned())),
                Some(_) => return Ok(false),
                None => {}
            }
            if ping {
                let answer = tokio::time::timeout(PING, connection.ping()).await;
                answer.unwrap_or(Err(sqlx::Error::PoolTimedOut))?;
            }
            Ok(true)
        })
    }
}

impl Moments {
    fn retires(self, opened_at: Instant) -> bool {
        self.retired_at.is_some_and(|retired_at| opened_at <= retired_at)
    }

    fn suspects(self, opened_at: Instant, now: Instant) -> bool {
        self.suspected_at.is_some_and(|at| opened_at <= at && now.saturating_duration_since(at) < SUSPICION)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_open_is_retired_and_what_is_opened_later_is_not() {
        let retirement = Retirement::of(Peer::Server);
        let before = Instant::now();
        assert!(!retirement.lock().retires(before));
        retirement.retire_all();
        assert!(retirement.lock().retires(before));
        assert!(!retirement.lock().retires(Instant::now() + Duration::from_nanos(1)));
    }

    #[test]
    fn connections_are_suspected_for_a_while() {
        let retirement = Retirement::of(Peer::Server);
        let before = Instant::now();
        retirement.suspect_all();
        let after = Instant::now();
        assert!(retirement.lock().suspects(before, after));
        assert!(!retirement.lock().suspects(after + Duration::from_nanos(1), after));
        assert!(!retirement.lock().suspects(before, after + SUSPICION));
        assert!(!retirement.lock().retires(before));
    }
}
