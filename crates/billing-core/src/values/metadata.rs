//! A caller's own notes on an entry.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Text by name, kept and given back as it came. At most 20 names of 40 characters, values of 500.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metadata(BTreeMap<String, String>);

/// The notes are more or longer than may be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("metadata takes at most 20 names of 1 to 40 characters, each with a text of at most 500")]
pub struct MetadataError;

impl Metadata {
    /// `entries`, if they are few and short enough.
    ///
    /// # Errors
    ///
    /// [`MetadataError`] otherwise.
    pub fn try_new(entries: BTreeMap<String, String>) -> Result<Self, MetadataError> {
        let fits = |(name, text): (&String, &String)| {
            (1..=40).contains(&name.chars().count()) && text.chars().count() <= 500
        };
        if entries.len() > 20 || !entries.iter().all(fits) { Err(MetadataError) } else { Ok(Self(entries)) }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The notes, by name.
    pub fn entries(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}
