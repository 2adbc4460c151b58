//! The facade that a host holds.

mod account_ids;
mod accounts;
mod auditing;
mod bounded_provider;
mod builder;
mod buying;
mod catalog;
mod check_ins;
mod circuit_breakers;
mod coupons;
mod credits;
mod facade;
mod gifts;
mod holds;
mod last_checkpoint;
mod operating;
mod reports;
mod running;
mod version_cache;

pub(crate) use account_ids::AccountIds;
pub use builder::BillingBuilder;
pub(crate) use circuit_breakers::CircuitBreakers;
pub use facade::Billing;
pub(crate) use version_cache::VersionCache;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::account_billing::BillingPolicy;
use crate::ledger::{CheckpointKeys, CheckpointSigner};
use crate::payments::{AllowedOrigins, Channel};
use crate::ports::{
    AccountReads, BalanceReads, BillingStore, CatalogReads, CheckInReads, CheckpointCopies, Checkpoints,
    Clock, CouponReads, Credentials, Erasure, GiftReads, IdSource, Inbox, JobStore, LedgerAudit, LedgerReads,
    LedgerRecords, LedgerReports, LedgerStore, OrderReads, PaymentProvider, PaymentReads, SalesReports,
    SubscriptionReads, Timer, Waker,
};

/// Everything that use cases reach the outside by, and their settings.
pub(crate) struct Ports {
    pub(crate) ledger: Arc<dyn LedgerStore>,
    pub(crate) balances: Arc<dyn BalanceReads>,
    pub(crate) ledger_reads: Arc<dyn LedgerReads>,
    pub(crate) records: Arc<dyn LedgerRecords>,
    pub(crate) audit: Arc<dyn LedgerAudit>,
    pub(crate) checkpoints: Arc<dyn Checkpoints>,
    pub(crate) erasure: Arc<dyn Erasure>,
    pub(crate) signer: Option<Arc<dyn CheckpointSigner>>,
    pub(crate) checkpoint_keys: Option<CheckpointKeys>,
    pub(crate) checkpoint_copies: Arc<dyn CheckpointCopies>,
    pub(crate) reports: Arc<dyn LedgerReports>,
    pub(crate) store: Arc<dyn BillingStore>,
    pub(crate) accounts: Arc<dyn AccountReads>,
    pub(crate) catalog: Arc<dyn CatalogReads>,
    pub(crate) orders: Arc<dyn OrderReads>,
    pub(crate) payments: Arc<dyn PaymentReads>,
    pub(crate) subscriptions: Arc<dyn SubscriptionReads>,
    pub(crate) sales: Arc<dyn SalesReports>,
    pub(crate) coupons: Arc<dyn CouponReads>,
    pub(crate) gifts: Arc<dyn GiftReads>,
    pub(crate) check_ins: Arc<dyn CheckInReads>,
    pub(crate) credentials: Arc<dyn Credentials>,
    pub(crate) inbox: Arc<dyn Inbox>,
    pub(crate) jobs: Arc<dyn JobStore>,
    pub(crate) providers: BTreeMap<Channel, Arc<dyn PaymentProvider>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) waker: Arc<dyn Waker>,
    pub(crate) timer: Arc<dyn Timer>,
    pub(crate) breakers: CircuitBreakers,
    pub(crate) origins: AllowedOrigins,
    pub(crate) policy: BillingPolicy,
    pub(crate) free_plan: Option<String>,
    pub(crate) versions: VersionCache,
    pub(crate) account_ids: AccountIds,
}

impl Ports {
    pub(crate) fn provider(&self, channel: Channel) -> Option<&dyn PaymentProvider> {
        self.providers.get(&channel).map(|provider| &**provider)
    }
}
