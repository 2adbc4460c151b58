//! What the domain needs from outside, as traits.
//!
//! Every port states its contract in its documentation and has one suite in `billing-testkit` that every
//! implementation passes, fakes included. Rules for all of them:
//!
//! - `Ok` means done and durable, `Err` means that nothing was done, unless the error says "unknown".
//! - Something that is not there is `None`, never an error.
//! - Futures may be dropped at any moment: a write goes on or is undone, but never half.

mod balances;
mod checkpoint_copies;
mod clock;
mod erasure;
mod error;
mod gifts;
mod inbox;
mod jobs;
mod ledger;
mod ledger_reports;
mod provider;
mod reads;
mod sales_reports;
mod store;
mod timer;
mod waker;

pub use balances::BalanceReads;
pub use checkpoint_copies::CheckpointCopies;
pub use clock::Clock;
pub use erasure::{ErasedUpTo, Erasure};
pub use error::{CommitError, ProviderError, StoreError};
pub use gifts::{GiftFilter, GiftReads};
pub use inbox::{Inbox, Received};
pub use jobs::{DueItem, DueQuery, JobStore, Lease, RescheduledItem};
pub use ledger::{
    AuditScope, AuditTarget, Audited, Checkpoints, EntryFilter, LedgerAudit, LedgerReads, LedgerRecords,
    LedgerStore,
};
pub use ledger_reports::{HoldFilter, LedgerReports, UsageFilter, UsageQuery};
pub use provider::{Checkout, Invoices, PaymentProvider, Portal, Refunds, Subscriptions, Webhooks};
pub use reads::{
    AccountReads, CatalogReads, CheckInReads, CouponReads, Credentials, OrderReads, PaymentReads,
    SubscriptionReads,
};
pub use sales_reports::{OrderFilter, SalesReports, SubscriptionFilter};
pub use store::{BillingStore, Committed, Health, Stores};
pub use timer::{NoTimer, Timer};
pub use waker::{NoWaker, Waker};

pub use crate::values::IdSource;
