//! The service's size, start time and memory.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result};
use serde::Serialize;
use tokio::process::Command;

use crate::child::{Process, backend_key};
use crate::contenders::Http;
use crate::load::closed_loop;
use crate::measure::numbers;
use crate::stage::Stage;

/// The service's size, start time and memory.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Footprint {
    /// The size of the binary in bytes.
    pub(crate) binary: u64,
    /// The milliseconds from its start until it accepts requests, on a database with accounts.
    pub(crate) start_ms: u128,
    /// The resident memory in KiB after the start, and after spends over the usual number of connections.
    pub(crate) idle_kib: u64,
    pub(crate) busy_kib: u64,
}

impl Footprint {
    /// In words.
    pub(crate) fn summary(&self) -> String {
        format!(
            "the binary has {:.1} MiB, accepts requests {} ms after its start, and uses {:.1} MiB of memory then, {:.1} MiB \
             after spends",
            numbers::float(self.binary) / 1024.0 / 1024.0,
            self.start_ms,
            numbers::float(self.idle_kib) / 1024.0,
            numbers::float(self.busy_kib) / 1024.0,
        )
    }
}

/// Starts the service, and spends from it.
pub(crate) async fn measure(stage: &Stage) -> Result<Footprint> {
    let binary = std::fs::metadata(&stage.billing)?.len();
    let url = stage.ledger("footprint").await?;
    let key = backend_key(&stage.billing, &url).await?;
    let begun = Instant::now();
    let (service, address) = Process::service(&stage.billing, &url).await?;
    let start_ms = begun.elapsed().as_millis();
    let idle_kib = resident_kib(service.id()?).await?;
    let workload = stage.size.many(stage.size.callers);
    let http = Http::connect(&address, &key, workload.callers).await?;
    closed_loop(Arc::new(http), &workload).await?;
    let busy_kib = resident_kib(service.id()?).await?;
    service.stop().await?;
    Ok(Footprint { binary, start_ms, idle_kib, busy_kib })
}

/// The resident memory of a process, in KiB.
pub(crate) async fn resident_kib(process: u32) -> Result<u64> {
    let mut ps = Command::new("ps");
    let output = ps.args(["-o", "rss=", "-p", &process.to_string()]).stdin(Stdio::null()).output().await?;
    String::from_utf8(output.stdout)?.trim().parse().context("the service has ended")
}
