//! Removes clusters whose owner was killed together with its guard.
//!
//! Usually there are none: the guard of a cluster detects the end of its owner. Exceptions are a killed container, a
//! crashed machine, or a killed guard.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::cluster::{FOLDER_PREFIX, PID_FILE};
use crate::process::{output, succeeds};

const STOP_LIMIT: Duration = Duration::from_secs(5);

/// Scans `parent` for folders without a running owner. Those that cannot be removed are left for the next time.
pub(crate) fn sweep(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(owner) = name.to_str().and_then(owner) else { continue };
        if !is_alive(owner) && stop_server(&entry.path()) && fs::remove_dir_all(entry.path()).is_ok() {
            println!("removed {}, left by process {owner}", entry.path().display());
        }
    }
}

/// The process id in a folder's name.
fn owner(name: &str) -> Option<u32> {
    name.strip_prefix(FOLDER_PREFIX)?.split('-').next()?.parse().ok()
}

/// Stops the server of an abandoned folder; false if it must be left alone.
fn stop_server(folder: &Path) -> bool {
    let note = fs::read_to_string(folder.join(PID_FILE)).unwrap_or_default();
    let server = note.lines().next().and_then(|line| line.trim().parse().ok());
    if let Some(server) = server.filter(|&server| runs_in(server, folder)) {
        // The shell's own `kill`, because not every small image has the program.
        succeeds(Command::new("/bin/sh").args(["-c", "kill -s QUIT \"$1\"", "sh", &server.to_string()]));
        let start = Instant::now();
        while runs_in(server, folder) && start.elapsed() < STOP_LIMIT {
            sleep(Duration::from_millis(50));
        }
        return !runs_in(server, folder);
    }
    // A server that responds but is not a process of ours belongs to another container that shares this folder.
    UnixStream::connect(folder.join(".s.PGSQL.5432")).is_err()
}

fn is_alive(process: u32) -> bool {
    command_line(process).is_some()
}

/// Whether the process is a server of this folder, and not another one with a reused process id.
fn runs_in(process: u32, folder: &Path) -> bool {
    folder.to_str().is_some_and(|folder| command_line(process).is_some_and(|line| line.contains(folder)))
}

/// The command line of a running process; by `ps` without `/proc`.
fn command_line(process: u32) -> Option<String> {
    if Path::new("/proc/self").exists() {
        let line = fs::read(format!("/proc/{process}/cmdline")).ok()?;
        return Some(String::from_utf8_lossy(&line).into_owned());
    }
    output(Command::new("ps").args(["-o", "command=", "-p", &process.to_string()]))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{owner, sweep};

    /// Higher than any process id of Linux (2^22) or macOS (99 998).
    const NOBODY: u32 = 99_999_999;

    #[test]
    fn the_owner_stands_in_the_name() {
        assert_eq!(owner("xt-pg-123-aB3"), Some(123));
        assert_eq!(owner("xt-pg--aB3"), None);
        assert_eq!(owner("other-123-aB3"), None);
    }

    #[test]
    fn only_folders_of_dead_owners_go() {
        let parent = tempfile::tempdir().unwrap();
        let dead = parent.path().join(format!("xt-pg-{NOBODY}-a"));
        let alive = parent.path().join(format!("xt-pg-{}-b", std::process::id()));
        let foreign = parent.path().join("something-else");
        for folder in [&dead, &alive, &foreign] {
            fs::create_dir_all(folder.join("data")).unwrap();
        }
        // A stale pid file with a running process that is not a server of this folder: it must not be killed.
        fs::write(dead.join("data/postmaster.pid"), format!("{}\n", std::process::id())).unwrap();

        sweep(parent.path());

        assert!(!dead.exists());
        assert!(alive.exists() && foreign.exists());
    }
}
