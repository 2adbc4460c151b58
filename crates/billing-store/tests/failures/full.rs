//! No room, and no writes.

use billing_core::changes::Changes;
use billing_core::ports::{BillingStore, LedgerStore};
use billing_store::testing::TestDatabase;
use billing_testkit::SequentialIds;
use billing_testkit::builders::{a_full_account, a_plan, a_spend, an_adjustment, noon};

use crate::world::{Second, World, code, spend_of, store_code};

/// More pages than any of these writes takes.
const ENOUGH: i64 = 200;

/// SQLite rolls a transaction back by itself when there is no room for one of its statements. Whichever statement it
/// is, nothing of the batch is there afterwards, and the next batch is written and stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_for_which_sqlite_has_no_room_leaves_no_trace_and_the_next_one_stays() {
    let database = TestDatabase::sqlite().await;
    let world = World::start(database.url(), 1).await;
    let ada =
        world.billing.adjust(an_adjustment("ada", 100_000, "first")).await.unwrap().entry.unwrap().account;
    let second = Second::look_at(database.url()).await;
    let mut refused = 0;
    for pages in 0..ENOUGH {
        let key = |number: i64| format!("spend-{number}-{pages}.");
        let batch: Vec<_> = (0..60).map(|number| a_spend(ada, &key(number), 1)).collect();
        world.store.limit_pages(pages).await;
        let posted = world.store.post(batch.clone(), noon()).await;
        let fits = posted.is_ok();
        if !fits {
            refused += 1;
            assert_eq!(store_code(posted), "storage_full", "{pages}");
            assert_eq!(second.recorded(&format!("-{pages}.")).await, 0, "{pages}");
            // There is room again: the connection that failed is gone, and its limit with it.
            world.store.post(batch, noon()).await.unwrap();
        }
        assert_eq!(second.recorded(&format!("-{pages}.")).await, 60, "{pages}");
        if fits {
            break;
        }
    }
    assert!((3..ENOUGH).contains(&refused), "{refused} statements failed");
    second.close().await;
    world.close().await;
    database.remove().await;
}

/// The same of a commit that writes accounts, a plan and a ledger together.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_for_which_sqlite_has_no_room_leaves_no_trace_and_the_next_one_stays() {
    let database = TestDatabase::sqlite().await;
    let world = World::start(database.url(), 1).await;
    let ids = SequentialIds::starting_at(1 << 50);
    let second = Second::look_at(database.url()).await;
    let mut refused = 0;
    let mut expected = 0;
    for pages in 0..ENOUGH {
        let accounts = (0..40).map(|number| a_full_account(&format!("user-{pages}-{number}"), &ids));
        let changes = Changes {
            accounts: accounts.collect(),
            plans: (0..20).map(|number| a_plan(&format!("plan-{pages}-{number}"), &ids)).collect(),
            ..Changes::default()
        };
        world.store.limit_pages(pages).await;
        let committed = world.store.commit(changes.clone(), noon()).await;
        let fits = committed.is_ok();
        if !fits {
            refused += 1;
            assert_eq!(code(committed.map_err(Into::into)), "storage_full", "{pages}");
            assert_eq!(second.number("SELECT count(*) AS n FROM accounts").await, expected, "{pages}");
            world.store.commit(changes, noon()).await.unwrap();
        }
        expected += 40;
        assert_eq!(second.number("SELECT count(*) AS n FROM accounts").await, expected, "{pages}");
        assert_eq!(second.number("SELECT count(*) AS n FROM plans").await, expected / 2, "{pages}");
        if fits {
            break;
        }
    }
    assert!((3..ENOUGH).contains(&refused), "{refused} statements failed");
    second.close().await;
    world.close().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_are_told_that_sqlite_is_full_and_what_was_acknowledged_is_there_after_a_restart() {
    let database = TestDatabase::sqlite().await;
    let world = World::start(database.url(), 1).await;
    world.billing.adjust(an_adjustment("ada", 1_000, "first")).await.unwrap();
    let mut acknowledged = 0;
    for number in 0..50 {
        if number % 3 == 0 {
            world.store.limit_pages(0).await;
        }
        let spend = spend_of("ada", &format!("spend-{number}"));
        match world.billing.spend(spend.clone()).await {
            Ok(_) => {}
            Err(error) => {
                assert_eq!(error.code(), "storage_full");
                // The same key, once there is room.
                assert!(!world.billing.spend(spend).await.unwrap().replayed);
            }
        }
        acknowledged += 1;
    }
    assert_eq!(world.balance("ada").await.unwrap(), 1_000 - acknowledged);
    // As after a power cut: nothing is closed, and another process opens the file.
    let restarted = World::starting_at(database.url(), 1, 1).await;
    assert_eq!(restarted.balance("ada").await.unwrap(), 1_000 - acknowledged);
    restarted.close().await;
    world.close().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sqlite_connection_that_became_read_only_is_replaced() {
    let database = TestDatabase::sqlite().await;
    let world = World::start(database.url(), 1).await;
    world.billing.adjust(an_adjustment("ada", 10, "first")).await.unwrap();
    world.store.refuse_writes().await;
    let spend = spend_of("ada", "spend");
    assert_eq!(code(world.billing.spend(spend.clone()).await), "read_only");
    assert!(!world.billing.spend(spend).await.unwrap().replayed);
    world.store.refuse_writes().await;
    let adjust = || an_adjustment("ada", 5, "second");
    assert_eq!(code(world.billing.adjust(adjust()).await), "read_only");
    world.billing.adjust(adjust()).await.unwrap();
    assert_eq!(world.balance("ada").await.unwrap(), 14);
    world.close().await;
    database.remove().await;
}

/// What a full disk looks like from a connection: one statement fails with `disk_full`, in the middle or at the
/// commit.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_postgres_is_told_as_such_and_heals_by_itself() {
    let database = TestDatabase::postgres().await;
    let world = World::start(database.url(), 1).await;
    world.billing.adjust(an_adjustment("ada", 100, "first")).await.unwrap();
    let second = Second::look_at(database.url()).await;
    second
        .run(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$",
        )
        .await;
    let mut spent = 0;
    for (number, table) in ["entries", "balances", "grants", "entries"].into_iter().enumerate() {
        let trigger = if number < 3 {
            format!(
                "CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION fail()"
            )
        } else {
            format!(
                "CREATE CONSTRAINT TRIGGER no_room AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED \
                 FOR EACH ROW EXECUTE FUNCTION fail()"
            )
        };
        second.run(&trigger).await;
        let key = format!("spend-{number}");
        // A spend leaves the row of the grant that it draws on alone.
        if table != "grants" {
            assert_eq!(code(world.billing.spend(spend_of("ada", &key)).await), "storage_full", "{table}");
        }
        let adjustment = || an_adjustment("ada", 1, &format!("adjust-{number}"));
        assert_eq!(code(world.billing.adjust(adjustment()).await), "storage_full", "{table}");
        assert_eq!(world.balance("ada").await.unwrap(), 100, "{table}");
        second.run(&format!("DROP TRIGGER no_room ON {table}")).await;
        assert!(!world.billing.spend(spend_of("ada", &key)).await.unwrap().replayed);
        world.billing.adjust(adjustment()).await.unwrap();
        spent += 1;
        assert_eq!(second.number("SELECT count(*) AS n FROM entries").await, 1 + 2 * spent);
    }
    second.close().await;
    world.close().await;
    database.remove().await;
}

