//! SQLite's files are moved, removed or replaced under a running service.

use std::path::{Path, PathBuf};

use billing_core::ports::BillingStore;
use billing_store::SqlStore;
use billing_store::testing::TestDatabase;
use billing_testkit::builders::an_adjustment;

use crate::world::{World, code, spend_of};

fn file(database: &TestDatabase, end: &str) -> PathBuf {
    PathBuf::from(format!("{}{end}", database.url().trim_start_matches("sqlite://")))
}

fn aside(file: &Path) -> PathBuf {
    file.with_extension("aside")
}

/// Nothing is acknowledged, and readiness says so, until the files are back.
async fn is_refused_until(world: &World, put_back: impl FnOnce()) {
    let told = code(world.billing.spend(spend_of("ada", "while-away")).await);
    assert!(["unavailable", "outcome_unknown"].contains(&told), "{told}");
    assert!(world.balance("ada").await.is_err());
    assert!(!world.store.health().await.is_ok_and(|health| health.writable));
    put_back();
    world.billing.spend(spend_of("ada", "while-away")).await.unwrap();
    assert_eq!(world.balance("ada").await.unwrap(), 9);
    assert!(world.store.health().await.unwrap().writable);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_acknowledged_while_one_of_the_files_is_not_where_it_was() {
    for end in ["", "-wal", "-shm"] {
        for replaced in [false, true] {
            let database = TestDatabase::sqlite().await;
            let world = World::start(database.url(), 1).await;
            world.billing.adjust(an_adjustment("ada", 10, "first")).await.unwrap();
            let file = file(&database, end);
            std::fs::rename(&file, aside(&file)).unwrap();
            if replaced {
                std::fs::copy(aside(&file), &file).unwrap();
            }
            is_refused_until(&world, || std::fs::rename(aside(&file), &file).unwrap()).await;
            world.close().await;
            database.remove().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_opened_anew_are_no_reason_to_refuse() {
    let database = TestDatabase::sqlite().await;
    let world = World::start(database.url(), 1).await;
    world.billing.adjust(an_adjustment("ada", 100, "first")).await.unwrap();
    for number in 0..10 {
        // The connection that writes is replaced.
        world.store.refuse_writes().await;
        let spend = || spend_of("ada", &format!("spend-{number}"));
        assert_eq!(code(world.billing.spend(spend()).await), "read_only");
        world.billing.spend(spend()).await.unwrap();
    }
    assert_eq!(world.balance("ada").await.unwrap(), 90);
    world.close().await;
    database.remove().await;
}

/// Whoever copies the one file of a service that was stopped has everything.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_closed_leaves_one_file_with_everything_in_it() {
    let database = TestDatabase::sqlite().await;
    let world = World::start(database.url(), 1).await;
    world.billing.adjust(an_adjustment("ada", 10, "first")).await.unwrap();
    assert!(file(&database, "-wal").exists());
    world.close().await;
    assert!(!file(&database, "-wal").exists() && !file(&database, "-shm").exists());
    let again = World::start(database.url(), 1).await;
    assert_eq!(again.balance("ada").await.unwrap(), 10);
    again.close().await;
    database.remove().await;
}

#[tokio::test]
async fn a_log_without_its_database_is_no_reason_to_make_an_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("billing.db");
    let url = format!("sqlite://{}", path.display());
    std::fs::write(folder.path().join("billing.db-wal"), "what was acknowledged").unwrap();
    let told = SqlStore::migrate(&url).await.unwrap_err().to_string();
    assert!(told.contains("billing.db-wal is there without its database"), "{told}");
    assert!(!path.exists());
}
