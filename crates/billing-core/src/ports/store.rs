//! The write side of the cold path, and the ports of one database.

use std::sync::Arc;

use async_trait::async_trait;

use super::{
    AdminReads, BalanceReads, BillingReads, CatalogReads, Checkpoints, CommitError, Credentials, Inbox,
    JobStore, LedgerAudit, LedgerReads, LedgerReports, LedgerStore, StoreError,
};
use crate::changes::Changes;
use crate::ledger::{Posted, TextKey};
use crate::values::{AccountId, Timestamp};

/// The result of a commit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Committed {
    /// The results of the postings, in order.
    pub posted: Vec<Posted>,
}

/// The position of an erasure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct ErasedUpTo {
    /// The number of the last entry that was processed.
    pub entry: i64,
    /// The number of the last usage that was processed.
    pub usage: i64,
}

/// The cold path: writes everything that is not a plain posting.
#[async_trait]
pub trait BillingStore: Send + Sync {
    /// Writes all of `changes` in one transaction, or nothing. Postings are folded inside the same transaction.
    ///
    /// # Errors
    ///
    /// - [`CommitError::AlreadyHandled`] if the receipt's event is processed already; this is checked first.
    /// - [`CommitError::Conflict`] if a version has changed or a unique value exists: read again.
    /// - [`CommitError::Refused`] if the ledger refused a posting.
    /// - [`CommitError::Store`] if the store failed; safe to retry.
    async fn commit(&self, changes: Changes, now: Timestamp) -> Result<Committed, CommitError>;

    /// Replaces description and metadata of up to `limit` of the account's entries and up to `limit` of its usages
    /// after `after` by their salted digest, in one transaction that excludes postings to the account. If there are no
    /// more, the same transaction clears descriptions and metadata of its grants and holds, its e-mail address, name
    /// and metadata, replaces its salt by `fresh`, and returns `None`. Erased text stays erased.
    ///
    /// # Errors
    ///
    /// This part was not done; safe to retry.
    async fn erase(
        &self,
        account: AccountId,
        after: ErasedUpTo,
        fresh: TextKey,
        limit: u32,
    ) -> Result<Option<ErasedUpTo>, StoreError>;

    /// Whether the database answers, has exactly the migrations of this program, and accepts a write. Creates no
    /// table.
    async fn health(&self) -> Result<Health, StoreError>;
}

/// The health of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// Whether exactly the migrations of this program are applied, with the expected checksums.
    pub migrated: bool,
    /// Whether a small write was committed.
    pub writable: bool,
}

/// The ports of a store, usually all of one database; what [`Billing`](crate::Billing) is built with.
#[derive(Clone)]
pub struct StorePorts {
    /// Posts to the ledger.
    pub ledger: Arc<dyn LedgerStore>,
    /// Current balances.
    pub balances: Arc<dyn BalanceReads>,
    /// Reads of the ledger.
    pub ledger_reads: Arc<dyn LedgerReads>,
    /// Reports of the ledger.
    pub reports: Arc<dyn LedgerReports>,
    /// Audits.
    pub audit: Arc<dyn LedgerAudit>,
    /// Checkpoints of the ledger.
    pub checkpoints: Arc<dyn Checkpoints>,
    /// Cold-path writes.
    pub writer: Arc<dyn BillingStore>,
    /// Accounts and their purchases.
    pub billing: Arc<dyn BillingReads>,
    /// The catalogue.
    pub catalog: Arc<dyn CatalogReads>,
    /// Lists for operators.
    pub admin: Arc<dyn AdminReads>,
    /// API keys and secrets.
    pub credentials: Arc<dyn Credentials>,
    /// The durable webhook inbox.
    pub inbox: Arc<dyn Inbox>,
    /// The state of background jobs.
    pub jobs: Arc<dyn JobStore>,
}

impl<S> From<Arc<S>> for StorePorts
where
    S: LedgerStore
        + BalanceReads
        + LedgerReads
        + LedgerReports
        + LedgerAudit
        + Checkpoints
        + BillingStore
        + BillingReads
        + CatalogReads
        + AdminReads
        + Credentials
        + Inbox
        + JobStore
        + 'static,
{
    fn from(store: Arc<S>) -> Self {
        Self {
            ledger: store.clone(),
            balances: store.clone(),
            ledger_reads: store.clone(),
            reports: store.clone(),
            audit: store.clone(),
            checkpoints: store.clone(),
            writer: store.clone(),
            billing: store.clone(),
            catalog: store.clone(),
            admin: store.clone(),
            credentials: store.clone(),
            inbox: store.clone(),
            jobs: store,
        }
    }
}
