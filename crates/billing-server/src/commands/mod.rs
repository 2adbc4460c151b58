//! The commands, one file each.

mod catalog;
mod check_proof;
mod doctor;
mod keys;
mod ledger;
mod serve;
mod terminal;

use std::process::ExitCode;

use anyhow::Context;

use crate::cli::{Cli, Command};
use crate::config::{Settings, environment, load};
use crate::{telemetry, wiring};

pub(crate) use terminal::complain;

/// Runs the command line.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    if let Some(Command::Openapi) = cli.command {
        terminal::say(&serde_json::to_string_pretty(&billing_http::openapi::document())?);
        return Ok(ExitCode::SUCCESS);
    }
    let (settings, remarks) = load(&cli.settings, environment()?.into_iter())?;
    telemetry::start(settings.log_format);
    for remark in &remarks {
        tracing::warn!("{remark}");
    }
    match cli.command {
        None | Some(Command::Serve) => serve::serve(&settings).await,
        Some(Command::Migrate) => migrate(&settings).await,
        Some(Command::Keys(command)) => keys::keys(&settings, command).await,
        Some(Command::Catalog(command)) => catalog::catalog(&settings, command).await,
        Some(Command::Ledger(command)) => ledger::ledger(&settings, command).await,
        Some(Command::Doctor) => doctor::doctor(&settings, &remarks).await,
        Some(Command::Openapi) => Ok(ExitCode::SUCCESS),
    }
}

async fn migrate(settings: &Settings) -> anyhow::Result<ExitCode> {
    wiring::open_store(settings, true).await.context("nothing was changed")?.close().await;
    terminal::say("the database is up to date");
    Ok(ExitCode::SUCCESS)
}
