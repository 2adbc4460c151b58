//! A store of balances that waits and fails as it is told.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use billing_batch::{GatheredReads, ReadConfig};
use billing_core::ledger::{AccountState, Balance, Loaded};
use billing_core::ports::{BalanceReads, StoreError};
use billing_core::values::AccountId;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// Every account but number 0 is there, and its kept row has the account's number in it.
#[derive(Default)]
pub(crate) struct Scripted {
    log: Mutex<Vec<Vec<u128>>>,
    script: Mutex<VecDeque<Option<StoreError>>>,
    /// Accounts that cannot be read, and whether it panics on them.
    poison: Mutex<BTreeMap<u128, bool>>,
    added: AtomicI64,
    /// One permit for each question that has begun.
    begun: Option<Semaphore>,
    /// One permit for each question that may end; none where all may.
    gate: Option<Semaphore>,
}

impl Scripted {
    /// Every question is answered at once.
    pub(crate) fn open() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// Every question waits until [`let_through`](Self::let_through) lets it end.
    pub(crate) fn gated() -> Arc<Self> {
        Arc::new(Self { begun: Some(Semaphore::new(0)), gate: Some(Semaphore::new(0)), ..Self::default() })
    }

    /// What the next question that has no fate yet ends with; none is an answer.
    pub(crate) fn then_fail(&self, fate: Option<StoreError>) {
        self.script.lock().unwrap().push_back(fate);
    }

    pub(crate) fn poison(&self, number: u128, panics: bool) {
        self.poison.lock().unwrap().insert(number, panics);
    }

    /// Changes every account.
    pub(crate) fn add(&self, more: i64) {
        self.added.fetch_add(more, Ordering::Relaxed);
    }

    /// Waits until a question has begun that nobody has waited for.
    pub(crate) async fn has_begun(&self) {
        self.begun.as_ref().unwrap().acquire().await.unwrap().forget();
    }

    pub(crate) fn let_through(&self, questions: usize) {
        self.gate.as_ref().unwrap().add_permits(questions);
    }

    /// The accounts of every question, in order.
    pub(crate) fn log(&self) -> Vec<Vec<u128>> {
        self.log.lock().unwrap().clone()
    }

    async fn ask(&self, accounts: &[AccountId]) -> Result<Vec<Option<Balance>>, StoreError> {
        let numbers: Vec<u128> = accounts.iter().map(|account| account.uuid().as_u128()).collect();
        self.log.lock().unwrap().push(numbers.clone());
        if let (Some(begun), Some(gate)) = (&self.begun, &self.gate) {
            begun.add_permits(1);
            gate.acquire().await.unwrap().forget();
        }
        if let Some(Some(failure)) = self.script.lock().unwrap().pop_front() {
            return Err(failure);
        }
        let poison = self.poison.lock().unwrap().clone();
        if let Some(panics) = numbers.iter().find_map(|number| poison.get(number)) {
            assert!(!panics, "poisoned");
            return Err(StoreError::Unexpected(Arc::new(std::io::Error::other("poisoned"))));
        }
        let added = self.added.load(Ordering::Relaxed);
        let kept = |account: &AccountId| {
            let number = i64::try_from(account.uuid().as_u128()).unwrap();
            (number > 0).then(|| Balance { seq: number + added, ..Balance::empty(*account) })
        };
        Ok(accounts.iter().map(kept).collect())
    }
}

#[async_trait]
impl BalanceReads for Scripted {
    async fn balances(&self, accounts: &[AccountId]) -> Result<Vec<Option<Balance>>, StoreError> {
        self.ask(accounts).await
    }

    async fn states(&self, accounts: &[AccountId]) -> Result<Vec<Option<AccountState>>, StoreError> {
        let kept = self.ask(accounts).await?;
        Ok(kept.into_iter().map(|kept| kept.map(|kept| Loaded::new(kept).into())).collect())
    }
}

pub(crate) fn start(store: &Arc<Scripted>, config: ReadConfig) -> Arc<GatheredReads> {
    let store: Arc<dyn BalanceReads> = store.clone();
    Arc::new(GatheredReads::start(&store, config))
}

pub(crate) fn account(number: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(number))
}

type Asking = JoinHandle<Result<Vec<Option<Balance>>, StoreError>>;

/// Asks from a task of its own, which waits when this returns.
pub(crate) async fn ask_soon(reads: &Arc<GatheredReads>, numbers: &[u128]) -> Asking {
    let (reads, accounts): (_, Vec<_>) = (reads.clone(), numbers.iter().copied().map(account).collect());
    let asking = tokio::spawn(async move { reads.balances(&accounts).await });
    // On one thread a task that was spawned runs up to where it waits, before this goes on.
    tokio::task::yield_now().await;
    asking
}

/// What a caller was answered.
pub(crate) async fn seen(asking: Asking) -> Vec<Option<i64>> {
    asking.await.unwrap().unwrap().into_iter().map(|kept| kept.map(|kept| kept.seq)).collect()
}
