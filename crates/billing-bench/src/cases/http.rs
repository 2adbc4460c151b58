//! The service over HTTP.

use std::sync::Arc;

use anyhow::Result;

use crate::books::Books;
use crate::child::{Process, backend_key};
use crate::contenders::{Batches, Http, Reader};
use crate::load::{closed_loop, reads as read_loop};
use crate::measure::CaseReport;
use crate::rounds::{Turn, take_turns};
use crate::stage::{OpenLedger, Stage};

/// The number of callers that send batches: together they stay below the limit of the queues.
const BATCH_CALLERS: usize = 4;

/// Spends over HTTP, one per request and many, and through the port in this process.
pub(crate) async fn spends(stage: &Stage) -> Result<CaseReport> {
    let url = stage.ledger("http").await?;
    let ledger = OpenLedger::at(&url).await?;
    let books = Books::open(&ledger.store, &ledger.accounts).await?;
    let key = backend_key(&stage.billing, &url).await?;
    let (service, address) = Process::service(&stage.billing, &url).await?;
    let workload = stage.size.many(stage.size.callers);
    let over_http: Turn<'_> = {
        let (address, key, workload) = (&address, &key, &workload);
        // Connections are new in each turn: a server closes idle ones during other turns.
        Box::new(move |_| {
            Box::pin(async move {
                let http = Http::connect(address, key, workload.callers).await?;
                closed_loop(Arc::new(http), workload).await
            })
        })
    };
    let in_batches: Turn<'_> = {
        let (address, key) = (&address, &key);
        let workload = stage.size.many(BATCH_CALLERS);
        Box::new(move |_| {
            let workload = workload.clone();
            Box::pin(async move {
                let http = Arc::new(Batches::connect(address, key, workload.callers).await?);
                let accounts = workload.accounts.clone();
                let ask = move |caller, first| {
                    let (http, accounts) = (http.clone(), accounts.clone());
                    async move { http.spend(caller, (first..accounts.end).chain(accounts.cycle())).await }
                };
                Ok(read_loop(&workload, ask).await?.times(Batches::SPENDS))
            })
        })
    };
    let through_port: Turn<'_> = {
        let (ledger, workload) = (&ledger, &workload);
        Box::new(move |_| Box::pin(async move { closed_loop(ledger.gathered(), workload).await }))
    };
    let title = format!("spends over HTTP, {} connections", workload.callers);
    let turns = vec![
        ("over HTTP", over_http),
        ("over HTTP, by the 1,000", in_batches),
        ("through the port", through_port),
    ];
    let rounds = take_turns(stage, "http", title, turns).await?;
    service.stop().await?;
    books.close(rounds.ever_done(&["over HTTP", "over HTTP, by the 1,000", "through the port"])).await?;
    ledger.close().await;
    rounds.report()
}

/// Balances over HTTP, beside a handler that only queries the database, and one that does nothing.
pub(crate) async fn reads(stage: &Stage) -> Result<CaseReport> {
    let url = stage.ledger("reads").await?;
    let key = backend_key(&stage.billing, &url).await?;
    let (service, ours) = Process::service(&stage.billing, &url).await?;
    let (bare_server, bare) = Process::bare_server(&url).await?;
    let workload = stage.size.many(stage.size.callers);
    let turn = |address, path| -> Turn<'_> {
        let (key, workload) = (&key, &workload);
        Box::new(move |_| {
            Box::pin(async move {
                let reader = Arc::new(Reader::connect(address, path, key, workload.callers).await?);
                let read = move |caller, account| {
                    let reader = reader.clone();
                    async move { reader.read(caller, account).await }
                };
                read_loop(workload, read).await
            })
        })
    };
    let turns = vec![
        ("balance", turn(&ours, "/credits/balance")),
        ("bare SELECT", turn(&bare, "/select")),
        ("nothing", turn(&bare, "/nothing")),
    ];
    let title = format!("reads over HTTP, {} connections", workload.callers);
    let rounds = take_turns(stage, "reads", title, turns).await?;
    service.stop().await?;
    bare_server.stop().await?;
    rounds.report()
}
