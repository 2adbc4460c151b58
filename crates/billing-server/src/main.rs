//! The billing service: one binary that puts the parts together.

mod background;
mod catalog_file;
mod checkpoint_file;
mod cli;
mod clock;
mod commands;
mod config;
mod first_run;
mod ids;
mod metrics;
mod page_deadline;
mod root_span;
mod shutdown;
mod signals;
mod signer;
mod telemetry;
mod timer;
mod wiring;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use mimalloc::MiMalloc;
use tokio::runtime::Runtime;

/// Much of what a batch costs on this side is memory that is taken and given back; this does it in half the time
/// of the system's own.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How long work that blocks a thread may still take once a command has ended.
const BLOCKED: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    // Not actix's own: its runtime has one thread, and the database's connections live on this one.
    let ended = Runtime::new().context("no runtime can be started").and_then(|runtime| {
        let ended = runtime.block_on(async {
            let _kept = signals::survive_file_size_limit();
            commands::run(cli).await
        });
        // Dropping the runtime would wait for a lookup of a name that never ends.
        runtime.shutdown_timeout(BLOCKED);
        ended
    });
    match ended {
        Ok(code) => code,
        Err(error) => {
            // The whole chain in one line: what went wrong, and why.
            commands::complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
