//! How often a try was in vain of late.

use std::sync::atomic::{AtomicU32, Ordering};

/// Where a try is always in vain (several processes and one hot account, a storm of repetitions), batches do
/// without it at once, and only some of them try.
#[derive(Default)]
pub(crate) struct OptimisticBackoff {
    /// How many batches are yet to do without.
    skip: AtomicU32,
    /// How many tries in a row were in vain.
    in_vain: AtomicU32,
}

/// After so many tries in vain it gets no worse: one batch of 2^6 tries.
const WORST: u32 = 6;

impl OptimisticBackoff {
    pub(super) fn is_worth_a_try(&self) -> bool {
        self.skip.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err()
    }

    pub(super) fn was_in_vain(&self) {
        let before = self.in_vain.fetch_add(1, Ordering::Relaxed);
        self.skip.store(1 << before.min(WORST), Ordering::Relaxed);
    }

    pub(super) fn went_well(&self) {
        self.in_vain.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::OptimisticBackoff;

    #[test]
    fn the_longer_it_is_in_vain_the_rarer_is_a_try() {
        let backoff = OptimisticBackoff::default();
        let tries = |batches: usize| (0..batches).filter(|_| backoff.is_worth_a_try()).count();
        assert_eq!(tries(10), 10);
        for waits in [1, 2, 4, 8, 16, 32, 64, 64] {
            backoff.was_in_vain();
            assert_eq!(tries(waits), 0);
            assert_eq!(tries(1), 1);
        }
        backoff.went_well();
        backoff.was_in_vain();
        assert_eq!((tries(1), tries(1)), (0, 1));
    }
}
