//! Sequential ids.

use std::sync::atomic::{AtomicU64, Ordering};

use billing_core::values::IdSource;
use uuid::Uuid;

/// Generates UUIDs that count up from 1. They look like UUIDv7 and sort in the order of their generation, so that
/// tests are deterministic.
#[derive(Debug, Default)]
pub struct SequentialIds {
    last: AtomicU64,
}

/// The version and variant bits of a UUIDv7, at a past time.
const UUID_V7: u128 = 0x0190_0000_0000_7000_8000_0000_0000_0000;

impl SequentialIds {
    /// Ids from 1 on.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ids from `first` on; for a second source beside another one.
    pub fn starting_at(first: u64) -> Self {
        Self { last: AtomicU64::new(first.saturating_sub(1)) }
    }
}

impl IdSource for SequentialIds {
    fn next_uuid(&self) -> Uuid {
        let count = self.last.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        Uuid::from_u128(UUID_V7 | u128::from(count))
    }

    /// Predictable.
    fn secret(&self) -> Option<[u8; 16]> {
        Some(self.next_uuid().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_in_the_order_in_which_they_were_made() {
        let ids = SequentialIds::new();
        let made: Vec<_> = (0..300).map(|_| ids.next_uuid()).collect();
        assert!(made.is_sorted());
        assert!(made.iter().all(|id| id.get_version_num() == 7));
    }
}
