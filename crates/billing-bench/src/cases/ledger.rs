//! Comparisons of the ledger with itself: metered usage, refusals, a long history, many grants, parts of its peak,
//! more writers.

use std::sync::{Arc, Mutex};

use anyhow::Result;

use billing_batch::BatchConfig;

use crate::books::Books;
use crate::contenders::Metered;
use crate::database::ids;
use crate::history::write_history;
use crate::load::{Workload, closed_loop, open_loop};
use crate::measure::CaseReport;
use crate::rounds::{Turn, take_turns};
use crate::stage::{ACCOUNTS, OpenLedger, Stage};

/// A turn of spends on `ledger`.
fn spends(ledger: &OpenLedger, workload: Workload) -> Turn<'_> {
    Box::new(move |_| {
        let workload = workload.clone();
        Box::pin(async move { closed_loop(ledger.gathered(), &workload).await })
    })
}

/// Amounts beside metered usage, each on its own database.
pub(crate) async fn metered(stage: &Stage) -> Result<CaseReport> {
    let plain = OpenLedger::at(&stage.ledger("plain").await?).await?;
    let metered = OpenLedger::at(&stage.ledger("metered").await?).await?;
    let plain_books = Books::open(&plain.store, &plain.accounts).await?;
    let metered_books = Books::open(&metered.store, &metered.accounts).await?;
    let usage = Arc::new(Metered::gathered(metered.batched.clone(), &metered.accounts)?);
    let workload = stage.size.many(stage.size.callers);
    let title = format!("spends, {} callers, by amount and by usage", workload.callers);
    let by_usage: Turn<'_> = {
        let (usage, workload) = (&usage, &workload);
        Box::new(move |_| Box::pin(async move { closed_loop(usage.clone(), workload).await }))
    };
    let turns = vec![("plain", spends(&plain, workload.clone())), ("metered", by_usage)];
    let rounds = take_turns(stage, "metered", title, turns).await?;
    plain_books.close(rounds.ever_done(&["plain"])).await?;
    metered_books.close(usage.credits()).await?;
    plain.close().await;
    metered.close().await;
    rounds.report()
}

/// With and without refused spends.
pub(crate) async fn refusals(stage: &Stage) -> Result<CaseReport> {
    let ledger = OpenLedger::at(&stage.ledger("refusals").await?).await?;
    let books = Books::open(&ledger.store, &ledger.accounts).await?;
    let none = stage.size.many(stage.size.callers);
    let some = Workload { refused: 5, ..none.clone() };
    let title = format!("spends, {} callers, some of them refused", none.callers);
    let turns = vec![("none refused", spends(&ledger, none)), ("5 % refused", spends(&ledger, some))];
    let rounds = take_turns(stage, "refusals", title, turns).await?;
    books.close(rounds.ever_done(&["none refused", "5 % refused"])).await?;
    ledger.close().await;
    rounds.report()
}

/// Without history and with years of entries.
pub(crate) async fn history(stage: &Stage) -> Result<CaseReport> {
    let size = &stage.size;
    let young = OpenLedger::at(&stage.ledger("young").await?).await?;
    let old = stage.ledger("old").await?;
    write_history(&old, size.history, size.accounts + size.hot_accounts()).await?;
    let old = OpenLedger::at(&old).await?;
    let young_books = Books::open(&young.store, &young.accounts).await?;
    let old_books = Books::open(&old.store, &old.accounts).await?;
    let workload = size.many(size.callers);
    let title = format!("spends, {} callers, {} entries before them", size.callers, size.history);
    let turns =
        vec![("no history", spends(&young, workload.clone())), ("long history", spends(&old, workload))];
    let rounds = take_turns(stage, "history", title, turns).await?;
    young_books.close(rounds.ever_done(&["no history"])).await?;
    old_books.close(rounds.ever_done(&["long history"])).await?;
    young.close().await;
    old.close().await;
    rounds.report()
}

