//! The environment of the benchmarks.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use billing_batch::{BatchConfig, Batched};
use billing_core::accounts::{Account, ExternalId};
use billing_core::changes::Changes;
use billing_core::ledger::{Outcome, Posting};
use billing_core::ports::{BillingStore, LedgerStore};
use billing_core::values::AccountId;
use billing_store::{Pools, SqlStore};
use uuid::Uuid;

use crate::contenders::{Ids, Ours, give, now, take};
use crate::database::{Server, ids};
use crate::load::Workload;

/// The sizes.
#[derive(Debug, Clone)]
pub(crate) struct Size {
    pub(crate) rounds: usize,
    pub(crate) warm_up: Duration,
    pub(crate) measure: Duration,
    pub(crate) accounts: usize,
    pub(crate) callers: usize,
    pub(crate) many_callers: usize,
    /// Entries before the first measurement, over all accounts.
    pub(crate) history: usize,
    /// Live grants per account, and the number of accounts then.
    pub(crate) grants: [usize; 3],
    pub(crate) grant_accounts: usize,
    pub(crate) sqlite_accounts: usize,
}

/// The server, the binaries, and the sizes.
pub(crate) struct Stage {
    pub(crate) server: Server,
    pub(crate) size: Size,
    pub(crate) billing: PathBuf,
    /// A database with accounts with one grant each, as a template.
    seed: tokio::sync::OnceCell<()>,
}

/// An open database of ours, with the writer in front.
pub(crate) struct OpenLedger {
    pub(crate) store: SqlStore,
    pub(crate) batched: Arc<Batched>,
    pub(crate) accounts: Vec<Uuid>,
}

/// The accounts of a database of ours, oldest first.
pub(crate) const ACCOUNTS: &str = "SELECT id FROM accounts ORDER BY external_id";

/// The template of most other databases.
const SEED: &str = "seed";

/// The initial balance of an account: it never runs out.
pub(crate) const OPENING: i64 = 1_000_000_000_000;

/// The postings and accounts of one call of the setup.
const CHUNK: usize = 1000;

/// The service's connections besides those of its writers.
const BALANCES: u32 = 2;
const REST: u32 = 12;

impl Size {
    pub(crate) fn full() -> Self {
        Self {
            rounds: 3,
            warm_up: Duration::from_secs(1),
            measure: Duration::from_secs(4),
            accounts: 10_000,
            callers: 64,
            many_callers: 512,
            history: 5_000_000,
            grants: [1, 10, 100],
            grant_accounts: 1000,
            sqlite_accounts: 1000,
        }
    }

    pub(crate) fn short() -> Self {
        Self { rounds: 1, measure: Duration::from_secs(3), ..Self::full() }
    }

    pub(crate) fn tiny() -> Self {
        Self {
            rounds: 1,
            warm_up: Duration::from_millis(20),
            measure: Duration::from_millis(400),
            accounts: 40,
            callers: 4,
            many_callers: 8,
            history: 400,
            grants: [1, 2, 5],
            grant_accounts: 10,
            sqlite_accounts: 10,
        }
    }

    /// One hot account per round, used by one measurement each.
    pub(crate) fn hot_accounts(&self) -> usize {
        self.rounds
    }

    /// Spends from many accounts.
    pub(crate) fn many(&self, callers: usize) -> Workload {
        Workload {
            accounts: 0..self.accounts,
            refused: 0,
            callers,
            after_checkpoint: false,
            warm_up: self.warm_up,
            measure: self.measure,
        }
    }

    /// Spends from one account, another one in each round.
    pub(crate) fn hot(&self, round: usize) -> Workload {
        let account = self.accounts + round;
        Workload { accounts: account..account + 1, ..self.many(self.callers) }
    }
}

impl Stage {
    pub(crate) fn new(server: Server, size: Size, billing: PathBuf) -> Self {
        Self { server, size, billing, seed: tokio::sync::OnceCell::new() }
    }

    /// The number of writers of each group commit.
    pub(crate) fn writers() -> usize {
        BatchConfig::default().writers
    }

    /// A database of ours whose accounts, including hot ones, have one grant and one spend each.
    pub(crate) async fn ledger(&self, purpose: &str) -> Result<String> {
        self.seed
            .get_or_try_init(|| async {
                let accounts = self.size.accounts + self.size.hot_accounts();
                let seed = self.server.create(SEED).await?;
                fill(&seed, accounts, 1).await.map(drop)
            })
            .await?;
        self.server.copy(SEED, purpose).await
    }

    /// Drops the databases of a case.
    pub(crate) async fn clear(&self) -> Result<()> {
        self.server.remove_all_but(SEED).await
    }

    /// The same with `grants` live grants per account.
    pub(crate) async fn ledger_with_grants(&self, purpose: &str, grants: usize) -> Result<String> {
        let url = self.server.create(purpose).await?;
        fill(&url, self.size.grant_accounts, grants).await?;
        Ok(url)
    }
}

impl OpenLedger {
    pub(crate) async fn at(url: &str) -> Result<Self> {
        let accounts = ids(url, ACCOUNTS).await?;
        Self::with(url, accounts, BatchConfig::default()).await
    }

    pub(crate) async fn with(url: &str, accounts: Vec<Uuid>, config: BatchConfig) -> Result<Self> {
        let pools = Pools { ledger: u32::try_from(config.writers)?, balances: BALANCES, rest: REST };
        let store = SqlStore::connect(url, pools, Arc::new(Ids)).await?;
        let batched = Arc::new(Batched::start(Arc::new(store.clone()), config));
        Ok(Self { store, batched, accounts })
    }

    pub(crate) fn gathered(&self) -> Arc<Ours> {
        Arc::new(Ours::gathered(self.batched.clone(), &self.accounts))
    }

    pub(crate) async fn close(self) {
        self.batched.drain().await;
        self.store.close().await;
    }
}

/// The external id of the account at `place`.
pub(crate) fn external_id(place: usize) -> String {
    format!("account-{place:07}")
}

/// Creates the tables at `url`, and `accounts` with `grants` grants and one spend each. Everything goes through the
/// ports, so the ledger is valid.
pub(crate) async fn fill(url: &str, accounts: usize, grants: usize) -> Result<Vec<Uuid>> {
    SqlStore::migrate(url).await?;
    let store = SqlStore::connect(url, 2, Arc::new(Ids)).await?;
    let mut ids = Vec::with_capacity(accounts);
    let places: Vec<usize> = (0..accounts).collect();
    for chunk in places.chunks(CHUNK) {
        let mut new = Vec::with_capacity(chunk.len());
        for place in chunk {
            let account = Account::new(ExternalId::parse(&external_id(*place))?, &Ids, now());
            ids.push(account.id);
            new.push(account);
        }
        store.commit(Changes { accounts: new, ..Changes::default() }, now()).await?;
    }
    let each = OPENING / i64::try_from(grants).context("too many grants")?;
    let gifts: Vec<Posting> =
        (0..grants).flat_map(|number| ids.iter().map(move |account| give(*account, number, each))).collect();
    post(&store, gifts).await?;
    post(&store, ids.iter().map(|account| take(*account, 0, 1)).collect()).await?;
    store.close().await;
    Ok(ids.into_iter().map(AccountId::uuid).collect())
}

async fn post(store: &SqlStore, postings: Vec<Posting>) -> Result<()> {
    for chunk in postings.chunks(CHUNK) {
        let outcomes: Vec<Outcome> = store.post(chunk.to_vec(), now()).await?;
        for outcome in outcomes {
            outcome.context("a preparation was refused")?;
        }
    }
    Ok(())
}
