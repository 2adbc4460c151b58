//! Removes clusters whose owner died without a word, guard and all.
//!
//! Normally there are none: the guard of a cluster sees its owner die. What is left is a killed container, a crashed
//! machine, or somebody who shot the guard as well.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::cluster::{FOLDER_PREFIX, PID_FILE};
use crate::process::{output, succeeds};

const STOP_LIMIT: Duration = Duration::from_secs(5);

/// Looks through `parent` for folders whose owner is no more. What cannot be removed is left for the next time.
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
    // A server that answers but is none of our processes belongs to another container that shares this folder.
    UnixStream::connect(folder.join(".s.PGSQL.5432")).is_err()
}

fn is_alive(process: u32) -> bool {
    command_line(process).is_some()
}

/// Whether the process is a server of this folder, and not a stranger with a used process id.
fn runs_in(process: u32, folder: &Path) -> bool {
    folder.to_str().is_some_and(|folder| command_line(process).is_some_and(|line| line.contains(folder)))
}

/// The command line of a live process; `ps` where there is no `/proc`.
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
        // A stale note with a live process id that is not a server of this folder: nobody may be shot for it.
        fs::write(dead.join("data/postmaster.pid"), format!("{}\n", std::process::id())).unwrap();

        sweep(parent.path());

        assert!(!dead.exists());
        assert!(alive.exists() && foreign.exists());
    }
}
