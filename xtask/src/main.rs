//! The project's own commands: `cargo xtask test`, `tidy`, `deny`, `postgres`, `chaos`.
//!
//! Everything that a contributor or CI has to run is here rather than in a script, so there is one way to run it and a
//! fresh machine needs only Rust and a C compiler. It has few dependencies on purpose: this crate is compiled first.
#![expect(clippy::print_stdout, reason = "a command line tool prints")]

mod commands;
mod floors;
mod metadata;
mod postgres;
mod process;
mod settings;
mod steps;
mod tidy;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match commands::run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
