//! Postings on accounts whose rows another transaction has locked.

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

/// For how long after its last lock timeout an account's jobs are tried in this lane first.
const REMEMBERED: Duration = Duration::from_secs(10);

/// The lane where jobs of locked accounts wait and are retried, so that the writers' batches continue without them.
///
/// An account enters it when a batch finds it locked, and stays until one of its postings succeeds or it has had no job
/// for a while. Jobs fail with [`StoreError::LockTimeout`] after [`BatchConfig::lock_patience`].
pub(crate) struct LockedLane {
    state: Mutex<State>,
    /// The number of accounts in the state: cheaper to read on the fast path than the mutex.
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

    /// Whether one of the job's accounts was recently found locked.
    pub(crate) fn takes(&self, job: &Job) -> bool {
        if self.accounts.load(Ordering::Relaxed) == 0 {
            return false;
        }
        let mut state = self.state();
        // Jobs here are retried several times a second, so an account with jobs never grows that old.
        state.accounts.retain(|_, at| at.elapsed() < REMEMBERED);
        self.accounts.store(state.accounts.len(), Ordering::Relaxed);
        !state.closed && job.accounts().any(|account| state.accounts.contains_key(&account))
    }

    pub(crate) fn has_room(&self) -> bool {
        self.state().jobs.len() < self.config.waiting_of_one_account.max(1)
    }

    /// The number of postings that wait here.
    pub(crate) fn waiting(&self) -> usize {
        self.state().jobs.iter().map(|job| job.postings.len()).sum()
    }

    pub(crate) fn put(&self, jobs: impl IntoIterator<Item = Job>) {
        self.state().jobs.extend(jobs);
        self.bell.notify_one();
    }

    /// Adds `locked.jobs`, which failed because some of `locked.accounts` are locked.
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

    /// Accepts no further accounts. Waiting jobs are retried until they are answered.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.bell.notify_one();
    }

    /// The waiting jobs, up to a batch; `None` once the lane is closed and empty.
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

    /// Removes accounts that are no longer locked.
    fn forget(&self, accounts: &BTreeSet<AccountId>) {
        let mut state = self.state();
        state.accounts.retain(|account, _| !accounts.contains(account));
        self.accounts.store(state.accounts.len(), Ordering::Relaxed);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Jobs that a batch could not post because rows of `accounts` are locked.
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

/// Retries the jobs of `lane` until it is closed and empty. `alive` is dropped at the end.
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
    /// Fails those of `jobs` that have waited for at least `patience`, and returns the others.
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
