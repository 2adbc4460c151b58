//! The audit of the whole history, at a bounded rate.

use std::time::Duration;

use uuid::Uuid;

use crate::ledger::ChainHash;
use crate::values::{AccountId, Timestamp};

/// The position of the audit of the whole history. It reads all checkpoints and all accounts, piece by piece, and then
/// starts again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditWalk {
    /// When it started.
    pub begun_at: Timestamp,
    /// When its next piece is due.
    pub next_at: Timestamp,
    /// The number of accounts at its start, and of those audited since.
    pub accounts: (u64, u64),
    /// The last checkpoint that it has read.
    pub checkpoint: Option<(i64, ChainHash)>,
    /// The last account that it has read.
    pub account: Option<AccountId>,
}

/// The audit uses one part in this many of the time.
const SHARE: u32 = 20;
/// The pause after the audit of a small ledger, in seconds.
const BETWEEN: i64 = 10;
/// The maximum pause, in seconds.
const LONGEST: i64 = 3_600;

impl AuditWalk {
    /// An audit of `accounts` accounts that starts at `now`.
    pub const fn begin(now: Timestamp, accounts: u64) -> Self {
        Self { begun_at: now, next_at: now, accounts: (accounts, 0), checkpoint: None, account: None }
    }

    /// Whether its next piece is not due yet at `now`. A wait longer than the maximum pause was written by somebody
    /// else and is ignored.
    pub fn is_waiting(&self, now: Timestamp) -> bool {
        now < self.next_at && self.next_at <= now.plus_seconds(LONGEST)
    }

    /// The pause after a piece that took `took`: the audit uses a twentieth of the time of one connection, or more if
    /// it would not end within `days` days otherwise.
    pub fn rest(&self, took: Duration, now: Timestamp, days: u32) -> Duration {
        let (all, done) = self.accounts;
        let gone = u64::try_from(now.seconds_since(self.begun_at)).unwrap_or_default();
        let left = (u64::from(days).saturating_mul(86_400)).saturating_sub(gone);
        // If it is late there is no pause; otherwise the remaining time is divided by the remaining accounts.
        let behind = u128::from(done).saturating_mul(u128::from(gone.saturating_add(left)))
            < u128::from(gone).saturating_mul(u128::from(all));
        if behind {
            return Duration::ZERO;
        }
        took.saturating_mul(SHARE).min(Duration::from_secs(LONGEST.unsigned_abs()))
    }

    /// The audit after these positions, with `checked` more accounts; without a position there was nothing left to
    /// audit.
    #[must_use]
    pub fn behind(
        self,
        checkpoint: Option<(i64, ChainHash)>,
        account: Option<AccountId>,
        checked: u64,
    ) -> Self {
        let (all, done) = self.accounts;
        Self {
            accounts: (all, done.saturating_add(checked)),
            checkpoint: checkpoint.or(self.checkpoint),
            // No account comes after the last id.
            account: Some(account.unwrap_or(AccountId::from_uuid(Uuid::max()))),
            ..self
        }
    }

    /// The next audit, after this one has ended.
    #[must_use]
    pub fn again(now: Timestamp, accounts: u64) -> Self {
        Self { next_at: now.plus_seconds(BETWEEN), ..Self::begin(now.plus_seconds(BETWEEN), accounts) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_rests_unless_it_is_behind() {
        let walk = AuditWalk { accounts: (1_000, 100), ..AuditWalk::begin(Timestamp::EPOCH, 1_000) };
        let after = |hours: i64| Timestamp::EPOCH.plus_seconds(hours * 3600);
        let took = Duration::from_millis(50);
        // A tenth is done in less than a tenth of ten days.
        assert_eq!(walk.rest(took, after(23), 10), Duration::from_secs(1));
        assert_eq!(walk.rest(took, after(25), 10), Duration::ZERO);
        assert_eq!(walk.rest(took, after(25), 20), Duration::from_secs(1));
        assert_eq!(walk.rest(took, after(2_500), 10), Duration::ZERO);
        assert_eq!(AuditWalk::begin(after(1), 0).rest(took, after(1), 7), Duration::from_secs(1));
    }
}
