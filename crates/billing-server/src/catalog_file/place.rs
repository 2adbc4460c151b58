//! Positions in the file.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The line of `field`, such as `plans[2].price_monthly`, in `text`; for a missing field the line of its block. None
/// if there is no such block.
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
