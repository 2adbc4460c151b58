//! Our Rust files, read once for all rules.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::strip::strip;

/// One Rust file.
pub(crate) struct Source {
    /// From the workspace's root, with forward slashes.
    pub(crate) path: String,
    /// The original text.
    pub(crate) text: String,
    /// The text without comments and literals.
    code: String,
}

/// Reads every Rust file of `crates/*` and `xtask`, in the order of their paths.
pub(crate) fn read_sources(root: &Path) -> Result<Vec<Source>> {
    let mut files = Vec::new();
    for folder in ["crates", "xtask"] {
        collect(&root.join(folder), &mut files)?;
    }
    files.sort();
    let read = |file: PathBuf| {
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        Ok(Source::new(relative(root, &file), text))
    };
    files.into_iter().map(read).collect()
}

/// A path in the form of messages.
pub(crate) fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

impl Source {
    /// A file with its stripped code.
    pub(crate) fn new(path: String, text: String) -> Self {
        let code = strip(&text);
        Self { path, text, code }
    }

    /// Whether the file is part of a crate's `src` rather than beside it (tests, benches, examples).
    pub(crate) fn is_below_src(&self) -> bool {
        let mut parts = self.path.split('/');
        match parts.next() {
            Some("crates") => parts.nth(1) == Some("src"),
            _ => parts.next() == Some("src"),
        }
    }

    /// The code, of the same length as the text.
    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    /// `path:line`, for editors.
    pub(crate) fn at(&self, line: usize) -> String {
        format!("{}:{line}", self.path)
    }

    /// The line of a byte of the code, counted from one.
    pub(crate) fn line_of(&self, byte: usize) -> usize {
        let before = self.code.as_bytes().iter().take(byte);
        before.filter(|&&letter| letter == b'\n').count().saturating_add(1)
    }

    /// The lines that contain `needle` as whole words: `rand::` is not found in `operand::`.
    pub(crate) fn lines_with(&self, needle: &str) -> Vec<usize> {
        let found = self.code.match_indices(needle).filter(|&(start, _)| {
            let (before, rest) = self.code.split_at(start);
            let after = rest.get(needle.len()..).unwrap_or_default();
            !joins(before, needle) && !joins(needle, after)
        });
        let mut lines: Vec<usize> = found.map(|(start, _)| self.line_of(start)).collect();
        lines.dedup();
        lines
    }

    /// The text between every `opening`, which ends with a parenthesis, and its closing one; with the line.
    pub(crate) fn bracketed(&self, opening: &str) -> Vec<(usize, &str)> {
        let inside = |(start, _): (usize, &str)| {
            let rest = self.code.get(start..)?.strip_prefix(opening)?;
            let mut depth = 1_usize;
            let end = rest.find(|letter| {
                match letter {
                    '(' => depth = depth.saturating_add(1),
                    ')' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                depth == 0
            })?;
            Some((self.line_of(start), rest.get(..end)?))
        };
        self.code.match_indices(opening).filter_map(inside).collect()
    }
}

/// Whether the end of `left` and the start of `right` would form one word.
fn joins(left: &str, right: &str) -> bool {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    left.chars().next_back().is_some_and(is_word) && right.chars().next().is_some_and(is_word)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    let entries = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let path = entry.with_context(|| format!("cannot list {}", folder.display()))?.path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Source;

    fn source(text: &str) -> Source {
        Source::new("crates/a/src/lib.rs".to_owned(), text.to_owned())
    }

    #[test]
    fn only_whole_words_are_found() {
        let source = source("operand::x;\n rand::x;\n\"rand::x\";\nstd::fs_x;\nstd::fs::x;");
        assert_eq!(source.lines_with("rand::"), [2]);
        assert_eq!(source.lines_with("std::fs"), [5]);
    }

    #[test]
    fn only_src_folders_are_shipped() {
        let is_below_src = |path: &str| Source::new(path.to_owned(), String::new()).is_below_src();
        assert!(is_below_src("crates/a/src/b/c.rs"));
        assert!(is_below_src("xtask/src/main.rs"));
        assert!(!is_below_src("crates/a/tests/src/b.rs"));
        assert!(!is_below_src("xtask/tests/tidy.rs"));
    }
}
