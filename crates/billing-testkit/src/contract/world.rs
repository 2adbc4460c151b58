//! The environment of a case.

use std::future::Future;
use std::sync::{Arc, Mutex};

use billing_core::accounts::Account;
use billing_core::changes::Changes;
use billing_core::jobs::Job;
use billing_core::ledger::audit;
use billing_core::ledger::audit::History;
use billing_core::ledger::{Balance, Outcome, Posted, Posting};
use billing_core::ports::{CommitError, Committed, DueQuery};
use billing_core::values::{AccountId, BusinessKey, Timestamp};
use tokio::task::JoinSet;

use super::patience;
use crate::builders::{a_grant, an_account, noon};
use crate::{SequentialIds, Stores};

/// A fresh store, a source of ids, and the created accounts.
pub(super) struct World {
    pub(super) store: Arc<dyn Stores>,
    pub(super) ids: SequentialIds,
    accounts: Mutex<Vec<AccountId>>,
}

impl World {
    pub(super) fn new(store: Arc<dyn Stores>) -> Self {
        Self { store, ids: SequentialIds::new(), accounts: Mutex::default() }
    }

    /// A stored account without credits.
    pub(super) async fn account(&self, name: &str) -> AccountId {
        self.stored_account(name).await.id
    }

    pub(super) async fn stored_account(&self, name: &str) -> Account {
        let account = an_account(name, &self.ids);
        self.commit(Changes { accounts: vec![account.clone()], ..Changes::default() }).await.unwrap();
        self.accounts.lock().unwrap().push(account.id);
        Account { version: 1, ..account }
    }

    /// A stored account with credits that do not expire.
    pub(super) async fn rich_account(&self, name: &str, amount: i64) -> AccountId {
        let account = self.account(name).await;
        self.post_one(a_grant(account, "opening", amount)).await.unwrap();
        account
    }

    pub(super) async fn commit(&self, changes: Changes) -> Result<Committed, CommitError> {
        patience::commit(&*self.store, &changes, noon()).await
    }

    /// A commit that must succeed.
    pub(super) async fn write(&self, changes: Changes) {
        self.commit(changes).await.unwrap();
    }

    /// A commit that must conflict.
    pub(super) async fn conflicts(&self, changes: Changes) {
        let ended = self.commit(changes).await;
        assert!(matches!(ended, Err(CommitError::Conflict)), "{ended:?}");
    }

    /// The accounts with changes due by `at`.
    pub(super) async fn due_accounts(&self, at: Timestamp, limit: u32) -> Vec<AccountId> {
        let query = DueQuery { job: Job::Expiry, by: at, now: at, limit };
        let due = self.store.due(&query).await.unwrap();
        due.into_iter().map(|item| AccountId::from_uuid(item.id)).collect()
    }

    pub(super) async fn post_at(&self, batch: Vec<Posting>, now: Timestamp) -> Vec<Outcome> {
        patience::post(&*self.store, batch, now).await
    }

    pub(super) async fn post(&self, batch: Vec<Posting>) -> Vec<Outcome> {
        self.post_at(batch, noon()).await
    }

    pub(super) async fn post_one_at(&self, posting: Posting, now: Timestamp) -> Outcome {
        self.post_at(vec![posting], now).await.remove(0)
    }

    pub(super) async fn post_one(&self, posting: Posting) -> Outcome {
        self.post_one_at(posting, noon()).await
    }

    /// Posts all of `batches` concurrently and returns their outcomes in order.
    pub(super) async fn post_at_once(&self, batches: Vec<Vec<Posting>>) -> Vec<Vec<Outcome>> {
        let post = |batch| {
            let store = self.store.clone();
            async move { patience::post(&*store, batch, noon()).await }
        };
        at_once(batches.into_iter().map(post)).await
    }

    /// Commits all of `all` concurrently and returns the results.
    pub(super) async fn commit_at_once(&self, all: Vec<Changes>) -> Vec<Result<Committed, CommitError>> {
        let commit = |changes| {
            let store = self.store.clone();
            async move { patience::commit(&*store, &changes, noon()).await }
        };
        at_once(all.into_iter().map(commit)).await
    }

    pub(super) async fn balance(&self, account: AccountId) -> Balance {
        self.store.balance(account).await.unwrap().unwrap()
    }

    /// The available balance on the balance row.
    pub(super) async fn available(&self, account: AccountId) -> i64 {
        self.balance(account).await.available().get()
    }

    pub(super) async fn history(&self, account: AccountId) -> History {
        let mut history = self.store.history(account).await.unwrap().unwrap();
        history.kept.grants.sort_by_key(|grant| grant.id);
        history.kept.holds.sort_by_key(|hold| hold.id);
        history.lines.allocations.sort_by_key(|part| (part.seq, part.position));
        history
    }

    /// The business keys of the grants that entry number `seq` drew on, in no particular order.
    pub(super) async fn drawn_on(&self, account: AccountId, seq: i64) -> Vec<String> {
        let history = self.history(account).await;
        let fact = |grant: &BusinessKey| grant.as_str().to_owned();
        let parts = history.lines.allocations.iter().filter(|part| part.seq == seq);
        let grants =
            parts.map(|part| history.kept.grants.iter().find(|grant| grant.id == part.grant).unwrap());
        grants.map(|grant| fact(&grant.business_key)).collect()
    }

    /// Audits every account of this case.
    pub(super) async fn is_sound(&self) {
        let accounts = self.accounts.lock().unwrap().clone();
        for account in accounts {
            assert_eq!(audit::check(&self.history(account).await), []);
        }
    }
}

/// Runs all of `futures` concurrently, on all threads, and returns the results in order.
pub(super) async fn at_once<T: Send + 'static>(
    futures: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let mut running = JoinSet::new();
    for (place, future) in futures.enumerate() {
        running.spawn(async move { (place, future.await) });
    }
    let mut done = running.join_all().await;
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, answer)| answer).collect()
}

/// The amounts of a posting's entries, in order.
pub(super) fn amounts(posted: &Posted) -> Vec<i64> {
    posted.entries.iter().map(|entry| entry.amount.get()).collect()
}
