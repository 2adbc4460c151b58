//! Test databases: each test has its own, and removes it.

mod costs;
mod line;

pub use costs::{Cost, Recorder};
pub use line::Line;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use url::Url;

use crate::SqlStore;
use crate::transaction::Transaction;

/// The variable that names a Postgres server on which tests may create databases.
pub const POSTGRES_URL: &str = "XTASK_POSTGRES_URL";

/// A database for one test, with all migrations applied.
pub struct TestDatabase {
    url: String,
    home: Home,
}

enum Home {
    Sqlite(tempfile::TempDir),
    Postgres { server: String, name: String },
}

/// Rows that another session keeps locked.
pub struct RowLock(DatabaseConnection);

impl RowLock {
    /// Ends the session's transaction.
    ///
    /// # Panics
    ///
    /// If the database does not respond.
    #[expect(clippy::expect_used, reason = "a test without its database has to fail loudly")]
    pub async fn release(self) {
        self.0.execute_unprepared("ROLLBACK").await.expect("the tests' Postgres server takes orders");
        self.0.close().await.expect("the tests' Postgres server lets go");
    }
}

impl TestDatabase {
    /// A SQLite file in a temporary folder.
    ///
    /// # Panics
    ///
    /// If it cannot be created.
    #[expect(clippy::expect_used, reason = "a test without its database has to fail loudly")]
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder for the test's database");
        let url = format!("sqlite://{}", folder.path().join("billing.db").display());
        SqlStore::migrate(&url).await.expect("the test's SQLite file can be migrated");
        Self { url, home: Home::Sqlite(folder) }
    }

    /// A new database on the Postgres server of `XTASK_POSTGRES_URL`.
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

    /// The same without tables.
    ///
    /// # Panics
    ///
    /// If there is no server: tests never pass by skipping.
    #[expect(clippy::expect_used, reason = "a test without its database has to fail loudly")]
    #[expect(clippy::disallowed_methods, reason = "tests are told of the server by this one variable")]
    pub async fn empty_postgres() -> Self {
        let server = std::env::var(POSTGRES_URL)
            .expect("XTASK_POSTGRES_URL is not set: run `cargo xtask test`, or `cargo xtask postgres -- cargo nextest run`");
        // The name only has to be unique; process id and time make it so.
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

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Changes something without the service.
    ///
    /// # Panics
    ///
    /// If the database refuses.
    pub async fn execute(&self, statement: &str) {
        run(&self.url, statement).await;
    }

    /// Locks the rows of an account in `table` on Postgres, as another session in an open transaction.
    ///
    /// # Panics
    ///
    /// If the database refuses.
    #[expect(clippy::expect_used, reason = "a test without its database has to fail loudly")]
    pub async fn lock_rows(&self, table: &str, external_id: &str) -> RowLock {
        let mut options = ConnectOptions::new(&self.url);
        options.max_connections(1);
        let session = Database::connect(options).await.expect("the tests' Postgres server answers");
        let id = format!("(SELECT id FROM accounts WHERE external_id = '{external_id}')");
        let column = if table == "accounts" { "id" } else { "account_id" };
        let lock = format!("BEGIN; SELECT 1 FROM {table} WHERE {column} = {id} FOR UPDATE");
        session.execute_unprepared(&lock).await.expect("the rows can be locked");
        RowLock(session)
    }

    /// Removes it, even with open connections.
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
    /// The settings of SQLite's writing connection.
    ///
    /// # Panics
    ///
    /// If the database does not respond.
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

/// Makes SQLite's writing connection fail, until the store replaces it.
impl SqlStore {
    /// Limits the growth of the file to `pages`.
    ///
    /// # Panics
    ///
    /// If the database does not respond.
    #[expect(clippy::expect_used, reason = "a test without its database has to fail loudly")]
    pub async fn limit_pages(&self, pages: i64) {
        let ask = Statement::from_string(self.writer().get_database_backend(), "PRAGMA page_count");
        let row = self.writer().query_one_raw(ask).await.expect("SQLite answers").expect("a number");
        let limit = row.try_get::<i64>("", "page_count").expect("a number").saturating_add(pages);
        self.set_pragma("max_page_count", &limit.to_string()).await;
    }

    /// Makes it refuse writes.
    ///
    /// # Panics
    ///
    /// If the database does not respond.
    pub async fn refuse_writes(&self) {
        self.set_pragma("query_only", "ON").await;
    }

    /// Locks every row of `table` on one of this store's own Postgres connections without further statements, as a
    /// process that freezes during a transaction. Resumes when the result is dropped.
    ///
    /// # Panics
    ///
    /// If the database refuses.
    #[expect(clippy::expect_used, reason = "a test without its database has to fail loudly")]
    pub async fn freeze_with_lock(&self, table: &str) -> impl Sized + use<> {
        let pool = self.writer();
        let options = sea_orm::TransactionOptions::default();
        let begun = Transaction::begin(pool.connection(), pool.calls(), options).await;
        let transaction = begun.expect("a transaction");
        let lock = format!("SELECT 1 FROM {table} FOR UPDATE");
        transaction.execute_unprepared(&lock).await.expect("the rows can be locked");
        transaction
    }

    #[expect(clippy::expect_used, reason = "a test without its database has to fail loudly")]
    async fn set_pragma(&self, name: &str, value: &str) {
        let set = format!("PRAGMA {name} = {value}");
        self.writer().execute_unprepared(&set).await.expect("SQLite takes orders");
    }
}

#[expect(clippy::expect_used, reason = "a test without its database has to fail loudly")]
async fn run(server: &str, statement: &str) {
    let connection = Database::connect(server).await.expect("the tests' Postgres server answers");
    connection.execute_unprepared(statement).await.expect("the tests' Postgres server takes orders");
    connection.close().await.expect("the tests' Postgres server lets go");
}
