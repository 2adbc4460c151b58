//! `cargo xtask tidy`: what the compiler does not check.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail, ensure};

use crate::metadata::workspace_root;
use crate::tidy;

/// Prints every violation; exit code 1 if there is one.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode> {
    ensure!(arguments.is_empty(), "`cargo xtask tidy` takes no arguments");
    check_and_print(&workspace_root()?)?;
    println!("tidy: ok");
    Ok(ExitCode::SUCCESS)
}

/// The same as a step of `cargo xtask test`.
pub(crate) fn check_and_print(root: &Path) -> Result<()> {
    let violations = tidy::check(root)?;
    for violation in &violations {
        println!("{violation}");
    }
    match violations.len() {
        0 => Ok(()),
        1 => bail!("tidy: 1 violation"),
        count => bail!("tidy: {count} violations"),
    }
}
