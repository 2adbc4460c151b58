//! A case that nobody runs proves nothing: each is named in the macro that makes tests of them.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its own sources has failed")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { sources(&path, found) } else { found.push(path) }
    }
}

#[test]
fn every_case_is_made_into_a_test() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/contract");
    let mut paths = Vec::new();
    sources(&folder, &mut paths);
    let mut cases = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(path).unwrap();
        let named = text.lines().filter_map(|line| line.strip_prefix("pub async fn ")?.split_once('('));
        cases.extend(named.map(|(name, _)| name.to_owned()));
    }
    let macros = std::fs::read_to_string(folder.join("macros.rs")).unwrap();
    let listed: BTreeSet<_> = macros.lines().filter_map(|line| line.trim().strip_suffix(',')).collect();
    let missing: Vec<_> = cases.iter().filter(|case| !listed.contains(case.as_str())).collect();
    assert!(missing.is_empty(), "not among the tests: {missing:?}");
    assert!(cases.len() > 100, "only {} cases were found", cases.len());
}
