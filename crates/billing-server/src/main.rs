//! The billing service: one binary that puts the parts together.

mod background;
mod catalog_file;
mod cli;
mod clock;
mod commands;
mod config;
mod first_run;
mod ids;
mod metrics;
mod signals;
mod signer;
mod telemetry;
mod wiring;

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

/// Much of what a batch costs on this side is memory that is taken and given back; this does it in half the time
/// of the system's own.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

// Not actix's own: its runtime has one thread, and the database's connections live on this one.
#[tokio::main]
async fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let _kept = signals::survive_file_size_limit();
    match commands::run(cli).await {
        Ok(code) => code,
        Err(error) => {
            // The whole chain in one line: what went wrong, and why.
            commands::complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
