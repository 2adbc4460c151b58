//! The project's own commands: `cargo xtask test`, `tidy`, `deny`, `postgres`, `chaos`.
//!
//! Whatever a contributor or CI has to run lives here rather than in a script, so there is one way to run it and
//! a fresh machine needs nothing but Rust and a C compiler. Few dependencies on purpose: this crate is compiled before
//! anything else can start.
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
