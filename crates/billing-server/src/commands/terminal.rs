//! Talking to whoever sits at the terminal. Somebody who stops listening (`billing doctor | head -1`) is no
//! reason to fail.

use std::io::Write;

/// Says what was asked for.
pub(crate) fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Says what went wrong.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "billing: {text}");
}
