//! Everything that one database offers.

use std::sync::Arc;

use billing_core::ports::{
    AdminReads, BalanceReads, BillingReads, BillingStore, CatalogReads, Checkpoints, Credentials, Inbox,
    JobStore, LedgerAudit, LedgerReads, LedgerReports, LedgerStore, StorePorts,
};

/// Everything that one database offers: what a contract suite is run against.
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
    /// The store's ports, for a [`Billing`](billing_core::Billing) of its own.
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
