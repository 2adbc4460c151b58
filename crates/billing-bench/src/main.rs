//! Benchmarks of the ledger beside hand-written contenders on the same Postgres.
//!
//! `cargo xtask bench` builds this in release mode and starts it with a throwaway Postgres with production durability.
//! Cases and targets are found by name: `cases/`, `bars.rs`.

#![expect(clippy::float_arithmetic, reason = "rates and ratios for people; no credit is counted with them")]
#![expect(clippy::print_stdout, reason = "a command line tool prints")]

mod bare_server;
mod bars;
mod books;
mod cases;
mod child;
mod cli;
mod contender;
mod contenders;
mod database;
mod footprint;
mod history;
mod load;
mod machine;
mod measure;
mod report;
mod rounds;
mod soak;
mod spender;
mod stage;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use mimalloc::MiMalloc;

use cli::{CaseName, Child, Cli};
use database::Server;
use machine::Machine;
use report::Report;
use stage::{Size, Stage};

/// The service's allocator, for all contenders.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let cli = Cli::parse();
    match cli.child {
        Some(Child::Spender { url, accounts, callers, warm_up_ms, measure_ms }) => {
            spender::run(&url, accounts, callers, warm_up_ms, measure_ms).await?;
            Ok(ExitCode::SUCCESS)
        }
        Some(Child::BareServer { url }) => {
            bare_server::run(&url).await?;
            Ok(ExitCode::SUCCESS)
        }
        None => {
            let good = on_a_stage(&cli).await?;
            Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}

/// Prepares the databases, runs the cases, and cleans up, also after a failure or Ctrl-C. Returns whether the targets
/// were met.
async fn on_a_stage(cli: &Cli) -> Result<bool> {
    let size = match (cli.tiny, cli.short) {
        (true, _) => Size::tiny(),
        (false, true) => Size::short(),
        (false, false) => Size::full(),
    };
    let server = cli.server.clone().or_else(server_of_xtask);
    let server = Server::at(&server.context("say where a Postgres is: --server or XTASK_POSTGRES_URL")?)?;
    let stage = Stage::new(server, size, billing(cli)?);
    let ended = tokio::select! {
        ended = run(&stage, cli) => ended,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    let removed = stage.server.remove_all().await;
    let good = ended?;
    removed?;
    Ok(good)
}

async fn run(stage: &Stage, cli: &Cli) -> Result<bool> {
    let postgres = stage.server.settings().await?;
    let durable = postgres.iter().all(|(name, value)| {
        !["fsync", "synchronous_commit", "full_page_writes"].contains(&name.as_str()) || value == "on"
    });
    ensure!(durable || cli.tiny, "this Postgres does not keep what it acknowledges: nothing to measure");
    if let Some(minutes) = cli.soak {
        return soak::run(stage, minutes).await;
    }
    let begun = Instant::now();
    let look = Duration::from_millis(if cli.tiny { 20 } else { 2000 });
    let busy_before = machine::busy(look).await;
    warn_if_busy(busy_before);
    let commit_micros = stage.server.commit_micros(if cli.tiny { 3 } else { 200 }).await?;
    let cases = cases::run(stage, &cli.only).await?;
    let wants_footprint = cli.only.is_empty() || cli.only.contains(&CaseName::Service);
    let footprint = if wants_footprint { Some(footprint::measure(stage).await?) } else { None };
    let (verdicts, doubts) = (bars::judge(&cases), bars::doubts(&cases));
    let busy = [busy_before, machine::busy(look).await].into_iter().flatten().reduce(f64::max);
    warn_if_busy(busy);
    let machine = Machine::here(commit_micros, busy)?;
    let report = Report { machine, postgres, rounds: stage.size.rounds, cases, footprint, verdicts, doubts };
    report::print(&report);
    println!("\nthe books are right; {} s in all", begun.elapsed().as_secs());
    if let Some(file) = &cli.json {
        write(file, &serde_json::to_string_pretty(&report)?)?;
    }
    if let Some(file) = &cli.svg {
        write(file, &report::draw(&report)?)?;
    }
    if let Some(file) = &cli.page {
        write(file, &report::page(&report))?;
        write(&file.with_file_name("benchmarks.svg"), &report::draw(&report)?)?;
    }
    Ok(!cli.gate || report.verdicts.iter().all(|verdict| verdict.met))
}

/// The service's binary: the given one, or the one beside this.
fn billing(cli: &Cli) -> Result<PathBuf> {
    let beside = || anyhow::Ok(std::env::current_exe()?.with_file_name("billing"));
    let file = cli.billing.clone().map_or_else(beside, Ok)?;
    ensure!(file.is_file(), "{} is not there: `cargo build -p billing-server` makes it", file.display());
    Ok(file)
}

fn warn_if_busy(busy: Option<f64>) {
    if let Some(busy) = busy.filter(|busy| *busy > machine::TOO_BUSY) {
        eprintln!(
            "warning: something else keeps {busy:.0} % of the processors busy: these figures mean little"
        );
    }
}

fn write(file: &Path, text: &str) -> Result<()> {
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

#[expect(clippy::disallowed_methods, reason = "xtask tells its children of the server by this one variable")]
fn server_of_xtask() -> Option<String> {
    std::env::var("XTASK_POSTGRES_URL").ok()
}
