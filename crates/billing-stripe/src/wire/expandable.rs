//! References.

use serde::Deserialize;

/// A reference to another object: its id, or all of it where it was expanded or the version expands it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Expandable {
    /// Its id.
    Id(String),
    /// The object; of a deleted one little more than the id is left.
    Object {
        /// Its id.
        id: String,
    },
}

impl Expandable {
    /// Which object.
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Id(id) | Self::Object { id } => id,
        }
    }
}
