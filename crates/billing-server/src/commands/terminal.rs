//! Output to the terminal. A reader that closes the pipe (`billing doctor | head -1`) is no error.

use std::io::Write;

/// Prints a result.
pub(crate) fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Prints an error.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "billing: {text}");
}
