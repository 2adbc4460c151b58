//! Exponential backoff.

use crate::values::Timestamp;

/// Exponential backoff with a cap. Half of each wait is random, so that items that failed together are not retried
/// together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The first wait, in microseconds.
    pub first_micros: i64,
    /// The longest wait, in microseconds.
    pub longest_micros: i64,
}

const SECOND: i64 = 1_000_000;

impl Backoff {
    /// For an item of a job: half a minute to an hour.
    pub const ITEM: Self = Self { first_micros: 30 * SECOND, longest_micros: 3600 * SECOND };
    /// For a provider whose circuit breaker opened: half a minute to five minutes.
    pub const PROVIDER: Self = Self { first_micros: 30 * SECOND, longest_micros: 300 * SECOND };
    /// For a commit that met a conflict: 5 ms to 200 ms.
    pub const CONFLICT: Self = Self { first_micros: 5_000, longest_micros: 200_000 };

    /// The wait after `attempts` failed attempts, in microseconds: between half of the full wait and all of it, by
    /// `random`.
    pub fn wait(self, attempts: u32, random: u64) -> i64 {
        let doubled = attempts.saturating_sub(1).min(62);
        let full = self.first_micros.saturating_mul(1_i64 << doubled).min(self.longest_micros).max(2);
        let half = full / 2;
        let spread = u64::try_from(half).unwrap_or(0).saturating_add(1);
        half.saturating_add(i64::try_from(random % spread).unwrap_or(0))
    }

    /// The earliest time of the next attempt.
    pub fn not_before(self, now: Timestamp, attempts: u32, random: u64) -> Timestamp {
        Timestamp::from_micros(now.micros().saturating_add(self.wait(attempts, random)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn waits_double_up_to_the_cap() {
        let full = |attempts| Backoff::ITEM.wait(attempts, u64::try_from(15 * SECOND).unwrap());
        assert_eq!(full(1), 30 * SECOND);
        let longest = |attempts| {
            (0..2_000_u64).map(|random| Backoff::ITEM.wait(attempts, random * 1_000_003)).max().unwrap()
        };
        assert!(longest(2) > 30 * SECOND && longest(2) <= 60 * SECOND);
        assert!(longest(50) > 1800 * SECOND && longest(50) <= 3600 * SECOND);
    }

    proptest! {
        #[test]
        fn a_wait_is_always_between_half_and_all_of_the_full_wait(attempts: u32, random: u64) {
            let full = 30 * SECOND * (1_i64 << attempts.saturating_sub(1).min(20));
            let full = full.min(3600 * SECOND);
            let wait = Backoff::ITEM.wait(attempts, random);
            prop_assert!(wait >= full / 2 && wait <= full, "{wait} of {full}");
        }
    }
}
