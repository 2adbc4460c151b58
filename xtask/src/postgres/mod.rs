//! A real Postgres for the tests: the one in `XTASK_POSTGRES_URL`, else a throwaway cluster.
//!
//! The cluster listens on a Unix socket in its own folder, so there is no port to collide on and nothing to configure.
//! It is not protected, and for tests it is not durable. If Postgres is not installed, it is installed if that needs
//! no permission; otherwise the command stops and says what to do. Tests are never skipped silently.

mod cluster;
mod discover;
mod install;
mod sweep;
mod user;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use self::cluster::Cluster;
pub(crate) use self::cluster::Durability;
use crate::settings::setting;

/// The variable from which the tests read the URL.
pub(crate) const URL_VARIABLE: &str = "XTASK_POSTGRES_URL";

/// A running Postgres; one that we started ends when this is dropped.
pub(crate) enum Postgres {
    /// An existing server, by its URL.
    Given(String),
    /// Our own cluster.
    Started(Cluster),
}

impl Postgres {
    /// Uses the given server or starts one, without durability.
    pub(crate) fn given_or_started() -> Result<Self> {
        Self::given_or_started_with(Durability::None)
    }

    /// The same with a given durability; an existing server is used as it is.
    pub(crate) fn given_or_started_with(durability: Durability) -> Result<Self> {
        if let Some(url) = setting(URL_VARIABLE) {
            println!("using the Postgres in {URL_VARIABLE}");
            return Ok(Self::Given(url));
        }
        let programs = find_or_install()?;
        sweep::sweep(&cluster::parent_folder());
        let cluster = Cluster::start(&programs, durability)?;
        println!("throwaway Postgres from {} in {}", programs.display(), cluster.folder().display());
        Ok(Self::Started(cluster))
    }

    /// Passes its URL to a child.
    ///
    /// For our own cluster, variables that would change the URL's meaning (`PGPORT` and similar) are removed.
    pub(crate) fn give_to(&self, child: &mut Command) {
        match self {
            Self::Given(url) => child.env(URL_VARIABLE, url),
            Self::Started(cluster) => {
                cluster::without_client_variables(child).env(URL_VARIABLE, cluster.url())
            }
        };
    }
}

fn find_or_install() -> Result<PathBuf> {
    if let Some(programs) = discover::find()? {
        return Ok(programs);
    }
    if setting("XTASK_POSTGRES_INSTALL").as_deref() != Some("never") && user::is_root() {
        install::install()?;
        if let Some(programs) = discover::find()? {
            return Ok(programs);
        }
    }
    bail!(
        "no Postgres found: install your distribution's `postgresql` package, or point PG_BIN at the folder with \
         `initdb` and `postgres`, or set {URL_VARIABLE} to a server on which tests may create databases"
    )
}
