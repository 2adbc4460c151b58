//! A service on a database, and a second look at what is kept there.

use std::sync::Arc;

use billing_batch::{BatchConfig, Batched, GatheredReads, ReadConfig};
use billing_core::ports::{BalanceReads, StoreError};
use billing_core::requests::Spend;
use billing_core::{Billing, BillingError};
use billing_store::{Pools, SqlStore};
use billing_testkit::builders::{a_spend_request, an_external_id, noon};
use billing_testkit::{ManualClock, SequentialIds};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};

/// A service as the binary puts it together: with writers and readers in front of the store.
pub(crate) struct World {
    pub(crate) store: SqlStore,
    pub(crate) billing: Billing,
    pub(crate) batched: Arc<Batched>,
}

impl World {
    /// With `writers` before the database at `url`.
    pub(crate) async fn start(url: &str, writers: usize) -> Self {
        Self::starting_at(url, writers, 0).await
    }

    /// The same, as another process beside the first would be: with ids of its own.
    pub(crate) async fn starting_at(url: &str, writers: usize, number: u64) -> Self {
        let ids = |part: u64| Arc::new(SequentialIds::starting_at((number << 48) | (part << 40) | 1));
        let pools = Pools { ledger: u32::try_from(writers).unwrap() + 4, balances: 4, rest: 4 };
        let store = SqlStore::connect(url, pools, ids(0)).await.unwrap();
        let (locking_writer, stuck_batches) = if url.starts_with("sqlite") { (false, 0) } else { (true, 2) };
        let config =
            BatchConfig { writers, locking_writer, per_writer: 1, stuck_batches, ..BatchConfig::default() };
        let batched = Arc::new(Batched::start(Arc::new(store.clone()), config));
        let balances: Arc<dyn BalanceReads> = Arc::new(store.clone());
        let clock = Arc::new(ManualClock::at(noon()));
        let billing = Billing::builder(Arc::new(store.clone()), clock, ids(1))
            .ledger(batched.clone())
            .balances(Arc::new(GatheredReads::start(&balances, ReadConfig::default())))
            .build();
        Self { store, billing, batched }
    }

    /// Spends one credit in a task of its own.
    pub(crate) fn spend(
        &self,
        account: &str,
        key: &str,
    ) -> tokio::task::JoinHandle<Result<(), BillingError>> {
        self.carry_out(spend_of(account, key))
    }

    /// Spends beside whatever else is done.
    pub(crate) fn carry_out(&self, spend: Spend) -> tokio::task::JoinHandle<Result<(), BillingError>> {
        let billing = self.billing.clone();
        tokio::spawn(async move { billing.spend(spend).await.map(drop) })
    }

    pub(crate) async fn balance(&self, account: &str) -> Result<i64, BillingError> {
        Ok(self.billing.balance(&an_external_id(account)).await?.available.get())
    }

    pub(crate) async fn close(self) {
        self.batched.drain().await;
        self.store.close().await;
    }
}

/// One credit, with a text that takes some room.
pub(crate) fn spend_of(account: &str, key: &str) -> Spend {
    let spend = a_spend_request(account, 1, key);
    Spend { description: "x".repeat(200), ..spend }
}

/// Another connection to the database, which sees what is committed.
pub(crate) struct Second(DatabaseConnection);

impl Second {
    pub(crate) async fn look_at(url: &str) -> Self {
        // One session, so that what it begins it also ends.
        let mut options = ConnectOptions::new(url);
        options.max_connections(1);
        Self(Database::connect(options).await.unwrap())
    }

    pub(crate) async fn run(&self, sql: &str) {
        self.0.execute_unprepared(sql).await.unwrap();
    }

    /// The one number that `sql` finds as `n`.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let ask = Statement::from_string(self.0.get_database_backend(), sql);
        self.0.query_one_raw(ask).await.unwrap().unwrap().try_get("", "n").unwrap()
    }

    /// How many postings with entries are recorded whose keys end in `suffix`.
    pub(crate) async fn recorded(&self, suffix: &str) -> i64 {
        let recorded = "SELECT count(*) AS n FROM entries WHERE key_hash IS NOT NULL";
        self.number(&format!("{recorded} AND posting_key LIKE '%{suffix}'")).await
    }

    pub(crate) async fn close(self) {
        self.0.close().await.unwrap();
    }
}

/// The stable code that a caller is told.
pub(crate) fn code<T: std::fmt::Debug>(ended: Result<T, BillingError>) -> &'static str {
    ended.unwrap_err().code()
}

/// The same of a store's own answer.
pub(crate) fn store_code<T: std::fmt::Debug>(ended: Result<T, StoreError>) -> &'static str {
    BillingError::Store(ended.unwrap_err()).code()
}
