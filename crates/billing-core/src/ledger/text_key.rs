//! What ties free text to the hashes of a history, so that the text can be erased.

use super::ChainHash;
use super::hash_fields::HashFields;
use crate::values::{IdSource, Metadata};

/// An account's secret salt. The hash of an entry or a usage covers the salted digest of its description and metadata
/// instead of the text itself. Personal data is erased by keeping the digests and deleting texts and salt: the history
/// still verifies, and the text can no longer be guessed from its digest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TextKey([u8; 16]);

impl TextKey {
    /// The salt of an account that does not exist yet.
    pub const NONE: Self = Self([0; 16]);

    /// A new salt. Where `ids` has no secrets to give, a fresh id serves: 74 of its bits are random.
    pub fn new(ids: &dyn IdSource) -> Self {
        Self(ids.secret().unwrap_or_else(|| ids.next_uuid().into_bytes()))
    }

    /// The salt that is kept as `bytes`; for stores that read a row.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes to keep.
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
