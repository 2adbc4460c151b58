//! One process and three on one database.

use anyhow::Result;

use crate::books::Books;
use crate::child::Process;
use crate::load::Workload;
use crate::measure::{CaseReport, Measured};
use crate::rounds::{Turn, take_turns};
use crate::stage::{OpenLedger, Stage};

/// The same number of callers, over one process and over three.
pub(crate) async fn run(stage: &Stage) -> Result<CaseReport> {
    let url = stage.ledger("processes").await?;
    let ledger = OpenLedger::at(&url).await?;
    let books = Books::open(&ledger.store, &ledger.accounts).await?;
    let workload = stage.size.many(stage.size.callers);
    let turn = |processes: usize| -> Turn<'_> {
        let (url, workload) = (&url, &workload);
        Box::new(move |_| Box::pin(spread(url, workload, processes)))
    };
    let title = format!("spends, {} callers over one process or three", workload.callers);
    let turns = vec![("one process", turn(1)), ("three processes", turn(3))];
    let rounds = take_turns(stage, "processes", title, turns).await?;
    books.close(rounds.ever_done(&["one process", "three processes"])).await?;
    ledger.close().await;
    rounds.report()
}

async fn spread(url: &str, workload: &Workload, processes: usize) -> Result<Measured> {
    let mut spenders = Vec::new();
    for place in 0..processes {
        // The remainder goes to the first ones.
        let callers = workload.callers / processes + usize::from(place < workload.callers % processes);
        spenders.push(Process::spender(url, &Workload { callers, ..workload.clone() }).await?);
    }
    for spender in &mut spenders {
        spender.go().await?;
    }
    let mut all = Measured::empty()?;
    let mut sizes = Vec::new();
    for mut spender in spenders {
        let measured = spender.measured().await?;
        all.merge(&measured)?;
        all.seconds = all.seconds.max(measured.seconds);
        sizes.extend(measured.batch_size);
        spender.stop().await?;
    }
    let count = crate::measure::numbers::count(sizes.len());
    all.batch_size = (!sizes.is_empty()).then(|| sizes.iter().sum::<f64>() / count);
    Ok(all)
}
