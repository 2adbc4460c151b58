//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Measures the ledger beside hand-written contenders on one Postgres; started by `cargo xtask bench`.
#[derive(Debug, Parser)]
#[command(name = "billing-bench")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) child: Option<Child>,
    /// The Postgres server for the databases; `XTASK_POSTGRES_URL` by default.
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<String>,
    /// The service's binary; `billing` beside this one by default.
    #[arg(long, value_name = "FILE")]
    pub(crate) billing: Option<PathBuf>,
    /// One round instead of three.
    #[arg(long)]
    pub(crate) short: bool,
    /// Everything once at a small size: shows that it runs, and says nothing about speed.
    #[arg(long, conflicts_with = "short")]
    pub(crate) tiny: bool,
    /// Only this case; repeatable.
    #[arg(long, value_name = "CASE")]
    pub(crate) only: Vec<CaseName>,
    /// Writes all measurements as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Draws the measurements.
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// Writes a page with the measurements, and a drawing beside it.
    #[arg(long, value_name = "FILE")]
    pub(crate) page: Option<PathBuf>,
    /// Fails if a target is missed.
    #[arg(long)]
    pub(crate) gate: bool,
    /// Runs a soak test instead: keeps the service busy for this many minutes and watches its memory.
    #[arg(long, value_name = "MINUTES")]
    pub(crate) soak: Option<u64>,
}

/// The cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CaseName {
    Many,
    Hot,
    Wide,
    Checkpoint,
    Metered,
    Refusals,
    History,
    Grants,
    Writers,
    Processes,
    Sqlite,
    Http,
    Mix,
    Reads,
    Latency,
    Service,
}

/// Commands of child processes.
#[derive(Debug, Subcommand)]
pub(crate) enum Child {
    /// Spends through its own writer when started, and reports its measurement.
    #[command(hide = true)]
    Spender {
        #[arg(long)]
        url: String,
        #[arg(long)]
        accounts: usize,
        #[arg(long)]
        callers: usize,
        #[arg(long)]
        warm_up_ms: u64,
        #[arg(long)]
        measure_ms: u64,
    },
    /// Serves a bare `SELECT` of a balance, and an empty route.
    #[command(hide = true)]
    BareServer {
        #[arg(long)]
        url: String,
    },
}
