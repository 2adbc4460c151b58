//! Where jobs wait for their writer.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use billing_core::ports::StoreError;
use billing_core::values::AccountId;
use tokio::sync::Notify;

use crate::BatchConfig;
use crate::call::Job;
use crate::stats::Counters;

/// One writer's queue: bounded, in two lanes.
pub(crate) struct Queue {
    state: Mutex<State>,
    /// Rung when a job came or the queue was closed.
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

/// Jobs in the order in which they came.
#[derive(Default)]
struct Lane {
    jobs: VecDeque<Job>,
    postings: usize,
    by_account: HashMap<AccountId, usize>,
}

/// How much a lane may hold.
struct Bounds {
    postings: usize,
    of_one_account: usize,
}

impl Queue {
    pub(crate) fn new(config: BatchConfig, counters: Arc<Counters>) -> Self {
        Self { state: Mutex::default(), bell: Notify::new(), config, counters }
    }

    /// How many postings wait.
    pub(crate) fn waiting(&self) -> usize {
        let state = self.state();
        state.grants.postings.saturating_add(state.others.postings)
    }

    /// Whether as many wait as go into one batch.
    pub(crate) fn has_a_batch(&self) -> bool {
        self.waiting() >= self.config.batch_postings
    }

    /// From now on nothing is taken in. What waits is still carried out.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.bell.notify_one();
    }

    /// Closes, and lets go of what waits: nobody is left to carry it out.
    pub(crate) fn abandon(&self) {
        let mut state = self.state();
        state.closed = true;
        let (grants, others) = (std::mem::take(&mut state.grants), std::mem::take(&mut state.others));
        drop(state);
        drop((grants, others));
    }

    /// The next batch: whatever waits, up to the caps. Waits only where nothing does; `None` once the queue is
    /// closed and empty.
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
                    // Nobody waits for it, and nothing of it was done: leave it at that.
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
        // Nothing panics while it is held; if something did, what waits is worth more than the doubt.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts all of a call's jobs into their queues, or none. `jobs` are sorted by queue.
pub(crate) fn put(queues: &[Arc<Queue>], jobs: Vec<(usize, Job)>) -> Result<(), StoreError> {
    let places = jobs.into_iter().filter_map(|(place, job)| Some((queues.get(place)?, job)));
    // Locked in one order by everybody, so that no two calls wait for each other.
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
    /// Whether `job` may wait here. What is alone always may, however large it is: it would never fit
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

    /// Stops counting a job that was taken out.
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
