//! Signals that would terminate the process unnecessarily.

/// Keeps the process alive when a file reaches its size limit (`ulimit -f`, a container's limits): the write fails
/// instead, as on a full disk. The default is termination with a core dump.
///
/// It applies while the result is kept; if the handler cannot be installed, the default stays.
#[cfg(unix)]
pub(crate) fn survive_file_size_limit() -> Option<tokio::signal::unix::Signal> {
    use tokio::signal::unix::{SignalKind, signal};
    /// `SIGXFSZ`, the same number on Linux and macOS.
    const FILE_SIZE_EXCEEDED: i32 = 25;
    let handled = signal(SignalKind::from_raw(FILE_SIZE_EXCEEDED));
    handled.inspect_err(|error| tracing::debug!(%error, "SIGXFSZ keeps its default")).ok()
}

/// There is no such signal.
#[cfg(not(unix))]
pub(crate) fn survive_file_size_limit() {}
