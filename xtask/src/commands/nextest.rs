//! The test runner: cargo-nextest, installed when missing.

use std::path::Path;

use crate::process::{cargo, run, succeeds};

/// The test runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runner {
    /// cargo-nextest: one process per test, time limits, short output.
    Nextest,
    /// `cargo test`, if nextest can neither be found nor installed.
    Cargo,
}

/// Finds cargo-nextest or installs it; falls back to `cargo test`, and says so.
pub(crate) fn find_or_install(root: &Path) -> Runner {
    if succeeds(&mut cargo(root, &["nextest", "--version"])) {
        return Runner::Nextest;
    }
    println!("cargo-nextest is missing; installing it (once, some minutes)");
    match run(&mut cargo(root, &["install", "cargo-nextest", "--locked"])) {
        Ok(()) => Runner::Nextest,
        Err(error) => {
            println!("cargo-nextest could not be installed ({error:#}); falling back to `cargo test`");
            Runner::Cargo
        }
    }
}
