//! Three processes on one Postgres, many clients, hot and cold accounts, and `kill -9` at random: what clients saw
//! is what one ledger could have shown them.

mod checker;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};

use billing_core::accounts::ExternalId;
use billing_core::ledger::audit;
use billing_core::ports::{AccountRef, BillingReads, LedgerReads};
use billing_store::SqlStore;
use billing_store::testing::TestDatabase;
use billing_testkit::SequentialIds;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::Method;
use serde_json::json;

use crate::client::{Answer, Backend, answer, text};
use crate::kill::how_many_rounds;
use crate::process::{Service, Setup, cleaning_up};
use checker::{Event, Line, Saw, check};

const PROCESSES: usize = 3;
const CLIENTS: u64 = 64;
const HOT: usize = 2;
const COLD: usize = 12;
/// Little enough to run out again and again: what must not happen is one spend too many.
const BEGINNING: i64 = 60;
/// After how many answers the next process is killed.
const ANSWERS: usize = 150;

#[tokio::test(flavor = "multi_thread")]
async fn what_clients_of_three_processes_saw_is_what_one_ledger_could_have_shown() {
    let database = TestDatabase::postgres().await;
    cleaning_up(database, async |database| run(&Setup::on(database), database.url()).await).await;
}

/// What all clients share.
struct Scene {
    /// Where the processes are; a client that gets no answer from one asks another.
    urls: RwLock<Vec<Backend>>,
    clock: AtomicU64,
    answers: AtomicUsize,
    over: AtomicBool,
    seen: Mutex<BTreeMap<String, Vec<Event>>>,
}

/// What a client wants.
#[derive(Clone, Copy)]
enum Wish {
    Spend(i64),
    Give(i64),
    Look,
}

async fn run(setup: &Setup, url: &str) {
    let mut services: Vec<Service> = (0..PROCESSES).map(|_| setup.start()).collect();
    let scene = Arc::new(Scene {
        urls: RwLock::new(services.iter().map(Backend::of).collect()),
        clock: AtomicU64::new(0),
        answers: AtomicUsize::new(0),
        over: AtomicBool::new(false),
        seen: Mutex::default(),
    });
    for account in accounts() {
        let number = scene.clock.fetch_add(1, Ordering::SeqCst);
        scene.ask(&account, Wish::Give(BEGINNING), &format!("beginning-{number}"), 0).await;
    }
    let clients: Vec<_> = (0..CLIENTS).map(|number| tokio::spawn(client(scene.clone(), number))).collect();
    let mut chance = StdRng::seed_from_u64(11);
    for _ in 0..how_many_rounds().min(1000) {
        scene.after(ANSWERS).await;
        let place = chance.random_range(0..PROCESSES);
        services.remove(place).kill();
        scene.after(ANSWERS / 3).await;
        let service = setup.start();
        scene.urls.write().unwrap()[place] = Backend::of(&service);
        services.insert(place, service);
    }
    scene.after(ANSWERS).await;
    scene.over.store(true, Ordering::SeqCst);
    for client in clients {
        client.await.unwrap();
    }
    drop(services);
    verify(url, &scene).await;
}

fn accounts() -> impl Iterator<Item = String> {
    (0..HOT + COLD).map(|number| format!("account-{number}"))
}

/// Spends, gives and looks until it is over; whatever got no answer is asked again, with the same key, of
/// whichever process answers.
async fn client(scene: Arc<Scene>, number: u64) {
    let mut chance = StdRng::seed_from_u64(number);
    for turn in 0.. {
        if scene.over.load(Ordering::SeqCst) {
            return;
        }
        let hot = chance.random_range(0..10) < 7;
        let account = if hot { chance.random_range(0..HOT) } else { chance.random_range(HOT..HOT + COLD) };
        let wish = match chance.random_range(0..20) {
            0..12 => Wish::Spend(chance.random_range(1..8)),
            12..17 => Wish::Give(chance.random_range(1..8)),
            _ => Wish::Look,
        };
        let process = chance.random_range(0..PROCESSES);
        scene.ask(&format!("account-{account}"), wish, &format!("{number}-{turn}"), process).await;
    }
}

