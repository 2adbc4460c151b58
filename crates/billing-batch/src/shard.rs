//! Assigns accounts to writers.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use billing_core::ledger::Posting;
use billing_core::values::AccountId;

use crate::BatchConfig;

/// Spreads accounts by hash over as many writers as the load needs: under low load, one writer with larger batches is
/// faster than several with small ones. Postings other than plain spends go to a writer of their own, so that spends of
/// other accounts are not posted under locks because of them. An account stays with the writer that is busy with it, so
/// that its postings stay in order and no two writers contend for it.
pub(crate) struct Shards {
    writers: usize,
    /// The writer of postings other than plain spends, if they have one of their own.
    locking: Option<usize>,
    per_writer: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    busy: HashMap<AccountId, Busy>,
    /// Postings that are queued or in progress.
    under_way: usize,
}

struct Busy {
    writer: usize,
    postings: usize,
}

/// Postings that were assigned to a writer. Dropped when they are finished, whatever the outcome.
pub(crate) struct Taken {
    shards: Arc<Shards>,
    accounts: Vec<AccountId>,
}

impl Shards {
    pub(crate) fn new(config: BatchConfig) -> Self {
        let (writers, per_writer) = (config.writers.max(1), config.per_writer.max(1));
        let locking = config.locking_writer.then_some(writers);
        Self { writers, locking, per_writer, state: Mutex::default() }
    }

    /// The writer of each of `postings`, in order. They have to be passed to [`taken`](Self::taken).
    pub(crate) fn of(&self, postings: &[Posting]) -> Vec<usize> {
        let mut state = self.state();
        let state = &mut *state;
        postings
            .iter()
            .map(|posting| {
                let used = (state.under_way / self.per_writer).saturating_add(1).min(self.writers);
                state.under_way = state.under_way.saturating_add(1);
                let writer = || {
                    let locking = self.locking.filter(|_| !posting.is_plain_spend());
                    locking.unwrap_or_else(|| spread(posting.account, used))
                };
                let busy = state.busy.entry(posting.account);
                let busy = busy.or_insert_with(|| Busy { writer: writer(), postings: 0 });
                busy.postings = busy.postings.saturating_add(1);
                busy.writer
            })
            .collect()
    }

    /// The guard that counts `postings` until they are finished.
    pub(crate) fn taken(self: &Arc<Self>, postings: &[Posting]) -> Taken {
        let accounts = postings.iter().map(|posting| posting.account).collect();
        Taken { shards: self.clone(), accounts }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut state = self.shards.state();
        state.under_way = state.under_way.saturating_sub(self.accounts.len());
        for account in &self.accounts {
            if let Some(busy) = state.busy.get_mut(account) {
                busy.postings = busy.postings.saturating_sub(1);
                if busy.postings == 0 {
                    state.busy.remove(account);
                }
            }
        }
    }
}

fn spread(account: AccountId, writers: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    account.hash(&mut hasher);
    let writers = u64::try_from(writers).unwrap_or(u64::MAX);
    hasher.finish().checked_rem(writers).and_then(|writer| usize::try_from(writer).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use billing_core::ledger::Actor;
    use billing_core::values::{Fingerprint, PostingKey};
    use uuid::Uuid;

    use super::*;

    fn postings(accounts: std::ops::Range<u128>) -> Vec<Posting> {
        let posting = |number| Posting {
            account: AccountId::from_uuid(Uuid::from_u128(number)),
            key: PostingKey::of_time(),
            fingerprint: Fingerprint::of([b"".as_slice()]),
            actor: Actor::Time,
            commands: Vec::new(),
        };
        accounts.map(posting).collect()
    }

    fn four_writers() -> Arc<Shards> {
        Arc::new(Shards::new(BatchConfig { writers: 4, per_writer: 10, ..BatchConfig::default() }))
    }

    #[test]
    fn where_few_ask_one_writer_is_used_and_where_many_ask_all_are() {
        let shards = four_writers();
        let few = postings(0..10);
        assert_eq!(shards.of(&few), [0; 10]);
        let _few = shards.taken(&few);
        let many = postings(10..200);
        assert_eq!(BTreeSet::from_iter(shards.of(&many)), BTreeSet::from([0, 1, 2, 3]));
        drop(shards.taken(&many));
        // Ten are in progress again: one more may go to a second writer, and none to a third.
        let next = postings(200..210);
        assert!(shards.of(&next).into_iter().all(|writer| writer < 2));
    }

    #[test]
    fn a_busy_account_stays_with_its_writer_however_many_are_used() {
        let shards = four_writers();
        let own = postings(7..8);
        assert_eq!(shards.of(&own), [0]);
        let first = shards.taken(&own);
        let others = postings(10..100);
        shards.of(&others);
        let others = shards.taken(&others);
        assert_eq!(shards.of(&own), [0]);
        drop(first);
        assert_eq!(shards.of(&own), [0], "the second is still under way");
        drop((shards.taken(&own), shards.taken(&own), others));
        assert!(shards.state().busy.is_empty());
        assert_eq!(shards.state().under_way, 0);
    }
}
