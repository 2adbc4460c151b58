//! The commands by name; each has a file of its own.

mod bench;
mod chaos;
mod deny;
mod nextest;
mod postgres;
mod test;
mod tidy;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask <command>

  test [filter…]         all checks and all tests; what CI runs. Arguments go to the test runner
  tidy                   the architecture's floors and the rules of the sources
  deny [--advisories]    licences, banned crates and sources of dependencies; known vulnerabilities on request
  postgres -- <command>  run a command with a throwaway Postgres in XTASK_POSTGRES_URL
  chaos [--rounds N]     kill the server N times (100) under load and check the books each time
  bench [option…]        measure the ledger beside hand-written peers; `bench --help` lists the options
  help                   this page

docs/TESTING.md says more.";

/// Runs the command named by the first argument.
///
/// The exit code is the child's own if a command only wraps another (`postgres`), else 0 or 1.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode> {
    let (name, rest) = match arguments.split_first() {
        Some((name, rest)) => (name.as_str(), rest),
        None => ("help", arguments),
    };
    match name {
        "test" => test::run(rest),
        "tidy" => tidy::run(rest),
        "deny" => deny::run(rest),
        "postgres" => postgres::run(rest),
        "chaos" => chaos::run(rest),
        "bench" => bench::run(rest),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        unknown => bail!("there is no command `{unknown}`; `cargo xtask help` lists them"),
    }
}
