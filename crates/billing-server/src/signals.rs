//! Signals that would end the process where it can go on.

/// Keeps the process alive when a file reaches the size limit that it runs under (`ulimit -f`, a container's limits):
/// the write that reached it fails instead, as on a full disk. The default is to end the process with a core dump.
///
/// Holds for as long as the answer is kept; where it cannot be had, the default stays.
#[cfg(unix)]
pub(crate) fn survive_file_size_limit() -> Option<tokio::signal::unix::Signal> {
    use tokio::signal::unix::{SignalKind, signal};
    /// `SIGXFSZ`, the same number on Linux and macOS.
    const FILE_SIZE_EXCEEDED: i32 = 25;
    let handled = signal(SignalKind::from_raw(FILE_SIZE_EXCEEDED));
    handled.inspect_err(|error| tracing::debug!(%error, "SIGXFSZ keeps its default")).ok()
}

/// There is no such limit.
#[cfg(not(unix))]
pub(crate) fn survive_file_size_limit() {}
