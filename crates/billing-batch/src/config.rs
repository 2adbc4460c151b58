//! How much is gathered.

use std::time::Duration;

/// How a [`Batched`](crate::Batched) is set. Where a number is 0, 1 is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchConfig {
    /// How many writers accounts are spread over. Each has a transaction of its own under way, so one is right where
    /// the database has one writer, and more than there are processors gain nothing.
    pub writers: usize,
    /// Whether one more writer takes all postings but plain spends
    /// ([`Posting::is_plain_spend`](billing_core::ledger::Posting::is_plain_spend)), so that spends share no transaction
    /// with what the store has to take locks for. Gains nothing where the database has one writer.
    pub locking_writer: bool,
    /// How many postings have to be waiting or under way for each writer that is used: where few ask, one writer
    /// with larger batches does better than several with small ones.
    pub per_writer: usize,
    /// How many postings may wait for one writer. A call of more than that fits where nothing waits.
    pub waiting: usize,
    /// The same for the lane of those that only give credits.
    pub waiting_grants: usize,
    /// How many of one account's postings may wait for its writer, so that one customer's flood is turned away
    /// before it turns others away.
    pub waiting_of_one_account: usize,
    /// How many postings go into one transaction. A call is not cut: one of more than that goes alone.
    pub batch_postings: usize,
    /// How many accounts one transaction locks; the same holds.
    pub batch_accounts: usize,
    /// How often a batch is tried again while the store is busy, each time after a longer pause.
    pub busy_retries: usize,
    /// After how long a batch counts as stuck, so that its writer goes on with the next one beside it.
    pub stuck_after: Duration,
    /// How many batches may be stuck at once before their writers wait after all. The store needs a connection for
    /// each, and for each writer, and one for locked accounts. 0 where the store has one connection that writes.
    pub stuck_batches: usize,
    /// How long a call waits for accounts whose rows another transaction keeps locked, before it is told
    /// [`StoreError::LockTimeout`](billing_core::ports::StoreError::LockTimeout). Other accounts do not wait.
    pub lock_patience: Duration,
    /// After how long a call is answered in any case.
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
    /// How many writers there are together: each has a transaction of its own under way.
    pub fn all_writers(&self) -> usize {
        self.writers.max(1).saturating_add(usize::from(self.locking_writer))
    }
}

/// One per processor, four at most.
fn default_writers() -> usize {
    std::thread::available_parallelism().map_or(1, |processors| processors.get().min(4))
}
