//! Child processes: of this binary, and of the service.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::load::Workload;
use crate::measure::{Measured, MeasuredRecord};

/// A child process that reports line by line, and ends with this one.
pub(crate) struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

/// A spender's message that it is ready.
pub(crate) const READY: &str = "ready";
/// The message that starts a spender.
pub(crate) const GO: &str = "go";
/// The bare server's message before its address.
pub(crate) const SERVING: &str = "serving at ";

impl Process {
    fn start(command: &mut Command) -> Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let output = child.stdout.take().context("no output")?;
        Ok(Self { child, lines: BufReader::new(output).lines() })
    }

    /// A process of this binary that spends on the database at `url`.
    pub(crate) async fn spender(url: &str, workload: &Workload) -> Result<Self> {
        let mut process = Self::start(
            Command::new(std::env::current_exe()?)
                .args(["spender", "--url", url])
                .args(["--accounts", &workload.accounts.end.to_string()])
                .args(["--callers", &workload.callers.to_string()])
                .args(["--warm-up-ms", &workload.warm_up.as_millis().to_string()])
                .args(["--measure-ms", &workload.measure.as_millis().to_string()]),
        )?;
        process.after(READY).await?;
        Ok(process)
    }

    /// A process of this binary that serves bare reads, and its address.
    pub(crate) async fn bare_server(url: &str) -> Result<(Self, String)> {
        let mut process =
            Self::start(Command::new(std::env::current_exe()?).args(["bare-server", "--url", url]))?;
        let address = process.after(SERVING).await?;
        Ok((process, address))
    }

    /// The service on the database at `url`, and its address.
    pub(crate) async fn service(billing: &Path, url: &str) -> Result<(Self, String)> {
        let mut process = Self::start(&mut service_command(billing, url))?;
        let address = process.after("billing is running at ").await?;
        Ok((process, address))
    }

    /// Starts a spender.
    pub(crate) async fn go(&mut self) -> Result<()> {
        let input = self.child.stdin.as_mut().context("no input")?;
        input.write_all(format!("{GO}\n").as_bytes()).await?;
        Ok(input.flush().await?)
    }

    /// A spender's measurement.
    pub(crate) async fn measured(&mut self) -> Result<Measured> {
        let line = self.lines.next_line().await?.context("a spender ended without a word")?;
        serde_json::from_str::<MeasuredRecord>(&line)?.try_into()
    }

    /// Its process id.
    pub(crate) fn id(&self) -> Result<u32> {
        self.child.id().context("the process has ended")
    }

    /// Stops it. A child of the service gets a signal first, so that it shuts down regularly.
    pub(crate) async fn stop(mut self) -> Result<()> {
        if let Some(id) = self.child.id() {
            Command::new("kill").args(["-TERM", &id.to_string()]).status().await?;
        }
        self.child.wait().await?;
        Ok(())
    }

    /// The rest of the first line with the prefix `start`.
    async fn after(&mut self, start: &str) -> Result<String> {
        while let Some(line) = self.lines.next_line().await? {
            if let Some(rest) = line.strip_prefix(start) {
                return Ok(rest.to_owned());
            }
        }
        bail!("a process ended before it said `{start}`")
    }
}

/// An API key for spending and reading.
pub(crate) async fn backend_key(billing: &Path, url: &str) -> Result<String> {
    let mut command = service_command(billing, url);
    command.args(["keys", "create", "--name", "bench", "--scope", "credits:write"]);
    let output = command.output().await.context("the service's binary does not run")?;
    let text = String::from_utf8(output.stdout)?;
    let first = text.lines().next().context("the service made no key")?;
    Ok(first.to_owned())
}

/// The service with its defaults, except for the port and silent logs.
fn service_command(billing: &Path, url: &str) -> Command {
    let mut command = Command::new(billing);
    command
        .env_clear()
        .env("BILLING_LISTEN", "127.0.0.1:0")
        .env("BILLING_DATABASE_URL", url)
        .env("RUST_BACKTRACE", "0")
        .current_dir(std::env::temp_dir());
    command
}
