//! Errors in settings, without their values: any of them may hold a secret, even one in the wrong place.

use std::path::Path;

use config::ConfigError;

/// Why the file cannot be loaded.
pub(super) fn unread(file: &Path, error: &ConfigError) -> String {
    match error {
        ConfigError::FileParse { .. } => place(file).map_or_else(
            || "it is not TOML".to_owned(),
            |(line, column)| format!("it is not TOML at line {line}, column {column}"),
        ),
        // These errors are about the file, not its content.
        ConfigError::NotFound(_) | ConfigError::Foreign(_) => match std::fs::metadata(file) {
            Err(problem) => problem.kind().to_string(),
            Ok(_) => "it cannot be opened, or is not text".to_owned(),
        },
        other => unusable(other),
    }
}

/// The position of the first TOML error. The parser's own message quotes the content.
fn place(file: &Path) -> Option<(usize, usize)> {
    let text = std::fs::read_to_string(file).ok()?;
    let at = toml::from_str::<toml::Table>(&text).err()?.span()?.start;
    let before = text.get(..at)?;
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count());
    Some((line.saturating_add(1), column.saturating_add(1)))
}

/// The invalid setting, and its valid values.
pub(super) fn unusable(error: &ConfigError) -> String {
    match error {
        ConfigError::Type { key, expected, .. } => named(key.as_deref(), &format!("it has to be {expected}")),
        ConfigError::At { error, key, .. } => named(key.as_deref(), &unusable(error)),
        ConfigError::NotFound(name) => format!("{name} is missing"),
        ConfigError::Message(text) => {
            let name = ["unknown field", "missing field"]
                .iter()
                .find_map(|what| Some((what, name_after(text, what)?)));
            name.map_or_else(
                || "it is none of what it can be".to_owned(),
                |(what, name)| format!("{what} `{name}`"),
            )
        }
        _ => "it cannot be read".to_owned(),
    }
}

fn named(key: Option<&str>, problem: &str) -> String {
    key.map_or_else(|| problem.to_owned(), |key| format!("{key}: {problem}"))
}

/// The name in back quotes after `what`, if it can be the name of a setting.
fn name_after<'a>(text: &'a str, what: &str) -> Option<&'a str> {
    let name = text.strip_prefix(what)?.strip_prefix(" `")?.split('`').next()?;
    let plain = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    (name.len() <= 40 && name.chars().all(plain)).then_some(name)
}
