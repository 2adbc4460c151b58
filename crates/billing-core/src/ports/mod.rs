//! The ports of the domain, as traits.
//!
//! Every port states its contract in its documentation, and has one suite in `billing-testkit` that every
//! implementation passes, fakes included. Rules for all ports:
//!
//! - `Ok` means done and durable; `Err` means that nothing was done, unless the error says "unknown".
//! - A missing object is `None`, never an error.
//! - Futures may be dropped at any moment: a write completes or is rolled back, never half.

mod admin_reads;
mod balances;
mod billing_reads;
mod catalog_reads;
mod checkpoint_copies;
mod clock;
mod credentials;
mod error;
mod inbox;
mod jobs;
mod ledger;
mod ledger_reports;
mod provider;
mod store;
mod timer;
mod waker;

pub use admin_reads::{AdminReads, GiftFilter, OrderFilter, SubscriptionFilter};
pub use balances::BalanceReads;
pub use billing_reads::{
    AccountRef, BillingReads, CheckInQuery, GiftRef, OrderRef, PaymentMethodRef, PaymentQuery, PaymentRef,
    RedemptionRef, SubscriptionSelector,
};
pub use catalog_reads::{CatalogReads, CouponRef};
pub use checkpoint_copies::CheckpointCopies;
pub use clock::Clock;
pub use credentials::Credentials;
pub use error::{CommitError, ProviderError, StoreError};
pub use inbox::{Inbox, Received};
pub use jobs::{DueItem, DueQuery, JobStore, Lease, RescheduledItem};
pub use ledger::{
    AuditScope, AuditTarget, Audited, Checkpoints, EntryFilter, LedgerAudit, LedgerReads, LedgerStore,
};
pub use ledger_reports::{HoldFilter, LedgerReports, UsageFilter, UsageQuery};
pub use provider::{Checkout, Invoices, PaymentProvider, Portal, Refunds, Subscriptions, Webhooks};
pub use store::{BillingStore, Committed, ErasedUpTo, Health, StorePorts};
pub use timer::{NoTimer, Timer};
pub use waker::{NoWaker, Waker};

pub use crate::values::IdSource;
