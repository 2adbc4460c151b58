//! The trusted keys of checkpoints.

use super::Checkpoint;

/// Returns whether a signature (third) by a key (first) over a message (second) is valid.
pub type SignatureCheck = fn(&[u8], &[u8], &[u8]) -> bool;

/// A trusted public key, as text `<hexadecimal>` or `<hexadecimal>:<number of its last checkpoint>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownKey {
    /// The key.
    pub public_key: Vec<u8>,
    /// The last checkpoint that it may have signed, if it was replaced. A stolen replaced key cannot sign later ones.
    pub until: Option<i64>,
}

/// The text is not a trusted key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a public key of 64 hexadecimal digits, with `:` and the number of its last checkpoint if it was replaced"
)]
pub struct InvalidKnownKey;

/// The trusted keys, and the signature check.
#[derive(Debug, Clone)]
pub struct CheckpointKeys {
    known: Option<Vec<KnownKey>>,
    /// The last checkpoint when the keys were configured: later ones may have a newer key.
    as_of: Option<i64>,
    check: SignatureCheck,
}

impl std::str::FromStr for KnownKey {
    type Err = InvalidKnownKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (key, until) = text.split_once(':').map_or((text, None), |(key, until)| (key, Some(until)));
        let public_key = hex::decode(key.trim()).ok().filter(|key| key.len() == 32).ok_or(InvalidKnownKey)?;
        let until =
            until.map(|until| until.trim().parse::<i64>()).transpose().map_err(|_| InvalidKnownKey)?;
        Ok(Self { public_key, until })
    }
}

impl CheckpointKeys {
    /// Exactly these keys, with signatures checked by `check`.
    pub const fn new(known: Vec<KnownKey>, check: SignatureCheck) -> Self {
        Self { known: Some(known), as_of: None, check }
    }

    /// Any key that a checkpoint names: then anyone with write access to the database can sign.
    pub const fn any(check: SignatureCheck) -> Self {
        Self { known: None, as_of: None, check }
    }

    /// The keys as configured when checkpoint number `last` was the last.
    #[must_use]
    pub fn as_of(self, last: i64) -> Self {
        Self { as_of: Some(last), ..self }
    }

    /// Whether an unknown key may have been introduced since, and its signature is valid.
    pub(super) fn may_be_newer(&self, checkpoint: &Checkpoint) -> bool {
        self.as_of.is_some_and(|last| last < checkpoint.number)
            && self.key_problem(checkpoint).is_some()
            && (self.check)(&checkpoint.public_key, checkpoint.hash().bytes(), &checkpoint.signature)
    }

    /// Why the key of `checkpoint` is not trusted, if it is not.
    pub fn key_problem(&self, checkpoint: &Checkpoint) -> Option<String> {
        let Some(known) = self.known.as_ref()?.iter().find(|known| known.public_key == checkpoint.public_key)
        else {
            let key = hex::encode(&checkpoint.public_key);
            return Some(format!("is signed with {key}, which is no known key"));
        };
        let until = known.until.filter(|until| *until < checkpoint.number)?;
        Some(format!("is signed with a key that was replaced after checkpoint {until}"))
    }

    /// Why the signature of `checkpoint` is not trusted, if it is not.
    pub fn problem(&self, checkpoint: &Checkpoint) -> Option<String> {
        let (message, signature) = (checkpoint.hash(), &checkpoint.signature);
        let signed = (self.check)(&checkpoint.public_key, message.bytes(), signature);
        let unsigned = (!signed).then(|| "does not carry the signature of its key".to_owned());
        self.key_problem(checkpoint).or(unsigned)
    }
}
