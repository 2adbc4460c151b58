//! How the databases are opened and brought up to date.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::sync::Arc;

use billing_core::Job;
use billing_core::changes::Changes;
use billing_core::ports::{BillingStore, CatalogReads, DueQuery, Health, Inbox, JobStore};
use billing_store::testing::TestDatabase;
use billing_store::{ConnectError, SqlStore};
use billing_testkit::SequentialIds;
use billing_testkit::builders::{a_plan, an_account, an_event, noon};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

async fn open(url: &str) -> SqlStore {
    SqlStore::connect(url, 4, Arc::new(SequentialIds::default())).await.unwrap()
}

async fn raw(url: &str) -> DatabaseConnection {
    Database::connect(url).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_processes_may_migrate_one_empty_database_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let postgres = TestDatabase::empty_postgres().await;
    // Who opens an SQLite database first is a matter of microseconds, so that is asked several times.
    let sqlite = (0..8).map(|n| format!("sqlite://{}/{n}.db", folder.path().display()));
    for url in sqlite.chain([postgres.url().to_owned()]) {
        let migrations = (0..6).map(|_| {
            let url = url.clone();
            tokio::spawn(async move { SqlStore::migrate(&url).await })
        });
        for migration in migrations.collect::<Vec<_>>() {
            migration.await.unwrap().unwrap();
        }
        let store = open(&url).await;
        assert_eq!(store.health().await.unwrap(), Health { migrated: true, writable: true });
        store.close().await;
    }
    postgres.remove().await;
}

#[tokio::test]
async fn a_database_without_migrations_is_not_healthy_and_stays_as_it_is() {
    let database = TestDatabase::empty_postgres().await;
    let store = open(database.url()).await;
    assert_eq!(store.health().await.unwrap(), Health { migrated: false, writable: false });
    let connection = raw(database.url()).await;
    let tables = "SELECT count(*) AS tables FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    let found = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, tables)).await.unwrap();
    assert_eq!(found.unwrap().try_get::<i64>("", "tables").unwrap(), 0, "looking makes no table");
    connection.close().await.unwrap();
    store.close().await;
    database.remove().await;
}

#[tokio::test]
async fn migrations_are_those_that_this_program_knows_with_the_text_that_it_knows() {
    for database in [TestDatabase::sqlite().await, TestDatabase::postgres().await] {
        let store = open(database.url()).await;
        assert_eq!(store.schema_problems().await.unwrap(), [""; 0]);
        let name = "UPDATE migration_checksums SET name =";
        for (spoil, mend, problem) in [
            (
                "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 0)",
                "DELETE FROM seaql_migrations WHERE version = 'm9999_later'",
                "m9999_later is applied and not known",
            ),
            (
                &format!("{name} 'm0001_other'"),
                &format!("{name} 'm0001_first'"),
                "m0001_first was applied without a checksum",
            ),
            (
                "INSERT INTO migration_checksums (name, checksum) SELECT 'kept', checksum FROM migration_checksums",
                "DELETE FROM migration_checksums WHERE name = 'kept'",
                "",
            ),
        ] {
            database.execute(spoil).await;
            let problems = store.schema_problems().await.unwrap();
            assert_eq!(store.health().await.unwrap().migrated, problem.is_empty(), "{spoil}");
            assert!(problems.concat().contains(problem), "{problems:?}");
            database.execute(mend).await;
            assert_eq!(store.health().await.unwrap(), Health { migrated: true, writable: true }, "{mend}");
        }
        // Postgres and SQLite write bytes in different words.
        let bytes = if database.url().starts_with("sqlite") { "x'00'" } else { "'\\x00'" };
        database.execute(&format!("UPDATE migration_checksums SET checksum = {bytes}")).await;
        assert!(!store.health().await.unwrap().migrated);
        let problems = store.schema_problems().await.unwrap();
        assert_eq!(problems, ["migration m0001_first was applied with another text"]);
        store.close().await;
        database.remove().await;
    }
}

#[tokio::test]
async fn urls_that_lead_nowhere_are_told_apart() {
    let ids = || Arc::new(SequentialIds::default());
    for url in ["", "mysql://localhost/x", "sqlite://", "sqlite::memory:", "sqlite://:memory:"] {
        assert!(matches!(SqlStore::connect(url, 4, ids()).await, Err(ConnectError::UnknownUrl)), "{url}");
    }
    let missing = SqlStore::connect("sqlite://nowhere/billing.db", 4, ids()).await;
    assert!(matches!(missing, Err(ConnectError::NoSuchFolder(_))));
}

