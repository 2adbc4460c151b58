//! The cold path's writing side.

use async_trait::async_trait;

use super::{
    AccountReads, BalanceReads, CatalogReads, CheckInReads, Checkpoints, CommitError, CouponReads,
    Credentials, Erasure, GiftReads, Inbox, JobStore, LedgerAudit, LedgerReads, LedgerRecords, LedgerReports,
    LedgerStore, OrderReads, PaymentReads, SalesReports, StoreError, SubscriptionReads,
};
use crate::changes::Changes;
use crate::ledger::Posted;
use crate::values::Timestamp;

/// What a commit brought about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Committed {
    /// What became of the postings, in order.
    pub posted: Vec<Posted>,
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

/// Everything that one database offers; what [`Billing`](crate::Billing) is usually given.
pub trait Stores:
    LedgerStore
    + BalanceReads
    + LedgerAudit
    + LedgerReads
    + LedgerRecords
    + LedgerReports
    + BillingStore
    + AccountReads
    + CatalogReads
    + OrderReads
    + PaymentReads
    + SubscriptionReads
    + SalesReports
    + CheckInReads
    + CouponReads
    + GiftReads
    + Credentials
    + Inbox
    + JobStore
    + Checkpoints
    + Erasure
{
}

impl<T> Stores for T where
    T: LedgerStore
        + BalanceReads
        + LedgerAudit
        + LedgerReads
        + LedgerRecords
        + LedgerReports
        + BillingStore
        + AccountReads
        + CatalogReads
        + OrderReads
        + PaymentReads
        + SubscriptionReads
        + SalesReports
        + CheckInReads
        + CouponReads
        + GiftReads
        + Credentials
        + Inbox
        + JobStore
        + Checkpoints
        + Erasure
        + Erasure
{
}