/// With few and many live grants on every account.
pub(crate) async fn grants(stage: &Stage) -> Result<CaseReport> {
    const NAMES: [&str; 3] = ["1 grant", "10 grants", "100 grants"];
    let size = &stage.size;
    let mut ledgers = Vec::new();
    for (name, grants) in NAMES.into_iter().zip(size.grants) {
        let url = stage.ledger_with_grants(&format!("grants_{grants}"), grants).await?;
        ledgers.push((name, OpenLedger::at(&url).await?));
    }
    let workload = Workload { accounts: 0..size.grant_accounts, ..size.many(size.callers) };
    let title =
        format!("spends, {} callers, {} accounts with live grants", size.callers, size.grant_accounts);
    side_by_side(stage, "grants", title, ledgers, &workload).await
}

/// One to four writers, each on its own database.
pub(crate) async fn writers(stage: &Stage) -> Result<CaseReport> {
    const NAMES: [&str; 4] = ["1 writer", "2 writers", "3 writers", "4 writers"];
    let workload = stage.size.many(stage.size.callers);
    let mut ledgers = Vec::new();
    for (name, writers) in NAMES.into_iter().zip(1..) {
        let url = stage.ledger(&format!("writers_{writers}")).await?;
        let config = BatchConfig { writers, ..BatchConfig::default() };
        ledgers.push((name, OpenLedger::with(&url, ids(&url, ACCOUNTS).await?, config).await?));
    }
    let title = format!("spends, {} callers, and how many writers there are", workload.callers);
    side_by_side(stage, "writers", title, ledgers, &workload).await
}

/// The same workload for each of some ledgers.
async fn side_by_side(
    stage: &Stage,
    case: &'static str,
    title: String,
    ledgers: Vec<(&'static str, OpenLedger)>,
    workload: &Workload,
) -> Result<CaseReport> {
    let mut books = Vec::new();
    for (name, ledger) in &ledgers {
        books.push((*name, Books::open(&ledger.store, &ledger.accounts).await?));
    }
    let turns = ledgers.iter().map(|(name, ledger)| (*name, spends(ledger, workload.clone())));
    let rounds = take_turns(stage, case, title, turns.collect()).await?;
    for (name, books) in books {
        books.close(rounds.ever_done(&[name])).await?;
    }
    for (_, ledger) in ledgers {
        ledger.close().await;
    }
    rounds.report()
}

/// At half and at four fifths of the peak just before.
pub(crate) async fn latency(stage: &Stage) -> Result<CaseReport> {
    let ledger = OpenLedger::at(&stage.ledger("latency").await?).await?;
    let books = Books::open(&ledger.store, &ledger.accounts).await?;
    let workload = stage.size.many(stage.size.callers);
    let peak = Mutex::new(0.0);
    let whole: Turn<'_> = {
        let (ledger, workload, peak) = (&ledger, &workload, &peak);
        Box::new(move |_| {
            Box::pin(async move {
                let measured = closed_loop(ledger.gathered(), workload).await?;
                *peak.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = measured.rate();
                Ok(measured)
            })
        })
    };
    let part = |part: f64| -> Turn<'_> {
        let (ledger, workload, peak) = (&ledger, &workload, &peak);
        Box::new(move |round| {
            Box::pin(async move {
                // In rounds in reverse order the turn comes before the peak: the previous round's peak is used.
                let peak = *peak.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                anyhow::ensure!(peak > 0.0, "round {round} has no peak before it");
                open_loop(ledger.gathered(), workload, peak * part).await
            })
        })
    };
    let title = format!("spends, {} callers, and a part as many spends at their own pace", workload.callers);
    let turns = vec![("peak", whole), ("half of peak", part(0.5)), ("80 % of peak", part(0.8))];
    let rounds = take_turns(stage, "latency", title, turns).await?;
    books.close(rounds.ever_done(&["peak", "half of peak", "80 % of peak"])).await?;
    ledger.close().await;
    rounds.report()
}
