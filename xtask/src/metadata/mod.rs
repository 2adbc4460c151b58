//! The part of `cargo metadata` that the rules need.

mod parse;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::process::{cargo, output};

/// The workspace's own crates and the graph of everything below them.
pub(crate) struct Metadata {
    /// Our crates, by name.
    pub(crate) members: Vec<Member>,
    /// Cargo's target folder.
    pub(crate) target: PathBuf,
    graph: parse::Graph,
}

/// One crate of this workspace.
pub(crate) struct Member {
    /// The crate's name.
    pub(crate) name: String,
    /// Its `Cargo.toml`.
    pub(crate) manifest: PathBuf,
    /// Its dependencies.
    pub(crate) dependencies: Vec<Dependency>,
}

/// One line of a manifest's dependency tables.
pub(crate) struct Dependency {
    /// The crate's real name, even if it is renamed.
    pub(crate) name: String,
    /// The table.
    pub(crate) kind: Kind,
}

/// The three dependency tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `[dependencies]`
    Normal,
    /// `[build-dependencies]`
    Build,
    /// `[dev-dependencies]`
    Dev,
}

impl Metadata {
    /// Runs cargo. The lock file must be up to date and is never written.
    pub(crate) fn load(root: &Path) -> Result<Self> {
        let arguments = ["metadata", "--format-version", "1", "--locked"];
        let output = cargo(root, &arguments).output().context("cannot run cargo")?;
        if !output.status.success() {
            bail!("cargo metadata --locked failed:\n{}", String::from_utf8_lossy(&output.stderr).trim());
        }
        parse::metadata(&serde_json::from_slice(&output.stdout).context("cargo metadata is not JSON")?)
    }

    /// The shortest path of normal dependencies from one of our crates to a crate named `target`, both ends included.
    pub(crate) fn path(&self, from: &str, target: &str) -> Option<Vec<&str>> {
        self.graph.path(from, target)
    }
}

/// The workspace around the current directory.
pub(crate) fn workspace_root() -> Result<PathBuf> {
    let here = Path::new(".");
    let manifest = output(&mut cargo(here, &["locate-project", "--workspace", "--message-format", "plain"]));
    let manifest =
        PathBuf::from(manifest.context("there is no Cargo workspace around the current directory")?);
    Ok(manifest.parent().map(Path::to_path_buf).unwrap_or_default())
}
