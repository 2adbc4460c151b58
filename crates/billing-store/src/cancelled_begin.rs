//! Tests that an acknowledged write survives the cancellation of another one during its BEGIN. The driver is the
//! reason why [`unit_of_work::write`](crate::unit_of_work::write) runs in a detached task; these tests prove that this
//! is needed and works.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::time::Duration;

use billing_core::ports::CommitError;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, Statement};

use crate::pool::{CallGuard, RuntimeBoundPool};
use crate::retirement::{Peer, Retirement};
use crate::testing::{Line, TestDatabase};
use crate::unit_of_work::{Work, write, write_unshielded};

/// Much longer than a local round trip.
const ONE_WAY: Duration = Duration::from_millis(15);
/// The delays after which the caller is cancelled: while it acquires a connection, while the BEGIN or its answer is in
/// transit, and later.
const MOMENTS: std::ops::Range<u32> = 1..8;

#[tokio::test(flavor = "multi_thread")]
async fn with_the_shield_every_acknowledged_write_stays() {
    assert_eq!(lost_writes(true).await, 0);
}

/// If this fails after an update of the driver, the protection may have become unnecessary.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_shield_acknowledged_writes_are_lost() {
    assert!(lost_writes(false).await > 0);
}

/// Cancels a write at several moments of its start; each time it then writes a row on the same pool, which is
/// acknowledged. Returns the number of these rows that no other session sees.
async fn lost_writes(shielded: bool) -> i64 {
    let database = TestDatabase::postgres().await;
    let slow = Line::slow(database.url(), ONE_WAY).await;
    let other = open(database.url()).await;
    other.execute_unprepared("CREATE TABLE notes (text text NOT NULL)").await.unwrap();
    let mut acknowledged = 0;
    for moment in MOMENTS {
        let pool = open(slow.url()).await;
        let cancelled = async {
            let work: Work<(), CommitError> = Box::new(|_| {
                Box::pin(async {
                    tokio::time::sleep(ONE_WAY * 10).await;
                    Ok(())
                })
            });
            if shielded { write(&pool, work).await } else { write_unshielded(&pool, work).await }
        };
        let walked_away = tokio::time::timeout(ONE_WAY * moment, cancelled).await.is_err();
        assert!(walked_away, "the line was not slow enough");
        let written = pool.execute_unprepared("INSERT INTO notes VALUES ('kept?')").await.unwrap();
        acknowledged += i64::try_from(written.rows_affected()).unwrap();
    }
    let count = Statement::from_string(other.get_database_backend(), "SELECT count(*) AS n FROM notes");
    let seen: i64 = other.query_one_raw(count).await.unwrap().unwrap().try_get("", "n").unwrap();
    other.connection().close_by_ref().await.unwrap();
    database.remove().await;
    acknowledged - seen
}

/// A pool of one connection, so that each call gets the previous one's connection.
async fn open(url: &str) -> RuntimeBoundPool {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false).test_before_acquire(false);
    let calls = CallGuard::new(Duration::from_mins(1), Retirement::of(Peer::Server));
    RuntimeBoundPool::here(Database::connect(options).await.unwrap(), calls)
}
