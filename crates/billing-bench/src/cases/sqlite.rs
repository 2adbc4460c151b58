//! SQLite: the writer, one transaction per spend, and a minimal hand-written ledger.

use std::sync::Arc;

use anyhow::Result;
use billing_batch::BatchConfig;

use crate::books::Books;
use crate::contender::Contender;
use crate::contenders::{Gathering, Ours, SqliteRows};
use crate::load::{Workload, closed_loop};
use crate::measure::CaseReport;
use crate::rounds::{Turn, take_turns};
use crate::stage::{OpenLedger, Stage, fill};

/// Ours on one file and the contender on another, both fully synced.
pub(crate) async fn run(stage: &Stage) -> Result<CaseReport> {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}", folder.path().join("billing.db").display());
    let accounts = fill(&url, stage.size.sqlite_accounts, 1).await?;
    let config = BatchConfig { writers: 1, locking_writer: false, ..BatchConfig::default() };
    let ledger = OpenLedger::with(&url, accounts, config).await?;
    let books = Books::open(&ledger.store, &ledger.accounts).await?;
    let workload =
        Workload { accounts: 0..stage.size.sqlite_accounts, ..stage.size.many(stage.size.callers) };
    let alone = Arc::new(Ours::alone(Arc::new(ledger.store.clone()), &ledger.accounts));
    let by_hand = SqliteRows::create(&folder.path().join("by_hand.db"), stage.size.sqlite_accounts).await?;
    let by_hand = Arc::new(Gathering::start(by_hand, 1));
    let contenders: [(_, Arc<dyn Contender>); 3] =
        [("gathered", ledger.gathered()), ("one by one", alone), ("by hand", by_hand)];
    let turns = contenders.iter().map(|(name, contender)| {
        let workload = &workload;
        let turn: Turn<'_> =
            Box::new(move |_| Box::pin(async move { closed_loop(contender.clone(), workload).await }));
        (*name, turn)
    });
    let title =
        format!("SQLite: spends, {} accounts, {} callers", stage.size.sqlite_accounts, workload.callers);
    let rounds = take_turns(stage, "sqlite", title, turns.collect()).await?;
    books.close(rounds.ever_done(&["gathered", "one by one"])).await?;
    ledger.close().await;
    rounds.report()
}
