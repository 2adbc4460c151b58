//! Logs.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::LogFormat;

/// Libraries that log their connection URL, including the password, and the data on the wire. They are not logged,
/// regardless of `RUST_LOG`.
const SILENT: [&str; 2] = ["sea_orm", "sqlx_postgres"];

/// Sends logs to standard error, as text or as one JSON object per line. `RUST_LOG` sets the levels.
pub(crate) fn start(format: LogFormat) {
    let chosen = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,billing=info"));
    let logs = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        // A log line that cannot be written (a full disk, a closed pipe) is lost; reporting that on the same stream
        // would end the task that logged it.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal());
    let logs = match format {
        LogFormat::Text => logs.boxed(),
        LogFormat::Json => logs.json().boxed(),
    };
    let quiet = filter_fn(|origin| !is_silent(origin.target()));
    let started = tracing_subscriber::registry().with(chosen).with(quiet).with(logs).try_init();
    // Only a second start in one process fails; logs then go where the first one sends them.
    drop(started);
}

fn is_silent(target: &str) -> bool {
    SILENT.iter().any(|silent| {
        target.strip_prefix(silent).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    })
}
