//! Paths in `docs/`: each path in backticks that ends in `.rs` must exist.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Violation;
use super::sources::{Source, relative};

/// Reads every page below `docs`; none if there is no such folder.
pub(crate) fn read_pages(root: &Path) -> Result<Vec<(String, String)>> {
    let mut folders = vec![root.join("docs")];
    let mut pages = Vec::new();
    while let Some(folder) = folders.pop().filter(|folder| folder.is_dir()) {
        let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let path: PathBuf = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                let text =
                    fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
                pages.push((relative(root, &path), text));
            }
        }
    }
    pages.sort();
    Ok(pages)
}

/// Checks every path of `pages` against the existing files. A path may be a suffix: `ledger/fold.rs` is
/// `crates/billing-core/src/ledger/fold.rs`.
pub(crate) fn check(pages: &[(String, String)], sources: &[Source]) -> Vec<Violation> {
    let is_there = |path: &str| {
        sources.iter().any(|source| {
            source.path.strip_suffix(path).is_some_and(|before| before.is_empty() || before.ends_with('/'))
        })
    };
    let is_source = |path: &str| Path::new(path).extension().is_some_and(|extension| extension == "rs");
    let mut violations = Vec::new();
    for (page, text) in pages {
        for (line, text) in text.lines().enumerate() {
            let quoted = text.split('`').skip(1).step_by(2);
            // Patterns such as `load*.rs` and `{a,b}.rs` stand for several files.
            let paths = quoted.filter(|path| is_source(path) && !path.contains(['*', '{', ' ']));
            for path in paths.filter(|path| !is_there(path)) {
                let place = format!("{page}:{}", line.saturating_add(1));
                let problem = format!("names {path}, which is not there");
                violations.push(Violation::new(place, problem, "say where it is now"));
            }
        }
    }
    violations
}
