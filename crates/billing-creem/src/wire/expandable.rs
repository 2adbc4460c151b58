//! References.

use serde::Deserialize;

/// A reference to another object: its id, or the whole object.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Expandable<T> {
    /// Its id.
    Id(String),
    /// The object.
    Object(Box<T>),
}

/// An object with its id only.
#[derive(Debug, Deserialize)]
pub(crate) struct Named {
    pub(crate) id: String,
}

impl<T> Expandable<T> {
    /// The object, if it is included.
    pub(crate) fn object(&self) -> Option<&T> {
        match self {
            Self::Id(_) => None,
            Self::Object(object) => Some(object),
        }
    }
}

impl Expandable<Named> {
    /// The id of the object.
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Id(id) => id,
            Self::Object(object) => &object.id,
        }
    }
}
