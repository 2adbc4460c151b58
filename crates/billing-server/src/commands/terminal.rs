//! Talking to whoever sits at the terminal.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command answers on the terminal")]

/// Says what was asked for.
pub(crate) fn say(text: &str) {
    println!("{text}");
}

/// Says what went wrong.
pub(crate) fn complain(text: &str) {
    eprintln!("billing: {text}");
}
