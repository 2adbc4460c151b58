//! `kill -9` in the middle of spends and webhooks: what was acknowledged stays, nothing is done twice.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use billing_core::accounts::ExternalId;
use billing_core::ledger::{EntryType, audit};
use billing_core::ports::{AccountRef, BillingReads, Clock, LedgerReads};
use billing_core::values::Timestamp;
use billing_sandbox::{Sandbox, SandboxConfig, SandboxEvent};
use billing_store::SqlStore;
use billing_store::testing::TestDatabase;
use billing_testkit::{ManualClock, SequentialIds};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::client::{Backend, text};
use crate::process::{SANDBOX_SECRET, Service, Setup, cleaning_up};

/// How many rounds the test command runs on each database; `cargo xtask chaos` asks for more.
const ROUNDS: u64 = 10;
const SPENDERS: usize = 6;
const PAYERS: usize = 3;
const BEGINNING: i64 = 1_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_and_nothing_is_done_twice_on_sqlite() {
    on(TestDatabase::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_and_nothing_is_done_twice_on_postgres() {
    on(TestDatabase::postgres().await).await;
}

async fn on(database: TestDatabase) {
    cleaning_up(database, async |database| rounds(&Setup::on(database), database.url()).await).await;
}

async fn rounds(setup: &Setup, url: &str) {
    let told = Arc::new(Told::default());
    let mut chance = StdRng::seed_from_u64(7);
    let mut service = setup.start();
    Backend::of(&service).give("alice", BEGINNING).await;
    for round in 0..how_many_rounds() {
        service = strike(setup, service, &told, round, chance.random_range(5..80)).await;
        settle(&Backend::of(&service), &told).await;
    }
    service.kill();
    check(url, &told).await;
}

/// What clients know: what was answered, and what they sent without an answer.
#[derive(Default)]
struct Told {
    /// The transaction of each answered spend, by its key.
    spent: Mutex<BTreeMap<String, Option<String>>>,
    /// Whether the event of each payment was taken in, by its order.
    paid: Mutex<BTreeMap<String, (Payment, bool)>>,
    answers: AtomicUsize,
}

#[derive(Clone)]
struct Payment {
    page: String,
}

/// Spends and pays from all sides, and kills the service once `after` requests were answered. Answers the
/// service that was started in its place.
async fn strike(setup: &Setup, service: Service, told: &Arc<Told>, round: u64, after: usize) -> Service {
    let backend = Backend::of(&service);
    let pack = backend.pack().await;
    for payer in 0..PAYERS * 4 {
        let buyer = format!("buyer-{round}-{payer}");
        let checkout = backend.sandbox_checkout(&buyer, &pack).await;
        let page = text(&checkout.body["data"]["url"]);
        told.paid.lock().unwrap().insert(buyer, (Payment { page }, false));
    }
    told.answers.store(0, Ordering::SeqCst);
    let spenders = (0..SPENDERS).map(|spender| {
        let (backend, told) = (backend.clone(), told.clone());
        tokio::spawn(async move {
            for number in 0.. {
                let key = format!("{round}-{spender}-{number}");
                told.spent.lock().unwrap().insert(key.clone(), None);
                let Some(answer) = backend.spend("alice", 1, &key).await else { return };
                assert_eq!(answer.status, 200, "{}", answer.body);
                let transaction = text(&answer.body["data"]["transaction_id"]);
                told.spent.lock().unwrap().insert(key, Some(transaction));
                told.answers.fetch_add(1, Ordering::SeqCst);
            }
        })
    });
    let payers = (0..PAYERS).map(|payer| {
        let (backend, told) = (backend.clone(), told.clone());
        tokio::spawn(async move {
            for number in 0..4 {
                let buyer = format!("buyer-{round}-{}", payer * 4 + number);
                if !deliver(&backend, &told, &buyer).await {
                    return;
                }
                told.answers.fetch_add(1, Ordering::SeqCst);
            }
        })
    });
    let clients: Vec<_> = spenders.chain(payers).collect();
    while told.answers.load(Ordering::SeqCst) < after {
        tokio::task::yield_now().await;
    }
    service.kill();
    for client in clients {
        client.await.unwrap();
    }
    setup.start()
}

/// Sends the buyer's payment as the sandbox would. Says whether it was taken in.
async fn deliver(backend: &Backend, told: &Told, buyer: &str) -> bool {
    let payment = told.paid.lock().unwrap()[buyer].0.clone();
    let clock = Arc::new(ManualClock::at(now()));
    let sandbox = Sandbox::try_new(
        SandboxConfig {
            secret: SANDBOX_SECRET.into(),
            public_url: backend.url.clone(),
            webhook_url: format!("{}/payment/webhook/sandbox", backend.url),
        },
        clock.clone(),
    )
    .unwrap();
    let session = sandbox.session(payment.page.rsplit('/').next().unwrap()).unwrap();
    for event in SandboxEvent::paid(&session, clock.now()) {
        let mut request =
            backend.http.post(format!("{}/payment/webhook/sandbox", backend.url)).body(event.body());
        for (name, value) in sandbox.sign(&event, clock.now()) {
            request = request.header(name, value);
        }
        match request.send().await {
            Ok(answer) => assert_eq!(answer.status(), 200),
            Err(_) => return false,
        }
    }
    told.paid.lock().unwrap().insert(buyer.to_owned(), (payment, true));
    true
}

/// Asks again for everything: what was answered is answered the same, what was not is done now or found
/// done. Payments whose events were taken in are applied without being told again; the others are told now.
async fn settle(backend: &Backend, told: &Told) {
    let spent = told.spent.lock().unwrap().clone();
    for (key, known) in spent {
        let again = backend.spend("alice", 1, &key).await.unwrap();
        assert_eq!(again.status, 200, "{}", again.body);
        let transaction = text(&again.body["data"]["transaction_id"]);
        if let Some(known) = known {
            assert_eq!(transaction, known, "an acknowledged spend was lost");
            assert!(again.replayed, "an acknowledged spend was done again");
        }
        told.spent.lock().unwrap().insert(key, Some(transaction));
    }
    let paid = told.paid.lock().unwrap().clone();
    for (buyer, (_, taken_in)) in paid {
        if !taken_in {
            assert!(deliver(backend, told, &buyer).await);
        }
        backend.until(async |backend| (backend.balance(&buyer).await == 1000).then_some(())).await;
    }
}

/// The ledger itself: every key once, every payment once, and all that must always hold.
async fn check(url: &str, told: &Told) {
    let store = SqlStore::connect(url, 4, Arc::new(SequentialIds::default())).await.unwrap();
    let history = async |name: &str| {
        let account =
            store.account(AccountRef::External(&ExternalId::parse(name).unwrap())).await.unwrap().unwrap();
        let history = store.history(account.id).await.unwrap().unwrap();
        assert_eq!(audit::check(&history), [], "{name}");
        history
    };
    let spent = told.spent.lock().unwrap().clone();
    let alice = history("alice").await;
    let spends = alice.lines.entries.iter().filter(|entry| matches!(entry.kind, EntryType::Spend(_))).count();
    assert_eq!(spends, spent.len(), "as many spends as keys");
    assert_eq!(alice.kept.balance.posted.get(), BEGINNING - i64::try_from(spends).unwrap());
    let paid = told.paid.lock().unwrap().clone();
    for buyer in paid.keys() {
        let history = history(buyer).await;
        assert_eq!((history.kept.grants.len(), history.kept.balance.posted.get()), (1, 1000), "{buyer}");
    }
    store.close().await;
}

#[expect(clippy::disallowed_methods, reason = "the long run asks for more rounds by this one variable")]
pub(crate) fn how_many_rounds() -> u64 {
    std::env::var("BILLING_CHAOS_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(ROUNDS)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the real binary lives in real time, and so does what is told to it"
)]
fn now() -> Timestamp {
    time::OffsetDateTime::now_utc().into()
}
