//! `cargo xtask test`: every check and every test, also on a fresh machine.
//!
//! Every cargo call selects the whole workspace: another selection would unify features differently and compile the
//! same dependencies twice.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use super::nextest::{self, Runner};
use crate::metadata::workspace_root;
use crate::postgres::Postgres;
use crate::process::{cargo, run as run_child};
use crate::steps::Steps;

/// Runs the steps in order, quick ones first, up to the first failure. `filter` is passed to the test runner.
pub(crate) fn run(filter: &[String]) -> Result<ExitCode> {
    let mut steps = Steps::new(&["format", "tidy", "clippy", "build", "postgres", "tests", "doctests"]);
    let outcome = run_steps(&mut steps, &workspace_root()?, filter);
    steps.summarise();
    outcome.map(|()| ExitCode::SUCCESS)
}

fn run_steps(steps: &mut Steps, root: &Path, filter: &[String]) -> Result<()> {
    steps.run("format", || run_child(&mut cargo(root, &["fmt", "--all", "--", "--check"])))?;
    steps.run("tidy", || super::tidy::check_and_print(root))?;
    steps.run("clippy", || {
        let arguments = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
        run_child(&mut cargo(root, &arguments))
    })?;
    // `--tests` beside `--bins` builds the binary with the features of the tests, so that everything is built for the
    // runner, including `billing`, which tests start as a process.
    steps.run("build", || {
        run_child(&mut cargo(root, &["build", "--workspace", "--bins", "--tests", "--locked"]))
    })?;
    let runner = nextest::find_or_install(root);
    let postgres = steps.run("postgres", Postgres::given_or_started)?;
    steps.run("tests", || {
        let mut tests = match runner {
            Runner::Nextest => cargo(root, &["nextest", "run", "--workspace", "--locked"]),
            Runner::Cargo => cargo(root, &["test", "--workspace", "--locked", "--all-targets"]),
        };
        postgres.give_to(&mut tests);
        run_child(tests.args(filter))
    })?;
    drop(postgres);
    steps.run("doctests", || run_child(&mut cargo(root, &["test", "--workspace", "--doc", "--locked"])))
}
