//! Files that may not grow: a write beyond the limit fails with an I/O error, wherever SQLite is at that moment.

use std::process::Command;

use billing_store::testing::TestDatabase;

use crate::client::Backend;
use crate::process::{Service, Setup, cleaning_up};

const GIVEN: i64 = 10_000;
/// Bytes between two limits: less than a page, so that the write is also cut in the middle of one.
const STEP: u64 = 1_400;

/// Limits how large files may become that `service` writes to; no limit is none.
fn limit_files(service: &Service, bytes: Option<u64>) {
    let limit = bytes.map_or_else(|| "unlimited".to_owned(), |bytes| bytes.to_string());
    let pid = service.id().to_string();
    let set = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={limit}:")]).status();
    assert!(set.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_where_writes_fail_at_any_byte() {
    cleaning_up(TestDatabase::sqlite().await, async |database| {
        let log = format!("{}-wal", database.url().trim_start_matches("sqlite://"));
        let setup = Setup::on(database);
        let mut service = setup.start();
        Backend::of(&service).give("alice", GIVEN).await;
        let (mut spent, mut refused) = (0, 0);
        for round in 0..14 {
            let backend = Backend::of(&service);
            let size = std::fs::metadata(&log).map_or(0, |log| log.len());
            limit_files(&service, Some(size + round * STEP));
            let mut unsettled = Vec::new();
            for number in 0..12 {
                let key = format!("spend-{round}-{number}");
                let answer = backend.spend("alice", 1, &key).await.unwrap();
                if answer.status != 200 {
                    assert_eq!(answer.status, 503, "{}", answer.body);
                    let code = answer.body["error"]["code"].as_str().unwrap().to_owned();
                    let fitting = ["storage_full", "outcome_unknown", "unavailable", "read_only"];
                    assert!(fitting.contains(&code.as_str()), "{code}");
                    unsettled.push(key);
                }
                spent += 1;
            }
            refused += unsettled.len();
            if round % 3 == 2 {
                // Without a chance to tidy up.
                service.kill();
                service = setup.start();
            } else {
                limit_files(&service, None);
            }
            let backend = Backend::of(&service);
            for key in unsettled {
                assert_eq!(backend.spend("alice", 1, &key).await.unwrap().status, 200, "{key}");
            }
            assert_eq!(backend.balance("alice").await, GIVEN - spent, "round {round}");
        }
        assert!(refused > 20, "{refused}");
        service.kill();
        let service = setup.start();
        assert_eq!(Backend::of(&service).balance("alice").await, GIVEN - spent);
        drop(service);
        assert!(setup.run(&["ledger", "verify"]).status.success());
    })
    .await;
}