#[tokio::test]
async fn sqlite_syncs_fully_and_logs_ahead() {
    let database = TestDatabase::sqlite().await;
    let store = open(database.url()).await;
    let pragmas = store.pragmas().await;
    // 2 is FULL: a commit that was acknowledged survives a power cut.
    assert_eq!(
        pragmas,
        [
            ("journal_mode", "wal".to_owned()),
            ("synchronous", "2".to_owned()),
            ("foreign_keys", "1".to_owned())
        ]
    );
    store.close().await;
    database.remove().await;
}

#[tokio::test]
async fn a_row_that_cannot_be_read_says_which_table_column_and_id() {
    for database in [TestDatabase::sqlite().await, TestDatabase::postgres().await] {
        let store = open(database.url()).await;
        let plan = a_plan("pro", &SequentialIds::default());
        let changes = Changes { plans: vec![plan.clone()], ..Changes::default() };
        store.commit(changes, noon()).await.unwrap();
        let connection = raw(database.url()).await;
        let spoil = "UPDATE plans SET change_policy = 'whatever'";
        connection
            .execute_raw(Statement::from_string(connection.get_database_backend(), spoil))
            .await
            .unwrap();
        connection.close().await.unwrap();
        let problem = store.plan(plan.id).await.unwrap_err().to_string();
        for part in ["plans.change_policy", &plan.id.uuid().to_string(), "whatever"] {
            assert!(problem.contains(part), "{problem}");
        }
        store.close().await;
        database.remove().await;
    }
}

#[tokio::test]
async fn events_and_items_that_cannot_be_read_keep_no_others_from_being_found() {
    for database in [TestDatabase::sqlite().await, TestDatabase::postgres().await] {
        let (store, ids) = (open(database.url()).await, SequentialIds::default());
        for name in ["evt_1", "evt_2", "evt_3"] {
            store.receive(an_event(name, &ids)).await.unwrap();
        }
        database.execute("UPDATE webhook_inbox SET channel = 'no channel' WHERE event_id <> 'evt_3'").await;
        let claimed = async |seconds: i64| {
            let now = noon().plus_seconds(seconds);
            let events = store.claim(now, now.plus_seconds(5), 2).await.unwrap();
            events.into_iter().map(|event| event.event_id).collect::<Vec<_>>()
        };
        let mut found = claimed(0).await;
        found.extend(claimed(0).await);
        assert_eq!(found, ["evt_3"]);
        assert_eq!(claimed(6).await, ["evt_3"], "the others are passed over for an hour");

        let accounts = ["ada", "bob"].map(|name| an_account(name, &ids));
        let good = accounts[1].id.uuid();
        let changes = Changes { accounts: accounts.to_vec(), ..Changes::default() };
        store.commit(changes, noon()).await.unwrap();
        database.execute("UPDATE accounts SET metadata = 'no JSON' WHERE external_id = 'ada'").await;
        let query = DueQuery { job: Job::FreePlan, by: noon(), now: noon(), limit: 9 };
        let due = store.due(&query).await.unwrap();
        assert_eq!(due.len(), 2);
        assert!(due.iter().any(|item| item.id == good));
        store.close().await;
        database.remove().await;
    }
}

/// Customers' data is nobody else's: the file, the log beside it and the lock are their owner's alone.
#[cfg(unix)]
#[tokio::test]
async fn sqlite_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let database = TestDatabase::sqlite().await;
    let store = open(database.url()).await;
    store
        .commit(
            Changes { plans: vec![a_plan("pro", &SequentialIds::default())], ..Default::default() },
            noon(),
        )
        .await
        .unwrap();
    let file = std::path::PathBuf::from(database.url().trim_start_matches("sqlite://"));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(file.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        found.push((entry.file_name().into_string().unwrap(), mode));
    }
    found.sort_unstable();
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["billing.db", "billing.db-shm", "billing.db-wal", "billing.db.lock"]);
    assert!(found.iter().all(|(_, mode)| *mode == 0o600), "{found:?}");
    store.close().await;
    database.remove().await;
}
