//! The billing service: the binary that wires the parts together.

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

/// Much of a batch's cost in this process is allocation; this allocator takes half the time of the system's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How long blocking work may continue after a command has ended.
const BLOCKED: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    // Not actix's own runtime, which has one thread: the database's connections live on this one.
    let ended = Runtime::new().context("no runtime can be started").and_then(|runtime| {
        let ended = runtime.block_on(async {
            let _kept = signals::survive_file_size_limit();
            commands::run(cli).await
        });
        // Dropping the runtime would wait for a hanging name lookup.
        runtime.shutdown_timeout(BLOCKED);
        ended
    });
    match ended {
        Ok(code) => code,
        Err(error) => {
            // The whole chain of causes in one line.
            commands::complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