impl Scene {
    /// Waits for so many more answers.
    async fn after(&self, answers: usize) {
        let enough = self.answers.load(Ordering::SeqCst) + answers;
        while self.answers.load(Ordering::SeqCst) < enough {
            tokio::task::yield_now().await;
        }
    }

    async fn ask(&self, account: &str, wish: Wish, key: &str, first: usize) {
        let asked = self.clock.fetch_add(1, Ordering::SeqCst);
        let mut process = first;
        let answer = loop {
            let backend = self.urls.read().unwrap()[process].clone();
            match send(&backend, account, wish, key).await {
                // Nothing was done, or nobody knows: the key makes it safe to ask again.
                Some(answer) if answer.status == 503 => {}
                Some(answer) => break answer,
                None => {}
            }
            process = (process + 1) % PROCESSES;
            tokio::task::yield_now().await;
        };
        let answered = self.clock.fetch_add(1, Ordering::SeqCst);
        let event = Event { asked, answered, saw: saw(wish, &answer) };
        self.seen.lock().unwrap().entry(account.to_owned()).or_default().push(event);
        self.answers.fetch_add(1, Ordering::SeqCst);
    }
}

async fn send(backend: &Backend, account: &str, wish: Wish, key: &str) -> Option<Answer> {
    let request = match wish {
        Wish::Spend(amount) => backend
            .request(Method::POST, "/credits/consume")
            .json(&json!({ "account_id": account, "amount": amount })),
        Wish::Give(amount) => backend
            .request(Method::POST, "/credits/grants")
            .json(&json!({ "account_id": account, "amount": amount })),
        Wish::Look => {
            return answer(backend.request(Method::GET, &format!("/credits/balance?account_id={account}")))
                .await;
        }
    };
    answer(request.header("Idempotency-Key", key)).await
}

fn saw(wish: Wish, answer: &Answer) -> Saw {
    let data = &answer.body["data"];
    let number = |value: &serde_json::Value| value.as_i64().unwrap();
    match (wish, answer.status) {
        (Wish::Spend(amount), 200) => Saw::Changed {
            transaction: text(&data["transaction_id"]),
            amount: -amount,
            balance: number(&data["balance"]),
        },
        (Wish::Spend(required), 402) => {
            let details = &answer.body["error"]["details"];
            Saw::Refused { required, balance: number(&details["available"]) }
        }
        // A grant is known by its own id; its entry names it.
        (Wish::Give(amount), 200) => {
            Saw::Changed { transaction: text(&data["grant_id"]), amount, balance: number(&data["balance"]) }
        }
        (Wish::Look, 200) => Saw::Read { balance: number(&data["balance"]) },
        (_, status) => panic!("{status}: {}", answer.body),
    }
}

async fn verify(url: &str, scene: &Scene) {
    let store = SqlStore::connect(url, 4, Arc::new(SequentialIds::default())).await.unwrap();
    let seen = scene.seen.lock().unwrap().clone();
    let mut changes = 0;
    for name in accounts() {
        let account =
            store.account(AccountRef::External(&ExternalId::parse(&name).unwrap())).await.unwrap().unwrap();
        let history = store.history(account.id).await.unwrap().unwrap();
        assert_eq!(audit::check(&history), [], "{name}");
        let lines: Vec<_> = history
            .lines
            .entries
            .iter()
            .map(|entry| Line {
                transaction: entry.grant.map_or(entry.id.to_string(), |grant| grant.to_string()),
                amount: entry.amount.get(),
                balance: entry.available_after.get(),
            })
            .collect();
        let events = &seen[&name];
        assert_eq!(check(&lines, events), [""; 0], "{name}");
        // Every change was acknowledged in the end, and nothing else was done.
        let acknowledged = events.iter().filter(|event| matches!(event.saw, Saw::Changed { .. })).count();
        assert_eq!(acknowledged, lines.len(), "{name}");
        changes += lines.len();
    }
    assert!(changes > 100, "too little happened to say anything: {changes} changes");
    store.close().await;
}
