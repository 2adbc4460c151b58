//! Finds Postgres's server programs.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::process::output;
use crate::settings::setting;

/// Folders with one subfolder per version, and the path from there to the programs.
const VERSIONED: &[(&str, &str, &str)] = &[
    ("/usr/lib/postgresql", "", "bin"),          // Debian, Ubuntu
    ("/usr", "pgsql-", "bin"),                   // PGDG packages for Red Hat
    ("/usr/libexec", "postgresql", ""),          // Alpine
    ("/opt/homebrew/opt", "postgresql@", "bin"), // Homebrew on Apple silicon
    ("/usr/local/opt", "postgresql@", "bin"),    // Homebrew on Intel
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql@", "bin"),
];

/// The folder with `initdb` and `postgres`.
///
/// # Errors
///
/// `PG_BIN` is set and wrong: an explicit setting is not replaced by a guess.
pub(crate) fn find() -> Result<Option<PathBuf>> {
    if let Some(folder) = setting("PG_BIN").map(PathBuf::from) {
        if !has_programs(&folder) {
            bail!("PG_BIN is {}, which has no `initdb` and `postgres`", folder.display());
        }
        return Ok(Some(folder));
    }
    let configured = output(Command::new("pg_config").arg("--bindir")).map(PathBuf::from);
    let versioned =
        VERSIONED.iter().flat_map(|(parent, prefix, rest)| versions(Path::new(parent), prefix, rest));
    let path = setting("PATH").unwrap_or_default();
    let searched = std::env::split_paths(&path);
    Ok(configured.into_iter().chain(versioned).chain(searched).find(|folder| has_programs(folder)))
}

fn has_programs(folder: &Path) -> bool {
    ["initdb", "postgres"].iter().all(|program| folder.join(program).is_file())
}

/// `parent/<prefix><version>/rest` for every version, the highest first.
fn versions(parent: &Path, prefix: &str, rest: &str) -> Vec<PathBuf> {
    let mut found: Vec<(Vec<u32>, PathBuf)> = Vec::new();
    for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let version = name.to_str().and_then(|name| name.strip_prefix(prefix)).and_then(numbers);
        if let Some(version) = version {
            found.push((version, entry.path().join(rest)));
        }
    }
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, folder)| folder).collect()
}

/// `9.6` is 9 and 6, so that 15 counts as higher.
fn numbers(version: &str) -> Option<Vec<u32>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{has_programs, versions};

    #[test]
    fn versions_are_numbers_not_texts() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["pg-9.6", "pg-15", "pg-100", "pg-common", "15"] {
            fs::create_dir(parent.path().join(name)).unwrap();
        }
        let found = versions(parent.path(), "pg-", "bin");
        let expected = ["pg-100/bin", "pg-15/bin", "pg-9.6/bin"].map(|folder| parent.path().join(folder));
        assert_eq!(found, expected);
    }

    #[test]
    fn a_folder_with_the_client_alone_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("psql"), "").unwrap();
        fs::write(folder.path().join("initdb"), "").unwrap();
        assert!(!has_programs(folder.path()));
        fs::write(folder.path().join("postgres"), "").unwrap();
        assert!(has_programs(folder.path()));
    }
}
