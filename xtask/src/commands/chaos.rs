//! `cargo xtask chaos`: the kill tests of billing-server, of one process and of three, and its fault tests (locked
//! rows, silent connections, frozen siblings, files that cannot grow), for a given number of rounds. It prints the
//! wait of the affected callers, and of all others.

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

use super::nextest::{self, Runner};
use crate::metadata::workspace_root;
use crate::postgres::Postgres;
use crate::process::{cargo, run as run_child};

const USAGE: &str = "usage: cargo xtask chaos [--rounds N], with N at least 1";

/// Runs these tests with `BILLING_CHAOS_ROUNDS` set.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode> {
    let rounds = rounds(arguments)?;
    let root = workspace_root()?;
    let mut tests = match nextest::find_or_install(&root) {
        Runner::Nextest => {
            // Its own configuration: the usual one ends a test after minutes.
            let config = ["--config-file", "xtask/chaos.nextest.toml"];
            let mut tests = cargo(&root, &["nextest", "run", "-p", "billing-server", "--locked"]);
            tests
                .args(config)
                .args(["-E", "binary(service) & (test(kill::) | test(processes::what_clients) | test(faults::) | test(full::))"]);
            tests
        }
        Runner::Cargo => cargo(
            &root,
            &["test", "-p", "billing-server", "--locked", "--test", "service", "kill::", "--", "--nocapture"],
        ),
    };
    let postgres = Postgres::given_or_started()?;
    postgres.give_to(tests.env("BILLING_CHAOS_ROUNDS", rounds.to_string()));
    println!("chaos: {rounds} rounds");
    run_child(&mut tests)?;
    Ok(ExitCode::SUCCESS)
}

fn rounds(arguments: &[String]) -> Result<u32> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let rounds = match words.as_slice() {
        [] => 100,
        ["--rounds", number] => number.parse().context(USAGE)?,
        [one] => one.strip_prefix("--rounds=").context(USAGE)?.parse().context(USAGE)?,
        _ => 0,
    };
    ensure!(rounds > 0, USAGE);
    Ok(rounds)
}

#[cfg(test)]
mod tests {
    use super::rounds;

    fn parsed(words: &[&str]) -> Option<u32> {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        rounds(&words).ok()
    }

    #[test]
    fn a_hundred_rounds_unless_told_otherwise() {
        assert_eq!(parsed(&[]), Some(100));
        assert_eq!(parsed(&["--rounds", "7"]), Some(7));
        assert_eq!(parsed(&["--rounds=7"]), Some(7));
    }

    #[test]
    fn nonsense_is_refused() {
        for words in
            [&["--rounds"][..], &["--rounds", "0"], &["--rounds", "x"], &["--rounds", "1", "2"], &["7"]]
        {
            assert_eq!(parsed(words), None, "{words:?}");
        }
    }
}
