//! A throwaway cluster: a folder and a server, both removed afterwards.

use std::fs;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::user::{User, is_root};

/// The prefix of the folders; our process id, a dash and something random follow.
pub(crate) const FOLDER_PREFIX: &str = "xt-pg-";

/// The server's pid file, below the folder.
pub(crate) const PID_FILE: &str = "data/postmaster.pid";

/// Socket paths end at 107 bytes (103 on macOS); the rest is needed for our part.
const LONGEST_PARENT: usize = 60;

const START_LIMIT: Duration = Duration::from_mins(1);
const STOP_LIMIT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(20);

/// The settings of every cluster.
const SETTINGS: &[&str] = &["listen_addresses=", "port=5432", "max_connections=300"];

/// The durability of acknowledged writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Speed over safety, for tests: this data need not survive anything.
    None,
    /// As in production, for benchmarks: acknowledged writes are on disk. Buffers have a reasonable size, and
    /// checkpoints are far enough apart not to affect single measurements. WAL files are recycled, as on a
    /// long-running server: filling a new one with zeros would stall everything.
    Full,
}

impl Durability {
    const fn settings(self) -> &'static [&'static str] {
        match self {
            Self::None => &["fsync=off", "synchronous_commit=off", "full_page_writes=off"],
            Self::Full => &[
                "fsync=on",
                "synchronous_commit=on",
                "full_page_writes=on",
                "shared_buffers=1GB",
                "max_wal_size=8GB",
                "min_wal_size=4GB",
                "checkpoint_timeout=30min",
            ],
        }
    }
}

/// A running server. Dropping it stops the server and removes the folder.
pub(crate) struct Cluster {
    server: Child,
    folder: TempDir,
}

impl Cluster {
    /// Creates a cluster with the programs in the given folder and waits until it responds.
    pub(crate) fn start(programs: &Path, durability: Durability) -> Result<Self> {
        let user = User::choose()?;
        let prefix = format!("{FOLDER_PREFIX}{}-", std::process::id());
        let folder = tempfile::Builder::new()
            .prefix(&prefix)
            .tempdir_in(parent_folder())
            .context("cannot make a temporary folder for Postgres")?;
        user.owns(folder.path())?;
        initialise(programs, folder.path(), user)?;
        let server = spawn(programs, folder.path(), user, durability)?;
        let mut cluster = Self { server, folder };
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    /// The URL for sqlx, psql and similar.
    pub(crate) fn url(&self) -> String {
        format!("postgres:///postgres?host={}&user=postgres", self.folder.path().display())
    }

    /// Its folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < START_LIMIT {
            let note = fs::read_to_string(self.folder().join(PID_FILE)).unwrap_or_default();
            if note.lines().nth(7).is_some_and(|status| status.trim() == "ready") {
                return Ok(());
            }
            if let Some(status) = self.server.try_wait()? {
                bail!("Postgres ended at once ({status}):\n{}", self.log());
            }
            sleep(POLL);
        }
        bail!("Postgres was not ready after {} s:\n{}", START_LIMIT.as_secs(), self.log())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder().join("log")).unwrap_or_default().trim_end().to_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The guard waits for the end of this pipe.
        drop(self.server.stdin.take());
        let start = Instant::now();
        while matches!(self.server.try_wait(), Ok(None)) {
            if start.elapsed() > STOP_LIMIT {
                // Only if the guard was killed.
                let _ = self.server.kill();
                let _ = self.server.wait();
                break;
            }
            sleep(POLL);
        }
        // The guard closes this last, after the folder is removed.
        if let Some(mut guard) = self.server.stdout.take() {
            let _ = guard.read_to_end(&mut Vec::new());
        }
    }
}

/// The parent of the folders: the system's temporary folder if the socket's path fits and another user can access it.
pub(crate) fn parent_folder() -> PathBuf {
    let system = std::env::temp_dir();
    let fallback = Path::new("/tmp");
    let too_long = system.as_os_str().len() > LONGEST_PARENT;
    if (too_long || is_root()) && fallback.is_dir() { fallback.to_path_buf() } else { system }
}

/// Removes variables of a developer's shell that refer to other servers.
pub(crate) fn without_client_variables(command: &mut Command) -> &mut Command {
    const VARIABLES: &[&str] = &[
        "PGDATA",
        "PGHOST",
        "PGHOSTADDR",
        "PGPORT",
        "PGUSER",
        "PGPASSWORD",
        "PGDATABASE",
        "PGOPTIONS",
        "PGSERVICE",
    ];
    VARIABLES.iter().fold(command, |command, variable| command.env_remove(variable))
}

fn initialise(programs: &Path, folder: &Path, user: User) -> Result<()> {
    let mut initdb = Command::new(programs.join("initdb"));
    initdb.args(["-A", "trust", "-U", "postgres", "--no-sync", "--locale=C", "-E", "UTF8", "-D"]);
    initdb.arg(folder.join("data")).current_dir(folder).stdin(Stdio::null());
    let output = user.runs(without_client_variables(&mut initdb)).output().context("cannot run initdb")?;
    if !output.status.success() {
        bail!("initdb failed ({}):\n{}", output.status, String::from_utf8_lossy(&output.stderr).trim_end());
    }
    Ok(())
}

fn spawn(programs: &Path, folder: &Path, user: User, durability: Durability) -> Result<Child> {
    let script = folder.join("guard.sh");
    fs::write(&script, include_str!("guard.sh")).context("cannot write into the folder for Postgres")?;
    user.owns(&script)?;
    let mut shell = Command::new("/bin/sh");
    shell.arg(&script).arg(folder);
    shell.arg(programs.join("postgres")).arg("-D").arg(folder.join("data")).arg("-k").arg(folder);
    for setting in SETTINGS.iter().chain(durability.settings()) {
        shell.args(["-c", setting]);
    }
    // A process group of its own, so that Ctrl-C reaches the tests first and the server ends after them.
    shell.process_group(0).current_dir(folder);
    shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    user.runs(without_client_variables(&mut shell)).spawn().context("cannot start Postgres")
}
