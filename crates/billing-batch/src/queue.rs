//! The queue of a writer's jobs.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use billing_core::ports::StoreError;
use billing_core::values::AccountId;
use tokio::sync::Notify;

use crate::BatchConfig;
use crate::call::Job;
use crate::stats::Counters;

/// One writer's queue: bounded, with two lanes.
pub(crate) struct Queue {
    state: Mutex<State>,
    /// Notified when a job was queued or the queue was closed.
    bell: Notify,
    config: BatchConfig,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct State {
    grants: Lane,
    others: Lane,
    closed: bool,
}

/// Jobs in order of arrival.
#[derive(Default)]
struct Lane {
    jobs: VecDeque<Job>,
    postings: usize,
    by_account: HashMap<AccountId, usize>,
}

/// The capacity of a lane.
struct Bounds {
    postings: usize,
    of_one_account: usize,
}

impl Queue {
    pub(crate) fn new(config: BatchConfig, counters: Arc<Counters>) -> Self {
        Self { state: Mutex::default(), bell: Notify::new(), config, counters }
    }

    /// The number of queued postings.
    pub(crate) fn waiting(&self) -> usize {
        let state = self.state();
        state.grants.postings.saturating_add(state.others.postings)
    }

    /// Whether the queued postings fill a batch.
    pub(crate) fn has_a_batch(&self) -> bool {
        self.waiting() >= self.config.batch_postings
    }

    /// Accepts no further jobs. Queued ones are still posted.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.bell.notify_one();
    }

    /// Closes the queue and drops its jobs: the writer has ended.
    pub(crate) fn abandon(&self) {
        let mut state = self.state();
        state.closed = true;
        let (grants, others) = (std::mem::take(&mut state.grants), std::mem::take(&mut state.others));
        drop(state);
        drop((grants, others));
    }

    /// The next batch: the queued jobs, up to the limits. Waits only while the queue is empty; `None` once it is closed
    /// and empty.
    pub(crate) async fn next(&self) -> Option<Vec<Job>> {
        loop {
            {
                let mut state = self.state();
                let batch = self.take(&mut state);
                if !batch.is_empty() {
                    return Some(batch);
                }
                if state.closed {
                    return None;
                }
            }
            self.bell.notified().await;
        }
    }

    fn take(&self, state: &mut State) -> Vec<Job> {
        let mut batch = Batch::default();
        for lane in [&mut state.grants, &mut state.others] {
            while let Some(job) = lane.jobs.pop_front() {
                if job.answer.is_closed() {
                    // Its caller was cancelled and nothing of it was done, so it is dropped.
                    lane.forget(&job);
                    self.counters.abandoned.add(1);
                } else if batch.has_room_for(&job, &self.config) {
                    lane.forget(&job);
                    batch.add(job);
                } else {
                    lane.jobs.push_front(job);
                    return batch.jobs;
                }
            }
        }
        batch.jobs
    }

    fn bounds(&self, job: &Job) -> Bounds {
        let postings = if job.only_gives() { self.config.waiting_grants } else { self.config.waiting };
        Bounds { postings, of_one_account: self.config.waiting_of_one_account }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held; if something did, the queued jobs would still be valid.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Queues all of a call's jobs, or none. `jobs` are sorted by queue.
pub(crate) fn put(queues: &[Arc<Queue>], jobs: Vec<(usize, Job)>) -> Result<(), StoreError> {
    let places = jobs.into_iter().filter_map(|(place, job)| Some((queues.get(place)?, job)));
    // Every call locks the queues in the same order, so that no two wait for each other.
    let mut places: Vec<_> = places.map(|(queue, job)| (queue, queue.state(), job)).collect();
    let fits = places
        .iter()
        .all(|(queue, state, job)| !state.closed && state.lane(job).has_room_for(job, &queue.bounds(job)));
    if !fits {
        return Err(StoreError::Overloaded);
    }
    for (queue, mut state, job) in places.drain(..) {
        state.lane_mut(&job).push(job);
        drop(state);
        queue.bell.notify_one();
    }
    Ok(())
}

impl State {
    fn lane(&self, job: &Job) -> &Lane {
        if job.only_gives() { &self.grants } else { &self.others }
    }

    fn lane_mut(&mut self, job: &Job) -> &mut Lane {
        if job.only_gives() { &mut self.grants } else { &mut self.others }
    }
}

impl Lane {
    /// Whether `job` fits. A job always fits into an empty lane, however large it is, since it would never fit
    /// otherwise.
    fn has_room_for(&self, job: &Job, bounds: &Bounds) -> bool {
        let more = job.postings.len();
        if self.postings > 0 && self.postings.saturating_add(more) > bounds.postings {
            return false;
        }
        let waiting = |account| self.by_account.get(account).copied().unwrap_or_default();
        match job.postings.as_slice() {
            [one] => waiting(&one.account) < bounds.of_one_account.max(1),
            several => {
                let mut asked: HashMap<AccountId, usize> = HashMap::new();
                for posting in several {
                    let asked = asked.entry(posting.account).or_default();
                    *asked = asked.saturating_add(1);
                }
                asked.iter().all(|(account, asked)| {
                    let waiting = waiting(account);
                    waiting == 0 || waiting.saturating_add(*asked) <= bounds.of_one_account
                })
            }
        }
    }

    fn push(&mut self, job: Job) {
        self.postings = self.postings.saturating_add(job.postings.len());
        for posting in &job.postings {
            let waiting = self.by_account.entry(posting.account).or_default();
            *waiting = waiting.saturating_add(1);
        }
        self.jobs.push_back(job);
    }

    /// Stops counting a job that was removed.
    fn forget(&mut self, job: &Job) {
        self.postings = self.postings.saturating_sub(job.postings.len());
        for posting in &job.postings {
            if let Some(waiting) = self.by_account.get_mut(&posting.account) {
                *waiting = waiting.saturating_sub(1);
                if *waiting == 0 {
                    self.by_account.remove(&posting.account);
                }
            }
        }
    }
}

/// A batch that is being formed.
#[derive(Default)]
struct Batch {
    jobs: Vec<Job>,
    postings: usize,
    accounts: HashSet<AccountId>,
}

impl Batch {
    fn has_room_for(&self, job: &Job, config: &BatchConfig) -> bool {
        if self.jobs.is_empty() {
            return true;
        }
        let more: HashSet<_> = job.postings.iter().map(|posting| posting.account).collect();
        let accounts = self.accounts.len().saturating_add(more.difference(&self.accounts).count());
        self.postings.saturating_add(job.postings.len()) <= config.batch_postings
            && accounts <= config.batch_accounts
    }

    fn add(&mut self, job: Job) {
        self.postings = self.postings.saturating_add(job.postings.len());
        self.accounts.extend(job.postings.iter().map(|posting| posting.account));
        self.jobs.push(job);
    }
}
