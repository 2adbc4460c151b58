//! `cargo xtask postgres -- <command>`: any command, with a Postgres.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::postgres::Postgres;
use crate::process::exit_code;

/// Runs the command after `--` with `XTASK_POSTGRES_URL` set and answers with its exit code.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode> {
    let command = match arguments.split_first() {
        Some((dashes, command)) if dashes == "--" => command,
        _ => arguments,
    };
    let Some((program, rest)) = command.split_first() else {
        bail!("say what to run: `cargo xtask postgres -- cargo nextest run -p billing-store`");
    };
    let postgres = Postgres::given_or_started()?;
    let mut child = Command::new(program);
    postgres.give_to(child.args(rest));
    let status = child.status().with_context(|| format!("cannot run `{program}`"))?;
    Ok(exit_code(status))
}
