//! Every crate inherits the workspace's lints.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::Violation;
use super::sources::relative;
use crate::metadata::Member;

/// A `Cargo.toml`.
pub(crate) struct Manifest {
    path: String,
    text: String,
}

/// Reads the manifest of every crate of ours.
pub(crate) fn read_manifests(root: &Path, members: &[Member]) -> Result<Vec<Manifest>> {
    let read = |member: &Member| {
        let path = &member.manifest;
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Manifest { path: relative(root, path), text })
    };
    members.iter().map(read).collect()
}

/// Checks for `[lints]` with `workspace = true`.
pub(crate) fn check(manifests: &[Manifest]) -> Vec<Violation> {
    let without = manifests.iter().filter(|manifest| !inherits_lints(&manifest.text));
    without
        .map(|manifest| {
            Violation::new(
                &manifest.path,
                "does not inherit the workspace's lints",
                "add `[lints]` with `workspace = true`",
            )
        })
        .collect()
}

/// Minimal TOML parsing: a table header, and a key below it. Comments and spaces are ignored.
fn inherits_lints(toml: &str) -> bool {
    let mut table = String::new();
    for line in toml.lines() {
        let line: String = line.split('#').next().unwrap_or_default().split_whitespace().collect();
        if line.starts_with('[') {
            table = line;
        } else if table == "[lints]" && line == "workspace=true" {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::inherits_lints;

    #[test]
    fn the_key_counts_only_in_its_table() {
        assert!(inherits_lints("[package]\nname = \"a\"\n\n[ lints ] # ours\nworkspace  =  true\n"));
        assert!(!inherits_lints("[package]\nname = \"a\"\n"));
        assert!(!inherits_lints("[lints]\n# workspace = true\n"));
        assert!(!inherits_lints("[lints]\nworkspace = false\n"));
        assert!(!inherits_lints("[lints.clippy]\nworkspace = true\n[dependencies]\nworkspace = true\n"));
    }
}
