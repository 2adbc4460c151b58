//! The cold path's writing side, and everything that one database offers.

use std::sync::Arc;

use async_trait::async_trait;

use super::{
    AdminReads, BalanceReads, BillingReads, CatalogReads, Checkpoints, CommitError, Credentials, Inbox,
    JobStore, LedgerAudit, LedgerReads, LedgerReports, LedgerStore, StoreError,
};
use crate::changes::Changes;
use crate::ledger::{Posted, TextKey};
use crate::values::{AccountId, Timestamp};

/// What a commit brought about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Committed {
    /// What became of the postings, in order.
    pub posted: Vec<Posted>,
}

/// How far an erasure has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct ErasedUpTo {
    /// The number of the last entry that was looked at.
    pub entry: i64,
    /// The number of the last usage that was looked at.
    pub usage: i64,
}

/// Where everything but the hot path is written.
#[async_trait]
pub trait BillingStore: Send + Sync {
    /// Writes all of `changes` in one transaction, or nothing of it. Postings are folded inside the same
    /// transaction.
    ///
    /// # Errors
    ///
    /// - [`CommitError::AlreadyHandled`] if the receipt's event was dealt with before; that is looked at first.
    /// - [`CommitError::Conflict`] if a version has moved on or something unique exists: read again.
    /// - [`CommitError::Refused`] if the ledger refused a posting.
    /// - [`CommitError::Store`] if the store failed; may be tried again.
    async fn commit(&self, changes: Changes, now: Timestamp) -> Result<Committed, CommitError>;

    /// Replaces description and metadata of up to `limit` of the account's entries and up to `limit` of its usages behind
    /// `after` by their salted digest, in one transaction in which nothing else is posted to the account. Once there are
    /// no more, the same transaction empties descriptions and metadata of its grants and holds, its e-mail address, name
    /// and metadata, and replaces its salt by `fresh`; the answer then is `None`. What was erased before stays so.
    ///
    /// # Errors
    ///
    /// This part was not done; may be tried again.
    async fn erase(
        &self,
        account: AccountId,
        after: ErasedUpTo,
        fresh: TextKey,
        limit: u32,
    ) -> Result<Option<ErasedUpTo>, StoreError>;

    /// Whether the database answers, has exactly the migrations that this program knows, and takes a write. Makes no
    /// table.
    async fn health(&self) -> Result<Health, StoreError>;
}

/// How the database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// Whether every migration that this program knows has been applied with the text that it knows, and no other.
    pub migrated: bool,
    /// Whether a small write was committed.
    pub writable: bool,
}

/// The ports of a store, which one database usually offers all at once; what [`Billing`](crate::Billing) is given.
#[derive(Clone)]
pub struct StorePorts {
    /// Where postings are carried out.
    pub ledger: Arc<dyn LedgerStore>,
    /// What accounts have now.
    pub balances: Arc<dyn BalanceReads>,
    /// What was carried out.
    pub ledger_reads: Arc<dyn LedgerReads>,
    /// What people are shown of the ledger.
    pub reports: Arc<dyn LedgerReports>,
    /// Checks of what is kept.
    pub audit: Arc<dyn LedgerAudit>,
    /// Checkpoints of the ledger.
    pub checkpoints: Arc<dyn Checkpoints>,
    /// Where everything but postings is written.
    pub writer: Arc<dyn BillingStore>,
    /// Accounts, and what they bought.
    pub billing: Arc<dyn BillingReads>,
    /// What is on sale.
    pub catalog: Arc<dyn CatalogReads>,
    /// What operators look through.
    pub admin: Arc<dyn AdminReads>,
    /// API keys and secrets.
    pub credentials: Arc<dyn Credentials>,
    /// Where providers' events wait.
    pub inbox: Arc<dyn Inbox>,
    /// What background jobs keep.
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
