//! Lines of TOML, for writing.

/// A block of the file, line by line.
#[derive(Debug, Default)]
pub(super) struct Lines(Vec<String>);

impl Lines {
    /// A block with `[[header]]`.
    pub(super) fn under(header: &str) -> Self {
        Self(vec![format!("[[{header}]]")])
    }

    /// `name = value` in TOML.
    pub(super) fn set(&mut self, name: &str, value: impl Into<toml::Value>) {
        self.0.push(format!("{name} = {}", value.into()));
    }

    /// The same, if there is a value.
    pub(super) fn set_some(&mut self, name: &str, value: Option<impl Into<toml::Value>>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    /// The same, unless the value is the default.
    pub(super) fn set_unless(&mut self, default: bool, name: &str, value: impl Into<toml::Value>) {
        if !default {
            self.set(name, value);
        }
    }

    /// `name = [ … ]` with one item per line; omitted if empty.
    pub(super) fn list(&mut self, name: &str, items: impl Iterator<Item = String>) {
        let items: Vec<_> = items.map(|item| format!("    {item},")).collect();
        if !items.is_empty() {
            self.0.push(format!("{name} = ["));
            self.0.extend(items);
            self.0.push("]".to_owned());
        }
    }

    /// A line, unchanged.
    pub(super) fn push(&mut self, line: String) {
        self.0.push(line);
    }

    /// An empty line and then `other`.
    pub(super) fn then(&mut self, other: Self) {
        self.0.push(String::new());
        self.0.extend(other.0);
    }

    pub(super) fn into_vec(self) -> Vec<String> {
        self.0
    }
}
