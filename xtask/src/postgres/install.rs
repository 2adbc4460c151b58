//! Installs the distribution's Postgres, if we are root.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::{run, succeeds};

/// Keeps Debian's package from creating and starting its own cluster; only the programs are needed.
const NO_MAIN_CLUSTER: &str = "/etc/postgresql-common/createcluster.d/xtask.conf";

/// A package manager, and what to run with it in order.
struct Manager {
    program: &'static str,
    calls: &'static [&'static [&'static str]],
}

const MANAGERS: &[Manager] = &[
    Manager {
        program: "apt-get",
        calls: &[&["update"], &["install", "-y", "--no-install-recommends", "postgresql"]],
    },
    Manager { program: "dnf", calls: &[&["install", "-y", "postgresql-server"]] },
    Manager { program: "apk", calls: &[&["add", "--no-cache", "postgresql"]] },
];

/// Installs with the first available package manager; does nothing without one.
pub(crate) fn install() -> Result<()> {
    let Some(manager) =
        MANAGERS.iter().find(|manager| succeeds(Command::new(manager.program).arg("--version")))
    else {
        return Ok(());
    };
    println!("Postgres is missing; installing it with {}", manager.program);
    let is_debian = manager.program == "apt-get";
    if is_debian {
        let file = Path::new(NO_MAIN_CLUSTER);
        fs::create_dir_all(file.parent().unwrap_or(file)).context("cannot prepare the installation")?;
        fs::write(file, "create_main_cluster = false\n").context("cannot prepare the installation")?;
    }
    let outcome = manager.calls.iter().try_for_each(|arguments| {
        run(Command::new(manager.program).args(*arguments).env("DEBIAN_FRONTEND", "noninteractive"))
    });
    if is_debian {
        // Restores the distribution's defaults for later clusters.
        let _ = fs::remove_file(NO_MAIN_CLUSTER);
    }
    outcome.context("cannot install Postgres")
}
