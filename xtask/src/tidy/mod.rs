//! Checks beyond the compiler: the floors of the architecture and the rules of the sources.
//!
//! Each rule is a file here: a pure function from the sources to violations. The sources are read once, in [`check`].
//! Every rule is tested on a planted violation in `tests/tidy.rs`, through the real command.

mod arrows;
mod core_dependencies;
mod core_purity;
mod doc_paths;
mod escapes;
mod length;
mod manifests;
mod sources;
mod strip;
mod wrapped;

use std::fmt;
use std::path::Path;

use anyhow::Result;

use self::sources::read_sources;
use crate::metadata::Metadata;

/// A violation: place, problem, and remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    place: String,
    problem: String,
    remedy: String,
}

impl Violation {
    fn new(place: impl Into<String>, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { place: place.into(), problem: problem.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}; {}", self.place, self.problem, self.remedy)
    }
}

/// Checks every rule on the workspace at `root`.
///
/// # Errors
///
/// Something could not be read; violations are part of the result, not errors.
pub(crate) fn check(root: &Path) -> Result<Vec<Violation>> {
    let metadata = Metadata::load(root)?;
    let sources = read_sources(root)?;
    let manifests = manifests::read_manifests(root, &metadata.members)?;
    let rules = [
        arrows::check(&metadata.members),
        core_dependencies::check(&metadata),
        wrapped::check(&metadata.members),
        manifests::check(&manifests),
        core_purity::check(&sources),
        length::check(&sources),
        escapes::check(&sources),
        doc_paths::check(&doc_paths::read_pages(root)?, &sources),
    ];
    Ok(rules.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::check;

    #[test]
    fn this_workspace_is_tidy() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let violations: Vec<String> = check(root).unwrap().iter().map(ToString::to_string).collect();
        assert!(violations.is_empty(), "{}", violations.join("\n"));
    }
}
