//! The signer of checkpoints: Ed25519 (RFC 8032).

use anyhow::{Context, anyhow};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use billing_core::ledger::CheckpointSigner;

/// Signs with one key.
pub(crate) struct Signer(Ed25519KeyPair);

impl Signer {
    /// The signer with the key of `seed`: 64 hexadecimal digits.
    pub(crate) fn try_new(seed: &str) -> anyhow::Result<Self> {
        let seed = hex::decode(seed.trim()).ok().filter(|seed| seed.len() == 32);
        let seed = seed.context(
            "the checkpoint key must have 64 hexadecimal digits: `openssl rand -hex 32` makes one",
        )?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed);
        Ok(Self(pair.map_err(|problem| anyhow!("the checkpoint key cannot be used: {problem}"))?))
    }
}

impl CheckpointSigner for Signer {
    fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }

    fn public_key(&self) -> Vec<u8> {
        self.0.public_key().as_ref().to_vec()
    }
}

/// Whether `signature` by `key` over `message` is valid.
pub(crate) fn is_signed_by(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032 §7.1, test 1.
    #[test]
    fn it_signs_as_the_rfc_says() {
        let signer =
            Signer::try_new("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
        assert_eq!(
            hex::encode(signer.public_key()),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        );
        let signature = signer.sign(b"");
        assert!(hex::encode(&signature).starts_with("e5564300c360ac729086e2cc806e828a"));
        assert!(is_signed_by(&signer.public_key(), b"", &signature));
        assert!(!is_signed_by(&signer.public_key(), b"x", &signature));
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        for text in ["", "00", "zz", &"0".repeat(63), &"0".repeat(66)] {
            assert!(Signer::try_new(text).is_err(), "{text}");
        }
    }
}
