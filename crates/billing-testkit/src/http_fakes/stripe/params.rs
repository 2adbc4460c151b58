//! Parameters with brackets.

use std::collections::BTreeMap;

use url::form_urlencoded;

use super::api_error::ApiError;

/// The parameters of a request, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads a form.
    pub(super) fn read(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// All of them.
    pub(super) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// Sorted, for comparing two requests.
    pub(super) fn sorted(&self) -> Vec<(String, String)> {
        let mut pairs = self.0.clone();
        pairs.sort();
        pairs
    }

    /// The value of `name`; none if it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The value of `name`.
    pub(super) fn need(&self, name: &str) -> Result<&str, ApiError> {
        self.get(name).ok_or_else(|| ApiError::missing(name))
    }

    /// The value of `name`, a whole number of at least `least`.
    pub(super) fn need_integer(&self, name: &str, least: i64) -> Result<i64, ApiError> {
        let text = self.need(name)?;
        text.parse().ok().filter(|number| *number >= least).ok_or_else(|| {
            ApiError::invalid("parameter_invalid_integer", name, format!("Invalid integer: {text}"))
        })
    }

    /// Whether there is anything below `name`.
    pub(super) fn has_below(&self, name: &str) -> bool {
        let prefix = format!("{name}[");
        self.0.iter().any(|(other, _)| other.starts_with(&prefix))
    }

    /// The metadata, validated.
    pub(super) fn metadata(&self) -> Result<BTreeMap<String, String>, ApiError> {
        let mut metadata = BTreeMap::new();
        for (name, value) in &self.0 {
            let Some(key) = name.strip_prefix("metadata[").and_then(|rest| rest.strip_suffix(']')) else {
                continue;
            };
            if key.len() > 40 || value.chars().count() > 500 {
                return Err(ApiError::invalid("parameter_invalid_string", name, "Metadata is too long."));
            }
            metadata.insert(key.to_owned(), value.clone());
        }
        if metadata.len() > 50 {
            let message = "Metadata can have at most 50 keys.";
            return Err(ApiError::invalid("parameter_invalid_string", "metadata", message));
        }
        Ok(metadata)
    }

    /// Refuses names that are not `known`. In these, list indices are `[]` and metadata keys `[*]`.
    pub(super) fn check_names(&self, known: &[&str]) -> Result<(), ApiError> {
        for (name, _) in &self.0 {
            if !known.contains(&pattern(name).as_str()) {
                let message = format!("Received unknown parameter: {name}");
                return Err(ApiError::invalid("parameter_unknown", name, message));
            }
        }
        Ok(())
    }
}

/// The name with indices and metadata keys replaced.
fn pattern(name: &str) -> String {
    let mut parts = name.split('[');
    let mut pattern = parts.next().unwrap_or_default().to_owned();
    let mut metadata = pattern == "metadata";
    for part in parts {
        let inside = part.strip_suffix(']').unwrap_or(part);
        let index = !inside.is_empty() && inside.bytes().all(|b| b.is_ascii_digit());
        let shown = match (metadata, index) {
            (true, _) => "*",
            (false, true) => "",
            (false, false) => inside,
        };
        pattern.extend(["[", shown, "]"]);
        metadata = inside == "metadata";
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_indices_and_keys() {
        for (name, expected) in [
            ("mode", "mode"),
            ("line_items[0][price_data][currency]", "line_items[][price_data][currency]"),
            ("metadata[order_id]", "metadata[*]"),
            ("payment_intent_data[metadata][7]", "payment_intent_data[metadata][*]"),
        ] {
            assert_eq!(pattern(name), expected);
        }
    }
}
