//! Customers who spend while something goes wrong, and how long they wait.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::client::Backend;

/// More than anybody spends.
const GIVEN: i64 = 1_000_000;

/// An answer to one request.
#[derive(Clone)]
pub(crate) struct Answered {
    pub(crate) account: String,
    pub(crate) asked: Instant,
    pub(crate) took: Duration,
    /// 200, or the code of a refusal.
    pub(crate) code: String,
}

/// Customers, one request at a time each.
pub(crate) struct Load {
    over: Arc<AtomicBool>,
    answers: Arc<Mutex<Vec<Answered>>>,
    customers: Vec<JoinHandle<(String, i64)>>,
}

impl Load {
    /// Has one customer for each of `accounts` spend through `backend`, one credit after the other. What is refused
    /// is asked for again with the same key.
    pub(crate) fn start(backend: &Backend, accounts: &[String], name: &str) -> Self {
        let (over, answers) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let customers = accounts.iter().map(|account| {
            let (backend, account, name) = (backend.clone(), account.clone(), name.to_owned());
            let (over, answers) = (over.clone(), answers.clone());
            tokio::spawn(async move {
                let mut spent = 0;
                while !over.load(Ordering::SeqCst) {
                    let key = format!("{name}-{account}-{spent}");
                    loop {
                        let answered = spend(&backend, &account, &key).await;
                        let done = answered.code == "200";
                        answers.lock().unwrap().push(answered);
                        if done {
                            break;
                        }
                    }
                    spent += 1;
                }
                (account, spent)
            })
        });
        let customers = customers.collect();
        Self { over, answers, customers }
    }

    /// Everything that was answered so far.
    pub(crate) fn answers(&self) -> Vec<Answered> {
        self.answers.lock().unwrap().clone()
    }

    /// Waits until each customer has been answered something that was asked after `since`.
    pub(crate) async fn each_answered_since(&self, since: Instant) {
        loop {
            let answers = self.answers();
            let timely = answers.iter().filter(|answered| answered.asked > since && answered.code == "200");
            let served: BTreeSet<&str> = timely.map(|answered| answered.account.as_str()).collect();
            if served.len() == self.customers.len() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Waits for `more` answers.
    pub(crate) async fn answered(&self, more: usize) {
        let enough = self.answers.lock().unwrap().len() + more;
        while self.answers.lock().unwrap().len() < enough {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Ends it, and says how much each customer has spent.
    pub(crate) async fn stop(self) -> BTreeMap<String, i64> {
        self.over.store(true, Ordering::SeqCst);
        let mut spent = BTreeMap::new();
        for customer in self.customers {
            let (account, count) = customer.await.unwrap();
            spent.insert(account, count);
        }
        spent
    }
}

/// Spends one credit under `key`, and says how that went.
pub(crate) async fn spend(backend: &Backend, account: &str, key: &str) -> Answered {
    let asked = Instant::now();
    let answer = backend.spend(account, 1, key).await.unwrap();
    let code = match answer.status {
        200 => "200".to_owned(),
        _ => answer.body["error"]["code"].as_str().unwrap().to_owned(),
    };
    Answered { account: account.to_owned(), asked, took: asked.elapsed(), code }
}

/// Gives everybody enough.
pub(crate) async fn give(backend: &Backend, accounts: &[String]) {
    for account in accounts {
        backend.give(account, GIVEN).await;
    }
}

/// What was asked for is there exactly once.
pub(crate) async fn check_balances(backend: &Backend, spent: &BTreeMap<String, i64>) {
    for (account, spent) in spent {
        assert_eq!(backend.balance(account).await, GIVEN - spent, "{account}");
    }
}

/// How long `answers` took, in words.
pub(crate) fn waits<'a>(answers: impl Iterator<Item = &'a Answered>) -> String {
    let mut took: Vec<Duration> = answers.map(|answered| answered.took).collect();
    took.sort_unstable();
    let at = |percent: usize| took.get((took.len() * percent / 100).min(took.len().saturating_sub(1)));
    let millis = |took: Option<&Duration>| took.map_or(0, Duration::as_millis);
    let (half, p99, worst) = (millis(at(50)), millis(at(99)), millis(took.last()));
    format!("{} answers, median {half} ms, p99 {p99} ms, worst {worst} ms", took.len())
}
