//! What it was measured on.

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;
use tokio::time::sleep;

use crate::measure::numbers;

/// A machine, as far as it tells.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Machine {
    pub(crate) processors: usize,
    pub(crate) processor: String,
    pub(crate) memory_mib: u64,
    pub(crate) system: String,
    /// How long one commit takes that nobody shares, in microseconds: half of them take longer.
    pub(crate) commit_micros: u64,
    /// How busy others kept the processors while nothing was measured, of a hundred; where the system tells.
    pub(crate) busy: Option<f64>,
}

/// Above this, what is measured says more about the others: whoever has many processes, such as a peer with a
/// connection per caller, takes more from them than who has few.
pub(crate) const TOO_BUSY: f64 = 10.0;

/// How busy the processors are for the next `time`, of a hundred. Whoever asks does nothing meanwhile.
pub(crate) async fn busy(time: Duration) -> Option<f64> {
    let before = jiffies()?;
    sleep(time).await;
    let after = jiffies()?;
    let (busy, all) = (after.0.saturating_sub(before.0), after.1.saturating_sub(before.1));
    (all > 0).then(|| 100.0 * numbers::float(busy) / numbers::float(all))
}

/// What Linux has counted since it started: busy time, and all time.
fn jiffies() -> Option<(u64, u64)> {
    let text = std::fs::read_to_string("/proc/stat").ok()?;
    let fields: Vec<u64> =
        text.lines().next()?.split_whitespace().skip(1).filter_map(|field| field.parse().ok()).collect();
    let all: u64 = fields.iter().take(8).sum();
    // The fourth and fifth are idle time and waiting for disks.
    let idle: u64 = fields.iter().skip(3).take(2).sum();
    Some((all.saturating_sub(idle), all))
}

impl Machine {
    /// Looks around; the rest was measured before.
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
