//! No way around the checks: no `allow`, no unfinished code, no disabled tests.

use super::Violation;
use super::sources::Source;

const NO_ALLOW: &str = "use `#[expect(…, reason = \"…\")]`, which complains once it is not needed any more";
const NO_HOLES: &str = "finish it, or leave it out";
const NO_IGNORE: &str = "make the test run everywhere, or delete it; long runs belong to `cargo xtask chaos`";

const ESCAPES: &[(&str, &str)] = &[
    ("#[allow(", NO_ALLOW),
    ("#![allow(", NO_ALLOW),
    ("todo!", NO_HOLES),
    ("unimplemented!", NO_HOLES),
    ("#[ignore", NO_IGNORE),
];

/// The same in conditional attributes.
const CONDITIONAL: &[(&str, &str)] = &[("allow", NO_ALLOW), ("ignore", NO_IGNORE)];

/// Checks every file, tests included.
pub(crate) fn check(sources: &[Source]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for source in sources {
        for (text, remedy) in ESCAPES {
            for line in source.lines_with(text) {
                violations.push(Violation::new(source.at(line), format!("`{text}`"), *remedy));
            }
        }
        for (line, attribute) in source.bracketed("cfg_attr(") {
            for (word, remedy) in CONDITIONAL {
                if contains_attribute(attribute, word) {
                    violations.push(Violation::new(
                        source.at(line),
                        format!("`cfg_attr(…, {word})`"),
                        *remedy,
                    ));
                }
            }
        }
    }
    violations
}

/// Whether one of the attributes after the condition is `word`.
fn contains_attribute(attribute: &str, word: &str) -> bool {
    let (_, attributes) = attribute.split_once(',').unwrap_or_default();
    attributes.split(',').any(|one| {
        let name: String =
            one.trim().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
        name == word
    })
}
