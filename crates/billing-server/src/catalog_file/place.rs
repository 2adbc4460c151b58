//! Where in the file something stands.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The line on which `field`, such as `plans[2].price_monthly`, stands in `text`; of a field that was left out,
/// the line of what it belongs to. None where the file has nothing of it.
pub(crate) fn line_of(text: &str, field: &str) -> Option<usize> {
    let root = DeTable::parse(text).ok()?;
    let mut found: Option<&Spanned<DeValue<'_>>> = None;
    for step in field.split(['.', '[', ']']).filter(|step| !step.is_empty()) {
        let next = match found {
            None => root.get_ref().get(step),
            Some(value) => match step.parse::<usize>() {
                Ok(place) => value.get_ref().get(place),
                Err(_) => value.get_ref().get(step),
            },
        };
        match next {
            Some(value) => found = Some(value),
            None => break,
        }
    }
    let before = text.get(..found?.span().start)?;
    Some(before.matches('\n').count().saturating_add(1))
}
