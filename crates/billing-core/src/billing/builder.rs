//! The builder of the facade.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bounded_provider::BoundedProvider;
use super::last_checkpoint::LastCheckpoint;
use super::{AccountIds, Billing, CircuitBreakers, Ports, VersionCache};
use crate::account_billing::BillingPolicy;
use crate::ledger::{CheckpointKeys, CheckpointSigner, ClawbackPolicy};
use crate::payments::AllowedOrigins;
use crate::ports::{
    BalanceReads, CheckpointCopies, Clock, IdSource, LedgerStore, NoTimer, NoWaker, PaymentProvider,
    StorePorts, Timer, Waker,
};

/// The builder of a [`Billing`].
pub struct BillingBuilder {
    ports: Ports,
}

impl Billing {
    /// Starts with a store, a clock and a source of ids; everything else has a default.
    pub fn builder(
        store: impl Into<StorePorts>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> BillingBuilder {
        BillingBuilder {
            ports: Ports {
                store: store.into(),
                signer: None,
                checkpoint_keys: None,
                checkpoint_copies: Arc::new(LastCheckpoint::default()),
                providers: BTreeMap::new(),
                clock,
                ids,
                waker: Arc::new(NoWaker),
                timer: Arc::new(NoTimer),
                breakers: CircuitBreakers::default(),
                origins: AllowedOrigins::default(),
                policy: BillingPolicy::default(),
                free_plan: None,
                versions: VersionCache::default(),
                account_ids: AccountIds::default(),
            },
        }
    }
}

impl BillingBuilder {
    /// Decorates the store's ledger, for example with a batching writer.
    #[must_use]
    pub fn ledger(mut self, ledger: Arc<dyn LedgerStore>) -> Self {
        self.ports.store.ledger = ledger;
        self
    }

    /// Decorates the store's balance reads, for example with batching.
    #[must_use]
    pub fn balances(mut self, balances: Arc<dyn BalanceReads>) -> Self {
        self.ports.store.balances = balances;
        self
    }

    /// Adds a payment provider. With a [timer](Self::timer), each call has a deadline: 10 s for reads, 30 s for
    /// writes.
    #[must_use]
    pub fn provider(mut self, provider: Arc<dyn PaymentProvider>) -> Self {
        self.ports.providers.insert(provider.channel(), provider);
        self
    }

    /// Sets the allowed origins of return URLs; none by default.
    #[must_use]
    pub fn allowed_origins(mut self, origins: AllowedOrigins) -> Self {
        self.ports.origins = origins;
        self
    }

    /// Sets the waker of background work.
    #[must_use]
    pub fn waker(mut self, waker: Arc<dyn Waker>) -> Self {
        self.ports.waker = waker;
        self
    }

    /// Sets the timer for retries and deadlines; by default retries do not wait and calls have no deadline.
    #[must_use]
    pub fn timer(mut self, timer: Arc<dyn Timer>) -> Self {
        self.ports.timer = timer;
        self
    }

    /// Sets for how many days a period's credits outlive it; 3 by default.
    #[must_use]
    pub fn renewal_grace_days(mut self, days: u16) -> Self {
        self.ports.policy.grace_periods.renewal_days = i64::from(days);
        self
    }

    /// Sets for how many days a period's credits outlive it while the renewal's payment is retried; 14 by default.
    #[must_use]
    pub fn past_due_grace_days(mut self, days: u16) -> Self {
        self.ports.policy.grace_periods.past_due_days = i64::from(days);
        self
    }

    /// Sets the slug of the free plan: its credits are granted monthly to accounts without a subscription; none by
    /// default.
    #[must_use]
    pub fn free_plan(mut self, slug: impl Into<String>) -> Self {
        self.ports.free_plan = Some(slug.into());
        self
    }

    /// Sets after how many days credits expire that return from a spend whose own grant has ended; 30 by default.
    #[must_use]
    pub fn refund_days(mut self, days: u16) -> Self {
        self.ports.policy.refund_days = i64::from(days.max(1));
        self
    }

    /// Sets what happens to spent credits of a reversed payment: debt (the default) or write-off.
    #[must_use]
    pub fn clawback_policy(mut self, policy: ClawbackPolicy) -> Self {
        self.ports.policy.clawback = policy;
        self
    }

    /// Sets the signer of checkpoints; without one none are published.
    #[must_use]
    pub fn checkpoint_signer(mut self, signer: Arc<dyn CheckpointSigner>) -> Self {
        self.ports.signer = Some(signer);
        self
    }

    /// The trusted keys of checkpoints; without them checkpoints are not verified.
    #[must_use]
    pub fn checkpoint_keys(mut self, keys: CheckpointKeys) -> Self {
        self.ports.checkpoint_keys = Some(keys);
        self
    }

    /// The copies of checkpoints; by default the last one is kept in memory.
    #[must_use]
    pub fn checkpoint_copies(mut self, copies: Arc<dyn CheckpointCopies>) -> Self {
        self.ports.checkpoint_copies = copies;
        self
    }

    /// The finished facade.
    pub fn build(mut self) -> Billing {
        for provider in self.ports.providers.values_mut() {
            let (inner, timer) = (provider.clone(), self.ports.timer.clone());
            *provider = Arc::new(BoundedProvider { inner, timer });
        }
        Billing { ports: Arc::new(self.ports) }
    }
}
