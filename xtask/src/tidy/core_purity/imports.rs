//! Resolves `use std::{fs, io}`: the text `std::fs` does not appear there.

use crate::tidy::sources::Source;

/// The lines of the `use` items that import `path` or something below it through braces.
pub(crate) fn imported(source: &Source, path: &str) -> Vec<usize> {
    let code = source.code();
    let mut lines = Vec::new();
    for (start, _) in code.match_indices("use ") {
        let starts_a_word = code.get(..start).unwrap_or_default().chars().next_back();
        if starts_a_word.is_some_and(|letter| letter.is_alphanumeric() || letter == '_') {
            continue;
        }
        let item = code.get(start..).unwrap_or_default().trim_start_matches("use ");
        let tree = item.split(';').next().unwrap_or_default();
        if tree.contains('{') && expand(tree).iter().any(|one| is_at_or_below(one, path)) {
            lines.push(source.line_of(start));
        }
    }
    lines
}

fn is_at_or_below(import: &str, path: &str) -> bool {
    import
        .trim_start_matches("::")
        .strip_prefix(path)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// `a::{b, c::{d, e as f}}` as `a::b`, `a::c::d`, `a::c::e`.
fn expand(tree: &str) -> Vec<String> {
    let Some((prefix, rest)) = tree.split_once('{') else {
        let name = tree.split(" as ").next().unwrap_or_default();
        let name: String = name.split_whitespace().collect();
        return vec![name.trim_end_matches("::self").to_owned()];
    };
    let prefix: String = prefix.split_whitespace().collect();
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let parts = split_at_top_level(inner).into_iter().filter(|part| !part.trim().is_empty());
    parts
        .flat_map(expand)
        .map(|part| if part == "self" { self_of(&prefix) } else { format!("{prefix}{part}") })
        .collect()
}

fn self_of(prefix: &str) -> String {
    prefix.trim_end_matches("::").to_owned()
}

fn split_at_top_level(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    text.split(|letter| {
        match letter {
            '{' => depth = depth.saturating_add(1),
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::{expand, imported};
    use crate::tidy::sources::Source;

    #[test]
    fn trees_become_paths() {
        let paths = expand("std::{fmt, fs::{self, File as F}, collections::{BTreeMap, btree_map::{Entry}},}");
        let expected = ["fmt", "fs", "fs::File", "collections::BTreeMap", "collections::btree_map::Entry"];
        assert_eq!(paths, expected.map(|path| format!("std::{path}")));
        assert_eq!(expand("{std::fs, tokio::time}"), ["std::fs", "tokio::time"]);
    }

    #[test]
    fn braces_do_not_hide_an_import() {
        let text = "use std::{fmt, str};\npub use std::{\n    fmt,\n    fs as disk,\n};\nuse rand::{rng};\nbecause {std}";
        let source = Source::new("lib.rs".to_owned(), text.to_owned());
        assert_eq!(imported(&source, "std::fs"), [2]);
        assert_eq!(imported(&source, "rand"), [6]);
        assert!(imported(&source, "std::env").is_empty());
    }
}
