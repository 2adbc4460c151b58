//! `cargo xtask deny`: dependencies' licences, banned crates and where crates come from.
//!
//! Not part of `cargo xtask test`: it changes only with the lock file, and the advisories need the internet.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::metadata::workspace_root;
use crate::process::{cargo, run as run_child, succeeds};

/// Installs cargo-deny when missing and runs it with `deny.toml`.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode> {
    // An unused wrapper is permitted.
    let mut checks =
        vec!["deny", "--locked", "check", "--allow", "unused-wrapper", "bans", "licenses", "sources"];
    for argument in arguments {
        match argument.as_str() {
            "--advisories" => checks.push("advisories"),
            other => bail!("`cargo xtask deny` knows only --advisories, not `{other}`"),
        }
    }
    let root = workspace_root()?;
    if !succeeds(&mut cargo(&root, &["deny", "--version"])) {
        println!("cargo-deny is missing; installing it (once, some minutes)");
        run_child(&mut cargo(&root, &["install", "cargo-deny", "--locked"]))?;
    }
    run_child(&mut cargo(&root, &checks))?;
    Ok(ExitCode::SUCCESS)
}
