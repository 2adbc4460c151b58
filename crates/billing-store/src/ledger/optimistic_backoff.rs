//! Backoff after failed optimistic attempts.

use std::sync::atomic::{AtomicU32, Ordering};

/// While optimistic attempts keep failing (several processes and one hot account, many repeated requests), most batches
/// skip the attempt, and only some make one.
#[derive(Default)]
pub(crate) struct OptimisticBackoff {
    /// How many batches are still to skip the attempt.
    skip: AtomicU32,
    /// The number of consecutive failures.
    in_vain: AtomicU32,
}

/// The number of failures after which the backoff stops growing, at one attempt per 2^6 batches.
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
