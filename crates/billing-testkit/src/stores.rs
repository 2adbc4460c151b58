//! The ports of one database.

use std::sync::Arc;

use billing_core::ports::{
    AdminReads, BalanceReads, BillingReads, BillingStore, CatalogReads, Checkpoints, Credentials, Inbox,
    JobStore, LedgerAudit, LedgerReads, LedgerReports, LedgerStore, StorePorts,
};

/// The ports of one database: the subject of the contract suites.
pub trait Stores:
    LedgerStore
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
{
    /// The store's ports, for building a [`Billing`](billing_core::Billing).
    fn ports(self: Arc<Self>) -> StorePorts;
}

impl<S> Stores for S
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
    fn ports(self: Arc<Self>) -> StorePorts {
        self.into()
    }
}
