//! Databases for tests: each has one of its own, and removes it.

mod costs;

pub use costs::{Cost, Recorder};
use sea_orm::{ConnectionTrait, Database, Statement};
use url::Url;

use crate::SqlStore;

/// The variable that names a Postgres server on which tests may make databases.
pub const POSTGRES_URL: &str = "XTASK_POSTGRES_URL";

/// A database that was made for one test and has every migration.
pub struct TestDatabase {
    url: String,
    home: Home,
}

enum Home {
    Sqlite(tempfile::TempDir),
    Postgres { server: String, name: String },
}

impl TestDatabase {
    /// A SQLite file in a temporary folder.
    ///
    /// # Panics
    ///
    /// If it cannot be made: the test cannot go on.
    #[expect(clippy::expect_used, reason = "a test without its database has to fail loudly")]
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder for the test's database");
        let url = format!("sqlite://{}", folder.path().join("billing.db").display());
        SqlStore::migrate(&url).await.expect("the test's SQLite file can be migrated");
        Self { url, home: Home::Sqlite(folder) }
    }

    /// A new database on the Postgres server that `XTASK_POSTGRES_URL` names.
    ///
    /// # Panics
    ///
    /// If there is none: tests never pass by skipping.
    #[expect(clippy::expect_used, reason = "a test without its database has to fail loudly")]
    pub async fn postgres() -> Self {
        let database = Self::empty_postgres().await;
        SqlStore::migrate(&database.url).await.expect("the test's Postgres database can be migrated");
        database
    }

    /// The same, without a single table.
    ///
    /// # Panics
    ///
    /// If there is no server: tests never pass by skipping.
    #[expect(clippy::expect_used, reason = "a test without its database has to fail loudly")]
    #[expect(clippy::disallowed_methods, reason = "tests are told of the server by this one variable")]
    pub async fn empty_postgres() -> Self {
        let server = std::env::var(POSTGRES_URL)
            .expect("XTASK_POSTGRES_URL is not set: run `cargo xtask test`, or `cargo xtask postgres -- cargo nextest run`");
        // The name only has to be new; a test's process and the moment make it so.
        #[expect(
            clippy::disallowed_methods,
            reason = "a name for a database, nothing that a test decides on"
        )]
        let name = format!("t_{}", uuid::Uuid::new_v4().simple());
        run(&server, &format!("CREATE DATABASE {name}")).await;
        let mut url = Url::parse(&server).expect("XTASK_POSTGRES_URL is a URL");
        url.set_path(&name);
        Self { url: url.to_string(), home: Home::Postgres { server, name } }
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Changes something behind the service's back.
    ///
    /// # Panics
    ///
    /// If the database refuses.
    pub async fn execute(&self, statement: &str) {
        run(&self.url, statement).await;
    }

    /// Removes it, whoever is still connected.
    pub async fn remove(self) {
        match self.home {
            Home::Sqlite(folder) => drop(folder),
            Home::Postgres { server, name } => {
                run(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
            }
        }
    }
}

impl SqlStore {
    /// How SQLite is set on the connection that writes.
    ///
    /// # Panics
    ///
    /// If the database does not answer.
    #[expect(clippy::expect_used, reason = "a test without its database has to fail loudly")]
    pub async fn pragmas(&self) -> [(&'static str, String); 3] {
        let mut found = ["journal_mode", "synchronous", "foreign_keys"].map(|name| (name, String::new()));
        for (name, value) in &mut found {
            let ask = Statement::from_string(self.writer().get_database_backend(), format!("PRAGMA {name}"));
            let row = self.writer().query_one_raw(ask).await.expect("SQLite answers").expect("a value");
            *value = row
                .try_get::<String>("", name)
                .or_else(|_| row.try_get::<i64>("", name).map(|number| number.to_string()))
                .expect("a text or a number");
        }
        found
    }
}

#[expect(clippy::expect_used, reason = "a test without its database has to fail loudly")]
async fn run(server: &str, statement: &str) {
    let connection = Database::connect(server).await.expect("the tests' Postgres server answers");
    connection.execute_unprepared(statement).await.expect("the tests' Postgres server takes orders");
    connection.close().await.expect("the tests' Postgres server lets go");
}
