//! Faults beside a running service: a locked row, connections that go silent, a sibling process that is frozen. They
//! cost those concerned, and nobody else. The order of events is asserted; the seconds are printed, and read in the
//! output of `cargo xtask chaos`.

mod load;

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use billing_store::testing::{Line, TestDatabase};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::client::Backend;
use crate::kill::how_many_rounds;
use crate::process::{Service, Setup, cleaning_up};
use load::{Answered, Load, check_balances, give, spend, waits};

const OTHERS: usize = 8;

fn others() -> Vec<String> {
    (0..OTHERS).map(|number| format!("other-{number}")).collect()
}

/// A tenth of the rounds that kills take: each of these takes seconds.
fn rounds() -> u64 {
    (how_many_rounds() / 10).max(1)
}

/// Prints what was measured in one round.
#[expect(clippy::print_stdout, reason = "the runner shows it with the long run's report")]
fn tell(what: &str, others: &[Answered], since: Instant, concerned: &[Answered]) {
    let before = others.iter().filter(|answered| answered.asked < since);
    let during = others.iter().filter(|answered| answered.asked >= since);
    println!("{what}: others before: {}; during: {}", waits(before), waits(during));
    let mut codes: BTreeMap<&str, (usize, Duration)> = BTreeMap::new();
    for answered in concerned {
        let (count, worst) = codes.entry(&answered.code).or_default();
        *count += 1;
        *worst = answered.took.max(*worst);
    }
    for (code, (count, worst)) in codes {
        println!("{what}: concerned: {count} × {code}, after {} ms at the latest", worst.as_millis());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_account_costs_its_own_callers_at_one_writer_and_at_four() {
    for writers in ["1", "4"] {
        let database = TestDatabase::postgres().await;
        cleaning_up(database, async |database| {
            let service = Setup::on(database).with("BILLING_LEDGER__WRITERS", writers).start();
            let backend = Backend::of(&service);
            give(&backend, &others()).await;
            give(&backend, &["victim".to_owned()]).await;
            let load = Load::start(&backend, &others(), "load");
            load.answered(100).await;
            for round in 0..rounds() {
                let since = Instant::now();
                let lock = database.lock_rows("balances", "victim").await;
                let victim = |number: usize| {
                    let (backend, key) = (backend.clone(), format!("victim-{round}-{number}"));
                    tokio::spawn(async move { spend(&backend, "victim", &key).await })
                };
                let victims: Vec<_> = (0..4).map(victim).collect();
                load.each_answered_since(Instant::now()).await;
                assert!(!victims.iter().any(tokio::task::JoinHandle::is_finished), "others come first");
                let mut concerned = Vec::new();
                for victim in victims {
                    concerned.push(victim.await.unwrap());
                }
                assert!(concerned.iter().all(|answered| answered.code == "lock_timeout"));
                tell(&format!("locked row, {writers} writers"), &load.answers(), since, &concerned);
                lock.release().await;
                for number in 0..4 {
                    let settled = spend(&backend, "victim", &format!("victim-{round}-{number}")).await;
                    assert_eq!(settled.code, "200");
                }
            }
            let refused = load.answers().into_iter().find(|answered| answered.code != "200");
            assert!(refused.is_none(), "somebody else was refused: {}", refused.unwrap().code);
            check_balances(&backend, &load.stop().await).await;
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_connections_cost_those_who_were_on_them() {
    for writers in ["1", "4"] {
        let database = TestDatabase::postgres().await;
        cleaning_up(database, async |database| {
            let line = Line::to(database.url()).await;
            let setup = Setup::on(database).with("BILLING_DATABASE_URL", line.url());
            let service = setup.with("BILLING_LEDGER__WRITERS", writers).start();
            let backend = Backend::of(&service);
            give(&backend, &others()).await;
            let load = Load::start(&backend, &others(), "load");
            load.answered(100).await;
            for _ in 0..rounds() {
                let since = Instant::now();
                line.silence_open_connections();
                load.each_answered_since(since + Duration::from_millis(1)).await;
                let answers = load.answers();
                // Whoever waited for a connection that had gone silent; everybody has an answer by now.
                let was_on_one = |answered: &&Answered| {
                    answered.asked + answered.took > since
                        && (answered.code != "200" || answered.took > Duration::from_secs(1))
                };
                let concerned: Vec<_> = answers.iter().filter(was_on_one).cloned().collect();
                let others: Vec<_> = answers.iter().filter(|other| !was_on_one(other)).cloned().collect();
                tell(&format!("silent connections, {writers} writers"), &others, since, &concerned);
                load.answered(50).await;
            }
            check_balances(&backend, &load.stop().await).await;
            drop((service, line));
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_sibling_holds_up_the_accounts_of_its_last_batch_for_a_moment() {
    let database = TestDatabase::postgres().await;
    cleaning_up(database, async |database| {
        let setup = Setup::on(database);
        let (frozen, well) = (setup.start(), setup.start());
        let backends = [Backend::of(&frozen), Backend::of(&well)];
        give(&backends[1], &others()).await;
        let loads =
            [Load::start(&backends[0], &others(), "frozen"), Load::start(&backends[1], &others(), "well")];
        let mut chance = StdRng::seed_from_u64(5);
        for _ in 0..3 * rounds() {
            loads[0].answered(chance.random_range(20..60)).await;
            signal(&frozen, "-STOP");
            let since = Instant::now();
            loads[1].each_answered_since(since).await;
            tell("frozen sibling", &loads[1].answers(), since, &[]);
            signal(&frozen, "-CONT");
        }
        let mut spent: BTreeMap<String, i64> = BTreeMap::new();
        for load in loads {
            for (account, count) in load.stop().await {
                *spent.entry(account).or_default() += count;
            }
        }
        check_balances(&backends[1], &spent).await;
    })
    .await;
}

fn signal(service: &Service, signal: &str) {
    let sent = Command::new("kill").args([signal, &service.id().to_string()]).status();
    assert!(sent.unwrap().success());
}
