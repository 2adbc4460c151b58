//! What it was measured on.

use anyhow::Result;
use serde::Serialize;

/// A machine, as far as it tells.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Machine {
    pub(crate) processors: usize,
    pub(crate) processor: String,
    pub(crate) memory_mib: u64,
    pub(crate) system: String,
    /// How long one commit takes that nobody shares, in microseconds: half of them take longer.
    pub(crate) commit_micros: u64,
}

impl Machine {
    /// Looks around; `commit_micros` was measured before.
    pub(crate) fn here(commit_micros: u64) -> Result<Self> {
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
        })
    }
}
