//! Which keys may have signed a checkpoint.

use super::Checkpoint;

/// Says whether a signature (third) is that of a key (first) over a message (second).
pub type SignatureCheck = fn(&[u8], &[u8], &[u8]) -> bool;

/// A public key whose signatures count, as text `<hexadecimal>` or `<hexadecimal>:<number of its last checkpoint>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownKey {
    /// The key.
    pub public_key: Vec<u8>,
    /// The last checkpoint that it may have signed, where it was replaced since. Whoever has got hold of a replaced
    /// key cannot sign later ones.
    pub until: Option<i64>,
}

/// The text is not a known key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a public key of 64 hexadecimal digits, with `:` and the number of its last checkpoint if it was replaced"
)]
pub struct InvalidKnownKey;

/// Every key whose signatures count, and how they are checked.
#[derive(Debug, Clone)]
pub struct CheckpointKeys {
    known: Option<Vec<KnownKey>>,
    /// The last checkpoint there was when the keys were told: later ones may be signed with one that came since.
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
    /// Exactly these keys, checked by `check`.
    pub const fn new(known: Vec<KnownKey>, check: SignatureCheck) -> Self {
        Self { known: Some(known), as_of: None, check }
    }

    /// Whichever key a checkpoint says that it was signed with: then whoever can write to the database can sign.
    pub const fn any(check: SignatureCheck) -> Self {
        Self { known: None, as_of: None, check }
    }

    /// The keys as they were known when checkpoint number `last` was the last.
    #[must_use]
    pub fn as_of(self, last: i64) -> Self {
        Self { as_of: Some(last), ..self }
    }

    /// Whether a key that is not known may have come into use since, and the signature is that of this key.
    pub(super) fn may_be_newer(&self, checkpoint: &Checkpoint) -> bool {
        self.as_of.is_some_and(|last| last < checkpoint.number)
            && self.key_problem(checkpoint).is_some()
            && (self.check)(&checkpoint.public_key, checkpoint.hash().bytes(), &checkpoint.signature)
    }

    /// Why the key that `checkpoint` says it was signed with does not count, if it does not.
    pub fn key_problem(&self, checkpoint: &Checkpoint) -> Option<String> {
        let Some(known) = self.known.as_ref()?.iter().find(|known| known.public_key == checkpoint.public_key)
        else {
            let key = hex::encode(&checkpoint.public_key);
            return Some(format!("is signed with {key}, which is no known key"));
        };
        let until = known.until.filter(|until| *until < checkpoint.number)?;
        Some(format!("is signed with a key that was replaced after checkpoint {until}"))
    }

    /// Why the signature of `checkpoint` does not count, if it does not.
    pub fn problem(&self, checkpoint: &Checkpoint) -> Option<String> {
        let (message, signature) = (checkpoint.hash(), &checkpoint.signature);
        let signed = (self.check)(&checkpoint.public_key, message.bytes(), signature);
        let unsigned = (!signed).then(|| "does not carry the signature of its key".to_owned());
        self.key_problem(checkpoint).or(unsigned)
    }
}
