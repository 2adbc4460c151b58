//! Postings on accounts whose rows another transaction keeps locked.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use billing_core::ports::StoreError;
use billing_core::values::AccountId;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::BatchConfig;
use crate::call::Job;
use crate::settle::Settler;

/// For how long after its last lock time-out an account is tried here first, apart from all others.
const REMEMBERED: Duration = Duration::from_secs(10);

/// Where the jobs of locked accounts wait and are tried again, so that the writers' batches go on without them.
///
/// An account comes here when a batch finds it locked, and stays until one of its postings gets through or nothing
/// has been asked of it for a while. Jobs are answered [`StoreError::LockTimeout`] after
/// [`BatchConfig::lock_patience`].
pub(crate) struct LockedLane {
    state: Mutex<State>,
    /// How many accounts are in the state; a look at it costs the fast path less than the mutex.
    accounts: AtomicUsize,
    bell: Notify,
    config: BatchConfig,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    /// When each was last found locked.
    accounts: HashMap<AccountId, Instant>,
    closed: bool,
}

impl LockedLane {
    pub(crate) fn new(config: BatchConfig) -> Self {
        Self { state: Mutex::default(), accounts: AtomicUsize::new(0), bell: Notify::new(), config }
    }

    /// Whether one of the job's accounts is known to be locked.
    pub(crate) fn takes(&self, job: &Job) -> bool {
        if self.accounts.load(Ordering::Relaxed) == 0 {
            return false;
        }
        let mut state = self.state();
        // What waits here is tried several times a second, so an account with jobs never grows that old.
        state.accounts.retain(|_, at| at.elapsed() < REMEMBERED);
        self.accounts.store(state.accounts.len(), Ordering::Relaxed);
        !state.closed && job.accounts().any(|account| state.accounts.contains_key(&account))
    }

    pub(crate) fn has_room(&self) -> bool {
        self.state().jobs.len() < self.config.waiting_of_one_account.max(1)
    }

    /// How many postings wait here.
    pub(crate) fn waiting(&self) -> usize {
        self.state().jobs.iter().map(|job| job.postings.len()).sum()
    }

    pub(crate) fn put(&self, jobs: impl IntoIterator<Item = Job>) {
        self.state().jobs.extend(jobs);
        self.bell.notify_one();
    }

    /// Takes in `jobs` that were found locked because of some of `accounts`.
    pub(crate) fn put_locked(&self, locked: Locked) {
        if locked.jobs.is_empty() {
            return;
        }
        let now = Instant::now();
        let mut state = self.state();
        state.accounts.extend(locked.accounts.into_iter().map(|account| (account, now)));
        self.accounts.store(state.accounts.len(), Ordering::Relaxed);
        drop(state);
        self.put(locked.jobs);
    }

    /// From now on no account is sent here any more. What waits is still tried until it is answered.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.bell.notify_one();
    }

    /// The jobs that wait, up to a batch; `None` once the lane is closed and empty.
    async fn next(&self) -> Option<Vec<Job>> {
        loop {
            {
                let mut state = self.state();
                let mut postings = 0_usize;
                let mut taken = Vec::new();
                while let Some(job) = state.jobs.pop_front() {
                    postings = postings.saturating_add(job.postings.len());
                    taken.push(job);
                    if postings >= self.config.batch_postings {
                        break;
                    }
                }
                if !taken.is_empty() {
                    return Some(taken);
                }
                if state.closed {
                    return None;
                }
            }
            self.bell.notified().await;
        }
    }

    /// These were not found locked any more.
    fn forget(&self, accounts: &BTreeSet<AccountId>) {
        let mut state = self.state();
        state.accounts.retain(|account, _| !accounts.contains(account));
        self.accounts.store(state.accounts.len(), Ordering::Relaxed);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Jobs that a batch could not carry out because rows of `accounts` are locked.
#[derive(Default)]
pub(crate) struct Locked {
    pub(crate) jobs: Vec<Job>,
    pub(crate) accounts: BTreeSet<AccountId>,
}

impl Locked {
    pub(crate) fn add(&mut self, jobs: Vec<Job>, accounts: &BTreeSet<AccountId>) {
        self.jobs.extend(jobs);
        self.accounts.extend(accounts);
    }
}

/// Tries what waits in `lane` until it is closed and empty. `alive` is let go of at the end.
pub(crate) async fn run(lane: Arc<LockedLane>, settler: Settler, alive: watch::Receiver<()>) {
    let _alive = alive;
    let pauses = || {
        let builder = ExponentialBuilder::default().with_min_delay(Duration::from_millis(20));
        builder.with_max_delay(Duration::from_millis(150)).without_max_times().with_jitter().build()
    };
    let mut pause = pauses();
    while let Some(jobs) = lane.next().await {
        let tried = settler.answer_overdue(jobs, lane.config.lock_patience);
        let accounts: BTreeSet<AccountId> = tried.iter().flat_map(Job::accounts).collect();
        let locked = settler.settle(tried).await;
        lane.forget(&accounts.difference(&locked.accounts).copied().collect());
        if locked.jobs.is_empty() {
            pause = pauses();
            continue;
        }
        lane.put_locked(locked);
        tokio::time::sleep(pause.next().unwrap_or_default()).await;
    }
}

impl Settler {
    /// Answers those of `jobs` that have waited for more than `patience` and returns the others.
    fn answer_overdue(&self, jobs: Vec<Job>, patience: Duration) -> Vec<Job> {
        let (overdue, timely): (Vec<Job>, _) =
            jobs.into_iter().partition(|job| job.since.elapsed() >= patience);
        for job in overdue {
            let accounts = job.accounts().collect();
            self.fail(job, &StoreError::LockTimeout { accounts });
        }
        timely
    }
}
