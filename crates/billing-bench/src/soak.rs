//! Soak test: whether the service's memory grows.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::time::{Instant, sleep};

use crate::books::Books;
use crate::child::{Process, backend_key};
use crate::contenders::Http;
use crate::footprint::resident_kib;
use crate::load::{Workload, closed_loop};
use crate::stage::{OpenLedger, Stage};

/// The time until pools, statements and buffers are warm.
const WARM: Duration = Duration::from_mins(2);
const LOOK: Duration = Duration::from_secs(10);
/// The maximum growth of memory since then, in percent.
const MOST_GROWTH: f64 = 5.0;

/// Keeps the service busy over HTTP and compares its resident memory at the end with that of minute two. Returns
/// whether the growth is acceptable.
pub(crate) async fn run(stage: &Stage, minutes: u64) -> Result<bool> {
    ensure!(minutes > 2, "a soak takes more than two minutes");
    let url = stage.ledger("soak").await?;
    let ledger = OpenLedger::at(&url).await?;
    let books = Books::open(&ledger.store, &ledger.accounts).await?;
    let key = backend_key(&stage.billing, &url).await?;
    let (service, address) = Process::service(&stage.billing, &url).await?;
    let http = Arc::new(Http::connect(&address, &key, stage.size.callers).await?);
    let workload = Workload {
        measure: Duration::from_mins(minutes),
        warm_up: Duration::ZERO,
        ..stage.size.many(stage.size.callers)
    };
    let start = Instant::now();
    let load = tokio::spawn(async move { closed_loop(http, &workload).await });
    let mut warm = None;
    let mut last = 0;
    while !load.is_finished() {
        sleep(LOOK).await;
        // Memory without load is a different matter.
        if load.is_finished() {
            break;
        }
        last = resident_kib(service.id()?).await?;
        println!("{:>5} s  {:>8} KiB", start.elapsed().as_secs(), last);
        if start.elapsed() >= WARM && warm.is_none() {
            warm = Some(last);
        }
    }
    let measured = load.await??;
    service.stop().await?;
    books.close(measured.ever_done).await?;
    ledger.close().await;
    let warm = warm.context("it ended before it was warm")?;
    let (warm, last) = (crate::measure::numbers::float(warm), crate::measure::numbers::float(last));
    let growth = (last - warm) / warm * 100.0;
    let met = growth < MOST_GROWTH;
    println!(
        "{} spends a second for {minutes} minutes; memory at minute 2: {:.1} MiB, at the end: {:.1} MiB, \
         {growth:+.1} % (below {MOST_GROWTH} %): {}",
        measured.rate().round(),
        warm / 1024.0,
        last / 1024.0,
        if met { "PASS" } else { "MISS" }
    );
    Ok(met)
}
