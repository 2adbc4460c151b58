//! A caller's metadata.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Text by name, stored and returned unchanged. At most 20 names of 40 characters, values of 500.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metadata(BTreeMap<String, String>);

/// There are too many entries, or too long ones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("metadata takes at most 20 names of 1 to 40 characters, each with a text of at most 500")]
pub struct MetadataError;

impl Metadata {
    /// `entries` as metadata.
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

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The entries by name.
    pub fn entries(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}
