//! A database that is down, wrong, or closed to us is told in one line, at once, with what to do.

use std::io::Write;
use std::net::TcpListener;

use billing_store::testing::TestDatabase;

use crate::process::{Setup, cleaning_up};

const PASSWORD: &str = "hunter2-of-the-test";

/// What `serve` complains of with the database at `url`.
fn complaint(url: &str) -> String {
    let ended = Setup::bare().with("BILLING_DATABASE_URL", url).run(&["serve"]);
    assert!(!ended.status.success(), "{url}");
    assert!(ended.stdout.is_empty(), "{url}");
    let told = String::from_utf8(ended.stderr).unwrap();
    assert!(!told.contains(PASSWORD), "{told}");
    assert_eq!(told.trim_end().lines().count(), 1, "{told}");
    told
}

fn on_port(port: u16) -> String {
    format!("postgres://billing:{PASSWORD}@127.0.0.1:{port}/billing?sslmode=disable")
}

#[test]
fn an_address_at_which_nothing_listens() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let told = complaint(&on_port(port));
    assert!(told.contains(&format!("nothing listens at Postgres at 127.0.0.1:{port}")), "{told}");
    assert!(told.contains("start Postgres"), "{told}");
}

#[test]
fn something_that_says_nothing_and_something_that_is_no_postgres() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let told = complaint(&on_port(silent.local_addr().unwrap().port()));
    assert!(told.contains("did not answer within 5 s"), "{told}");
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut caller in other.incoming().map_while(Result::ok) {
            let _ = caller.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let told = complaint(&on_port(port));
    assert!(told.contains("does not speak as Postgres does") || told.contains("is it Postgres?"), "{told}");
}

#[tokio::test]
async fn a_server_without_the_database_or_the_user() {
    cleaning_up(TestDatabase::empty_postgres().await, async |database| {
        let (server, options) = database.url().split_once('?').unwrap_or((database.url(), ""));
        let (server, _) = server.rsplit_once('/').unwrap();
        let told = complaint(&format!("{server}/no_such_database?{options}"));
        assert!(told.contains("has no database \"no_such_database\": create it"), "{told}");
    })
    .await;
}

/// A password with an `@`, a `?` or a `#` in it that was not escaped puts its rest where the host should be.
#[test]
fn a_password_in_the_wrong_place_is_not_shown() {
    for url in [
        format!("postgres://billing:1@{PASSWORD}:5432/billing"),
        format!("postgres://billing:1?{PASSWORD}@127.0.0.1:1/billing"),
        format!("postgres://billing:1?{PASSWORD}=5@127.0.0.1:1/billing"),
        format!("postgres://billing:1#{PASSWORD}@127.0.0.1:1/billing"),
        format!("postgres://billing:{PASSWORD}@/billing?host=nowhere.invalid"),
        format!("sqlite://billing:{PASSWORD}@host/billing.db"),
    ] {
        complaint(&url);
    }
}

#[test]
fn files_that_are_no_database_or_lie_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "this is no database, however long its text is ".repeat(100)).unwrap();
    let told = complaint(&format!("sqlite://{}", text.display()));
    assert!(told.contains("is not a SQLite database"), "{told}");
    let told = complaint(&format!("sqlite://{}/nowhere/billing.db", folder.path().display()));
    assert!(told.contains("the folder") && told.contains("does not exist"), "{told}");
    let told = complaint(&format!("postgres://billing:{PASSWORD}@127.0.0.1:port/billing"));
    assert!(told.contains("the database URL cannot be used"), "{told}");
}
