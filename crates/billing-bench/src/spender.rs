//! One of several services on one database, run as a child process of this binary.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::child::{GO, READY};
use crate::load::{Workload, closed_loop};
use crate::measure::MeasuredRecord;
use crate::stage::OpenLedger;

/// Opens the database, reports ready, and after the start message spends and reports its measurement.
pub(crate) async fn run(
    url: &str,
    accounts: usize,
    callers: usize,
    warm_up_ms: u64,
    measure_ms: u64,
) -> Result<()> {
    let ledger = OpenLedger::at(url).await?;
    let workload = Workload {
        accounts: 0..accounts,
        refused: 0,
        after_checkpoint: false,
        callers,
        warm_up: Duration::from_millis(warm_up_ms),
        measure: Duration::from_millis(measure_ms),
    };
    println!("{READY}");
    let line = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).map(|_| line)
    });
    ensure!(line.await??.trim() == GO, "whoever started this went away");
    let measured = closed_loop(ledger.gathered(), &workload).await?;
    ledger.close().await;
    println!("{}", serde_json::to_string(&MeasuredRecord::from(&measured))?);
    Ok(())
}
