//! The machine.

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;
use tokio::time::sleep;

use crate::measure::numbers;

/// The machine's properties, as far as they are known.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Machine {
    pub(crate) processors: usize,
    pub(crate) processor: String,
    pub(crate) memory_mib: u64,
    pub(crate) system: String,
    /// The median duration of a single commit, in microseconds.
    pub(crate) commit_micros: u64,
    /// The processor time of other processes while nothing was measured, in percent, if known.
    pub(crate) busy: Option<f64>,
}

/// Above this the figures say more about other processes: contenders with many processes, such as one connection per
/// caller, lose less to them than those with few.
pub(crate) const TOO_BUSY: f64 = 10.0;

/// The processor utilization during the next `time`, in percent, measured while this process is idle.
pub(crate) async fn busy(time: Duration) -> Option<f64> {
    let before = jiffies()?;
    sleep(time).await;
    let after = jiffies()?;
    let (busy, all) = (after.0.saturating_sub(before.0), after.1.saturating_sub(before.1));
    (all > 0).then(|| 100.0 * numbers::float(busy) / numbers::float(all))
}

/// Linux's counters since boot: busy time, and all time.
fn jiffies() -> Option<(u64, u64)> {
    let text = std::fs::read_to_string("/proc/stat").ok()?;
    let fields: Vec<u64> =
        text.lines().next()?.split_whitespace().skip(1).filter_map(|field| field.parse().ok()).collect();
    let all: u64 = fields.iter().take(8).sum();
    // The fourth and fifth are idle time and I/O wait.
    let idle: u64 = fields.iter().skip(3).take(2).sum();
    Some((all.saturating_sub(idle), all))
}

impl Machine {
    /// Reads the properties; the arguments were measured before.
    pub(crate) fn here(commit_micros: u64, busy: Option<f64>) -> Result<Self> {
        let file = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let field = |text: &str, name: &str| {
            let line = text.lines().find(|line| line.starts_with(name));
            line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
        };
        let memory = field(&file("/proc/meminfo"), "MemTotal");
        let kib = memory.and_then(|text| text.split_whitespace().next().map(str::to_owned));
        Ok(Self {
            processors: std::thread::available_parallelism()?.get(),
            processor: field(&file("/proc/cpuinfo"), "model name").unwrap_or_else(|| "unknown".to_owned()),
            memory_mib: kib.and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() / 1024,
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            commit_micros,
            busy,
        })
    }
}
