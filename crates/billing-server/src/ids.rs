//! Ids and secrets from the system's randomness.

use billing_core::ports::IdSource;
use rand::TryRng;
use rand::rngs::SysRng;
use uuid::Uuid;

/// UUIDs of version 7, which sort by creation time (RFC 9562 §5.7).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TimeOrderedIds;

impl IdSource for TimeOrderedIds {
    #[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
    fn next_uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn secret(&self) -> Option<[u8; 16]> {
        random_bytes().ok()
    }
}

/// `N` unpredictable bytes.
///
/// # Errors
///
/// If the system provides none; nothing that needs a secret may continue then.
pub(crate) fn random_bytes<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    SysRng.try_fill_bytes(&mut bytes)?;
    Ok(bytes)
}

/// 256 unpredictable bits, as text.
///
/// # Errors
///
/// As [`random_bytes`].
pub(crate) fn random_secret() -> anyhow::Result<String> {
    Ok(hex::encode(random_bytes::<32>()?))
}
