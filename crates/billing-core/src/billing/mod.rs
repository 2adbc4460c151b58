//! The facade of the domain.

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
pub(crate) use operating::check_cursor;
pub(crate) use version_cache::VersionCache;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::account_billing::BillingPolicy;
use crate::accounts::{Account, ExternalId};
use crate::ledger::{CheckpointKeys, CheckpointSigner};
use crate::payments::{AllowedOrigins, Channel};
use crate::ports::{
    AccountRef, CheckpointCopies, Clock, IdSource, PaymentProvider, StoreError, StorePorts, Timer, Waker,
};

/// The ports and settings of the use cases.
pub(crate) struct Ports {
    pub(crate) store: StorePorts,
    pub(crate) signer: Option<Arc<dyn CheckpointSigner>>,
    pub(crate) checkpoint_keys: Option<CheckpointKeys>,
    pub(crate) checkpoint_copies: Arc<dyn CheckpointCopies>,
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

    /// The account with the external id `name`.
    pub(crate) async fn find_account(&self, name: &ExternalId) -> Result<Option<Account>, StoreError> {
        self.store.billing.account(AccountRef::External(name)).await
    }
}
