//! A realistic mix of calls over HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;

use crate::books::Books;
use crate::child::{Process, backend_key};
use crate::contenders::{Http, Mix};
use crate::load::{closed_loop, reads};
use crate::measure::CaseReport;
use crate::rounds::{Turn, take_turns};
use crate::stage::{OpenLedger, Stage};

/// Calls of mostly two requests, beside spends without a check.
pub(crate) async fn run(stage: &Stage) -> Result<CaseReport> {
    let url = stage.ledger("mix").await?;
    let ledger = OpenLedger::at(&url).await?;
    let books = Books::open(&ledger.store, &ledger.accounts).await?;
    let key = backend_key(&stage.billing, &url).await?;
    let (service, address) = Process::service(&stage.billing, &url).await?;
    let workload = stage.size.many(stage.size.callers);
    let spent = AtomicU64::default();
    let mixed: Turn<'_> = {
        let (address, key, workload, spent) = (&address, &key, &workload, &spent);
        Box::new(move |_| {
            Box::pin(async move {
                let mix = Arc::new(Mix::connect(address, key, workload.callers).await?);
                let calling = mix.clone();
                let call = move |caller, account| {
                    let mix = calling.clone();
                    async move { mix.call(caller, account).await }
                };
                let measured = reads(workload, call).await?;
                spent.fetch_add(mix.spent(), Ordering::Relaxed);
                Ok(measured)
            })
        })
    };
    let plain: Turn<'_> = {
        let (address, key, workload) = (&address, &key, &workload);
        Box::new(move |_| {
            Box::pin(async move {
                let http = Http::connect(address, key, workload.callers).await?;
                closed_loop(Arc::new(http), workload).await
            })
        })
    };
    let title = format!(
        "calls over HTTP, {} connections: 70 % check and spend, 20 % hold and capture, 10 % list",
        workload.callers
    );
    let turns = vec![(MIXED, mixed), (SPENDS, plain)];
    let rounds = take_turns(stage, "mix", title, turns).await?;
    service.stop().await?;
    books.close(spent.load(Ordering::Relaxed) + rounds.ever_done(&[SPENDS])).await?;
    ledger.close().await;
    rounds.report()
}

const MIXED: &str = "checks, spends, holds";
const SPENDS: &str = "spends alone";
