//! Balances for many callers, read together.

mod lane;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use billing_core::ledger::{AccountState, Balance};
use billing_core::ports::{BalanceReads, StoreError};
use billing_core::values::AccountId;

use lane::Lane;

/// [`BalanceReads`] that combines its callers' requests into one query to the store behind it: requests that arrive
/// during a query are in the next one. Nothing is cached, and a query starts after all its requests have arrived, so
/// every caller sees what was committed before.
///
/// No query is delayed to grow, so a single caller waits no longer than without it.
pub struct GatheredReads {
    balances: Lane<Balance>,
    states: Lane<AccountState>,
}

/// The configuration of gathered reads. 0 counts as 1, except for `stuck_questions`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadConfig {
    /// How many queries of each kind may run at once.
    pub readers: usize,
    /// How many callers may wait; further ones get [`StoreError::Overloaded`].
    pub waiting: usize,
    /// How many callers' accounts go into one query.
    pub together: usize,
    /// After how long a query counts as stuck, so that its reader continues with the next one beside it.
    pub stuck_after: Duration,
    /// How many queries of each kind may be stuck at once. The store needs a connection for each.
    pub stuck_questions: usize,
    /// The time within which every caller is answered.
    pub answer_within: Duration,
}

impl Default for ReadConfig {
    fn default() -> Self {
        Self {
            readers: 2,
            waiting: 8192,
            together: 256,
            stuck_after: Duration::from_millis(200),
            stuck_questions: 1,
            answer_within: Duration::from_secs(9),
        }
    }
}

impl GatheredReads {
    /// Starts the readers of `store` on the current runtime. They end when the last handle is dropped.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub fn start(store: &Arc<dyn BalanceReads>, config: ReadConfig) -> Self {
        let (balances, states) = (store.clone(), store.clone());
        Self {
            balances: Lane::start(config, move |accounts| {
                let store = balances.clone();
                Box::pin(async move { store.balances(&accounts).await })
            }),
            states: Lane::start(config, move |accounts| {
                let store = states.clone();
                Box::pin(async move { store.states(&accounts).await })
            }),
        }
    }
}

#[async_trait]
impl BalanceReads for GatheredReads {
    async fn balances(&self, accounts: &[AccountId]) -> Result<Vec<Option<Balance>>, StoreError> {
        self.balances.ask(accounts).await
    }

    async fn states(&self, accounts: &[AccountId]) -> Result<Vec<Option<AccountState>>, StoreError> {
        self.states.ask(accounts).await
    }
}

impl std::fmt::Debug for GatheredReads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GatheredReads").finish_non_exhaustive()
    }
}
