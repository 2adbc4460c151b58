//! Balances that many ask for, read together.

mod lane;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use billing_core::ledger::{AccountState, Balance};
use billing_core::ports::{BalanceReads, StoreError};
use billing_core::values::AccountId;

use lane::Lane;

/// [`BalanceReads`] that puts what its callers ask for together into one question to the store behind it:
/// whoever asks while a question is under way is in the next one. Nothing is kept, and a question begins
/// after everybody in it has asked, so everybody sees what was committed before.
///
/// Nobody lingers for company: a lone caller waits no longer than without it.
pub struct GatheredReads {
    balances: Lane<Balance>,
    states: Lane<AccountState>,
}

/// How reads are gathered. Where a number is 0, 1 is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadConfig {
    /// How many questions may be under way at once, of each kind.
    pub readers: usize,
    /// How many callers may wait; whoever comes on top is told [`StoreError::Overloaded`].
    pub waiting: usize,
    /// How many callers' accounts go into one question.
    pub together: usize,
    /// After how long a question counts as stuck, so that its reader goes on with the next one beside it.
    pub stuck_after: Duration,
    /// How many questions of each kind may be stuck at once. The store needs a connection for each.
    pub stuck_questions: usize,
    /// After how long a caller is answered in any case.
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
    /// Starts the readers before `store`, on the runtime that runs this. They end when the last handle is
    /// dropped.
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
