//! Postgres refuses to run as root, so as root its programs run as an unprivileged user.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::output;

/// The user that runs Postgres.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum User {
    /// The current user.
    Myself,
    /// An unprivileged account of this machine.
    Other { uid: u32, gid: u32 },
}

impl User {
    /// `postgres` if we are root and it exists, else `nobody`; the current user if we are not root.
    pub(crate) fn choose() -> Result<Self> {
        if !is_root() {
            return Ok(Self::Myself);
        }
        let accounts = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
        find(&accounts, "postgres").or_else(|| find(&accounts, "nobody")).context(
            "running as root, and there is neither a user `postgres` nor `nobody` to run Postgres as",
        )
    }

    /// Makes `command` run as this user.
    pub(crate) fn runs(self, command: &mut Command) -> &mut Command {
        match self {
            Self::Myself => command,
            // Setting the uid from root also drops root's supplementary groups.
            Self::Other { uid, gid } => command.uid(uid).gid(gid),
        }
    }

    /// Changes the owner of a folder.
    pub(crate) fn owns(self, folder: &Path) -> Result<()> {
        match self {
            Self::Myself => Ok(()),
            Self::Other { uid, gid } => chown(folder, Some(uid), Some(gid))
                .with_context(|| format!("cannot chown {}", folder.display())),
        }
    }
}

/// Whether we are root. By `id`, because std has no safe way to know.
pub(crate) fn is_root() -> bool {
    output(Command::new("id").arg("-u")).as_deref() == Some("0")
}

fn find(accounts: &str, name: &str) -> Option<User> {
    let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut ids = line.split(':').skip(2).map(str::parse);
    match (ids.next()?, ids.next()?) {
        (Ok(uid), Ok(gid)) if uid != 0 => Some(User::Other { uid, gid }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{User, find};

    const ACCOUNTS: &str = "root:x:0:0:root:/root:/bin/sh\n\
                            postgres-old:x:90:91::/:/bin/sh\n\
                            postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash\n\
                            broken:x:many:few\n";

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        assert_eq!(find(ACCOUNTS, "postgres"), Some(User::Other { uid: 101, gid: 104 }));
        assert_eq!(find(ACCOUNTS, "post"), None);
    }

    #[test]
    fn root_and_broken_lines_are_no_answer() {
        assert_eq!(find(ACCOUNTS, "root"), None);
        assert_eq!(find(ACCOUNTS, "broken"), None);
    }
}
