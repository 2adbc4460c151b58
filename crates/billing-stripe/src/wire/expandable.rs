//! References.

use serde::Deserialize;

/// A reference to another object: its id, or the whole object if it is expanded.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Expandable {
    /// Its id.
    Id(String),
    /// The object; a deleted one has little more than its id.
    Object {
        /// Its id.
        id: String,
    },
}

impl Expandable {
    /// The id of the object.
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Id(id) | Self::Object { id } => id,
        }
    }
}
