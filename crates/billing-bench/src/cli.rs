//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Measures the ledger beside hand-written peers on one Postgres; `cargo xtask bench` starts it with one.
#[derive(Debug, Parser)]
#[command(name = "billing-bench")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) child: Option<Child>,
    /// The Postgres server on which databases may be made; `XTASK_POSTGRES_URL` by default.
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<String>,
    /// The service's binary; `billing` beside this one by default.
    #[arg(long, value_name = "FILE")]
    pub(crate) billing: Option<PathBuf>,
    /// One round of everything instead of three.
    #[arg(long)]
    pub(crate) short: bool,
    /// Everything once and in small: shows that it runs, and says nothing about speed.
    #[arg(long, conflicts_with = "short")]
    pub(crate) tiny: bool,
    /// Only this case; may be given more than once.
    #[arg(long, value_name = "CASE")]
    pub(crate) only: Vec<CaseName>,
    /// Writes everything that was measured as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Draws what was measured.
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// Writes a page about what was measured, and a drawing beside it.
    #[arg(long, value_name = "FILE")]
    pub(crate) page: Option<PathBuf>,
    /// Fails if a bar is missed.
    #[arg(long)]
    pub(crate) gate: bool,
    /// Instead of everything else: keeps the service busy for so many minutes and watches its memory.
    #[arg(long, value_name = "MINUTES")]
    pub(crate) soak: Option<u64>,
}

/// What can be measured.
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

/// What this binary does as a child of itself.
#[derive(Debug, Subcommand)]
pub(crate) enum Child {
    /// Spends through a writer of its own when told to, and tells what it measured.
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
    /// Serves a bare `SELECT` of a balance, and nothing at all.
    #[command(hide = true)]
    BareServer {
        #[arg(long)]
        url: String,
    },
}
