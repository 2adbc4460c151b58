//! The format of API keys, and their hash.

use sha2::{Digest, Sha256};

/// A full API key: `billing_key_`, 28 characters with 160 random bits, and a checksum of 6 characters, so that a
/// mistyped or truncated key is refused without a database query. Underscores make a double click select all of it.
/// Secret scanners find it by `billing_key_[0-9A-Za-z]{34}`.
///
/// It is shown once, when it is created; only its [`KeyHash`] is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyText(String);

/// The stored form of a key: its SHA-256. The key has 160 random bits, so a slower hash is not needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyHash([u8; 32]);

/// The text is not an API key: wrong prefix, length or checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an API key of this service")]
pub struct NotAKey;

const PREFIX: &str = "billing_key_";
const RANDOM_CHARS: usize = 28;
const CHECKSUM_CHARS: usize = 6;

impl KeyText {
    /// The key of these `random` bytes, which must come from a secure source.
    pub fn new(random: [u8; 20]) -> Self {
        let [high, low] = [&random[..10], &random[10..]].map(|half| {
            let number = half.iter().fold(0_u128, |sum, byte| (sum << 8) | u128::from(*byte));
            // 80 bits fill 14 digits of base 62.
            format!("{:0>14}", base62::encode(number))
        });
        let body = high + &low;
        Self(format!("{PREFIX}{body}{}", checksum(&body)))
    }

    /// Parses a key.
    ///
    /// # Errors
    ///
    /// [`NotAKey`] if prefix, length, alphabet or checksum are wrong.
    pub fn parse(text: &str) -> Result<Self, NotAKey> {
        let rest = text.strip_prefix(PREFIX).ok_or(NotAKey)?;
        let plain = rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !plain || rest.len() != RANDOM_CHARS.saturating_add(CHECKSUM_CHARS) {
            return Err(NotAKey);
        }
        let (body, sum) = rest.split_at(RANDOM_CHARS);
        if checksum(body) == sum { Ok(Self(text.to_owned())) } else { Err(NotAKey) }
    }

    /// The full key; shown once and never logged.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The last four characters, for display.
    pub fn last4(&self) -> &str {
        self.0.get(self.0.len().saturating_sub(4)..).unwrap_or_default()
    }

    /// Its hash.
    pub fn hash(&self) -> KeyHash {
        KeyHash::of(&self.0)
    }
}

impl std::fmt::Debug for KeyText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{PREFIX}…{}", self.last4())
    }
}

impl KeyHash {
    /// The hash of a full key in any format: a bootstrap key that is configured from outside need not have ours.
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// The hash with these stored `bytes`.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

fn checksum(body: &str) -> String {
    format!("{:0>6}", base62::encode(u128::from(crc32fast::hash(body.as_bytes()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_and_every_other_spelling_is_refused() {
        for random in [[0; 20], [255; 20], *b"01234567890123456789"] {
            let key = KeyText::new(random);
            assert_eq!(key.reveal().len(), PREFIX.len() + 34);
            assert_eq!(KeyText::parse(key.reveal()), Ok(key.clone()));
            for place in PREFIX.len()..key.reveal().len() {
                let mut wrong = key.reveal().as_bytes().to_vec();
                wrong[place] = if wrong[place] == b'x' { b'y' } else { b'x' };
                assert_eq!(KeyText::parse(&String::from_utf8(wrong).unwrap()), Err(NotAKey));
            }
        }
        for text in ["", "billing_key_", "billing_key_abc", "Bearer x"] {
            assert_eq!(KeyText::parse(text), Err(NotAKey));
        }
    }

    #[test]
    fn a_key_never_prints_in_full() {
        let key = KeyText::new([7; 20]);
        assert!(!format!("{key:?}").contains(&key.reveal()[20..]));
    }
}
