//! Hashing of several fields.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::ChainHash;

/// Hashes fields one after another, each preceded by its length (64 bits, big endian), so that different lists of
/// fields differ. An absent field has the length 2^64 − 1.
pub(super) struct HashFields(Sha256);

impl HashFields {
    /// Starts with the kind of object.
    pub(super) fn begin(kind: &[u8]) -> Self {
        let mut hash = Self(Sha256::new());
        hash.field(kind);
        hash
    }

    pub(super) fn field(&mut self, bytes: &[u8]) {
        self.0.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX - 1).to_be_bytes());
        self.0.update(bytes);
    }

    pub(super) fn optional(&mut self, bytes: Option<impl AsRef<[u8]>>) {
        match bytes {
            Some(bytes) => self.field(bytes.as_ref()),
            None => self.0.update(u64::MAX.to_be_bytes()),
        }
    }

    pub(super) fn texts(&mut self, texts: &BTreeMap<String, String>) {
        self.number(i64::try_from(texts.len()).unwrap_or(i64::MAX));
        for (name, text) in texts {
            self.field(name.as_bytes());
            self.field(text.as_bytes());
        }
    }

    pub(super) fn number(&mut self, number: i64) {
        self.field(&number.to_be_bytes());
    }

    pub(super) fn end(self) -> ChainHash {
        ChainHash::from_bytes(self.0.finalize().into())
    }
}