/// A server that takes no writes for a while (a failover, a disk that an operator protects): sessions of that time
/// stay read-only for ever, so they have to go.
#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_a_postgres_that_was_read_only_are_replaced() {
    let database = TestDatabase::postgres().await;
    let world = World::start(database.url(), 2).await;
    world.billing.adjust(an_adjustment("ada", 100, "first")).await.unwrap();
    let second = Second::look_at(database.url()).await;
    let set = |value: &str| {
        format!(
            "SET default_transaction_read_only = off; DO $$ BEGIN EXECUTE format( \
             'ALTER DATABASE %I SET default_transaction_read_only = {value}', current_database()); END $$"
        )
    };
    second.run(&set("on")).await;
    second
        .run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND application_name = 'billing'",
        )
        .await;
    let mut told = Vec::new();
    for number in 0..6 {
        told.push(code(world.billing.spend(spend_of("ada", &format!("spend-{number}"))).await));
        told.push(code(world.billing.adjust(an_adjustment("ada", 1, &format!("adjust-{number}"))).await));
    }
    // Those whose session was ended in between hear of that.
    told.retain(|code| *code != "unavailable" && *code != "outcome_unknown");
    assert!(told.len() >= 8 && told.iter().all(|code| *code == "read_only"), "{told:?}");
    second.run(&set("off")).await;
    for number in 0..6 {
        // One refusal at most for each pool: it has that pool's sessions replaced.
        let key = format!("spend-{number}");
        if world.billing.spend(spend_of("ada", &key)).await.is_err() {
            world.billing.spend(spend_of("ada", &key)).await.unwrap();
        }
        let adjustment = || an_adjustment("ada", 1, &format!("adjust-{number}"));
        if world.billing.adjust(adjustment()).await.is_err() {
            world.billing.adjust(adjustment()).await.unwrap();
        }
    }
    assert_eq!(world.balance("ada").await.unwrap(), 100);
    second.close().await;
    world.close().await;
    database.remove().await;
}

/// Sessions that are killed at any moment lose nothing that was acknowledged and do nothing twice.
#[tokio::test(flavor = "multi_thread")]
async fn killed_sessions_lose_nothing_and_do_nothing_twice() {
    let database = TestDatabase::postgres().await;
    let world = World::start(database.url(), 2).await;
    world.billing.adjust(an_adjustment("ada", 10_000, "first")).await.unwrap();
    let second = Second::look_at(database.url()).await;
    let mut settled = 0;
    for round in 0..15 {
        let spends: Vec<_> =
            (0..20).map(|number| world.spend("ada", &format!("spend-{round}-{number}"))).collect();
        second
            .run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE datname = current_database() AND application_name = 'billing'",
            )
            .await;
        for (number, spend) in spends.into_iter().enumerate() {
            let key = format!("spend-{round}-{number}");
            let mut ended = spend.await.unwrap();
            // Whatever it was told, the same key settles it.
            while ended.is_err() {
                ended = world.billing.spend(spend_of("ada", &key)).await.map(drop);
            }
            settled += 1;
        }
    }
    assert_eq!(second.number("SELECT count(*) AS n FROM entries WHERE amount = -1").await, settled);
    assert_eq!(world.balance("ada").await.unwrap(), 10_000 - settled);
    second.close().await;
    world.close().await;
    database.remove().await;
}
