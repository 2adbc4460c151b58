//! The salt that decouples free text from the hashes of a history, so that the text can be erased.

use super::ChainHash;
use super::hash_fields::HashFields;
use crate::values::{IdSource, Metadata};

/// An account's secret salt. The hash of an entry or a usage covers the salted digest of its description and metadata
/// instead of the text itself. Personal data is erased by keeping the digests and deleting texts and salt: the history
/// still verifies, and the text cannot be guessed from its digest any more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TextKey([u8; 16]);

impl TextKey {
    /// The salt of an account that does not exist yet.
    pub const NONE: Self = Self([0; 16]);

    /// A new salt. If `ids` provides no secrets, a new id is used: 74 of its bits are random.
    pub fn new(ids: &dyn IdSource) -> Self {
        Self(ids.secret().unwrap_or_else(|| ids.next_uuid().into_bytes()))
    }

    /// The salt with these stored `bytes`.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The salted digest of a description with its metadata.
    pub fn digest(&self, description: &str, metadata: &Metadata) -> ChainHash {
        let mut hash = HashFields::begin(b"billing text 1");
        hash.field(&self.0);
        hash.field(description.as_bytes());
        hash.texts(metadata.entries());
        hash.end()
    }
}

impl std::fmt::Debug for TextKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TextKey(…)")
    }
}
