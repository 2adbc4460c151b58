//! The configuration of batching.

use std::time::Duration;

/// The configuration of a [`Batched`](crate::Batched). 0 counts as 1, except for `busy_retries` and `stuck_batches`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchConfig {
    /// The number of writers that accounts are spread over. Each has its own transaction in progress, so use 1 for a
    /// database with a single writer; more writers than processors gain nothing.
    pub writers: usize,
    /// Whether one more writer takes all postings except plain spends
    /// ([`Posting::is_plain_spend`](billing_core::ledger::Posting::is_plain_spend)), so that spends share no
    /// transaction with postings that need locks. Gains nothing for a database with a single writer.
    pub locking_writer: bool,
    /// How many postings have to be queued or in progress for each writer that is used: under low load, one writer with
    /// larger batches is faster than several with small ones.
    pub per_writer: usize,
    /// How many postings may be queued for one writer. A larger call fits into an empty queue.
    pub waiting: usize,
    /// The same for the lane of postings that only grant credits.
    pub waiting_grants: usize,
    /// How many postings of one account may be queued, so that a flood from one customer is refused before it causes
    /// others to be refused.
    pub waiting_of_one_account: usize,
    /// How many postings go into one transaction. A call is not split: a larger one is posted alone.
    pub batch_postings: usize,
    /// How many accounts one transaction locks. A call is not split.
    pub batch_accounts: usize,
    /// How often a batch is retried while the store is busy, after growing pauses.
    pub busy_retries: usize,
    /// After how long a batch counts as stuck, so that its writer continues with the next one beside it.
    pub stuck_after: Duration,
    /// How many batches may be stuck at once before their writers wait. The store needs a connection for each, one for
    /// each writer, and one for locked accounts. 0 for a store with a single connection for writes.
    pub stuck_batches: usize,
    /// How long a call waits for accounts whose rows another transaction has locked, before it fails with
    /// [`StoreError::LockTimeout`](billing_core::ports::StoreError::LockTimeout). Other accounts do not wait.
    pub lock_patience: Duration,
    /// The time within which every call is answered.
    pub answer_within: Duration,
}

impl Default for BatchConfig {
    fn default() -> Self {
        Self {
            writers: default_writers(),
            locking_writer: true,
            per_writer: 24,
            waiting: 8192,
            waiting_grants: 1024,
            waiting_of_one_account: 4096,
            batch_postings: 512,
            batch_accounts: 1000,
            busy_retries: 3,
            stuck_after: Duration::from_millis(200),
            stuck_batches: 2,
            lock_patience: Duration::from_secs(3),
            answer_within: Duration::from_secs(9),
        }
    }
}

impl BatchConfig {
    /// The total number of writers: each has its own transaction in progress.
    pub fn all_writers(&self) -> usize {
        self.writers.max(1).saturating_add(usize::from(self.locking_writer))
    }
}

/// One per processor, at most four.
fn default_writers() -> usize {
    std::thread::available_parallelism().map_or(1, |processors| processors.get().min(4))
}
