//! `cargo xtask bench`: benchmarks of the ledger, on a Postgres with production durability.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::metadata::{Metadata, workspace_root};
use crate::postgres::{Durability, Postgres};
use crate::process::{cargo, exit_code, run as run_child};

/// The option for the repository's own page.
const WRITE_DOCS: &str = "--write-docs";

/// Builds the benchmark and the service in release mode, and passes the arguments on. `--write-docs` writes
/// docs/BENCHMARKS.md and its drawing.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode> {
    let root = workspace_root()?;
    run_child(&mut cargo(
        &root,
        &["build", "--release", "--locked", "-p", "billing-bench", "-p", "billing-server"],
    ))?;
    let mut bench = Command::new(Metadata::load(&root)?.target.join("release/billing-bench"));
    for argument in arguments {
        if argument == WRITE_DOCS {
            bench.arg("--page").arg(root.join("docs/BENCHMARKS.md"));
        } else {
            bench.arg(argument);
        }
    }
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        println!("`{WRITE_DOCS}` instead of `--page` writes docs/BENCHMARKS.md\n");
        return Ok(exit_code(bench.status().context("cannot run the benchmark")?));
    }
    let postgres = Postgres::given_or_started_with(Durability::Full)?;
    postgres.give_to(&mut bench);
    Ok(exit_code(bench.status().context("cannot run the benchmark")?))
}
