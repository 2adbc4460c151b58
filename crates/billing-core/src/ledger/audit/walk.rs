//! The check of all history, at a bounded pace.

use std::time::Duration;

use uuid::Uuid;

use crate::ledger::ChainHash;
use crate::values::{AccountId, Timestamp};

/// How far the check of all history has come. It goes through all checkpoints and all accounts, piece by piece, and then
/// begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditWalk {
    /// When it began.
    pub begun_at: Timestamp,
    /// When its next piece is due.
    pub next_at: Timestamp,
    /// How many accounts there were when it began, and how many were checked since.
    pub accounts: (u64, u64),
    /// Behind which checkpoint it goes on.
    pub checkpoint: Option<(i64, ChainHash)>,
    /// Behind which account it goes on.
    pub account: Option<AccountId>,
}

/// A walk takes one part in so many of the time.
const SHARE: u32 = 20;
/// How long a walk of a small ledger rests before it begins anew.
const BETWEEN: i64 = 10;
/// For how many seconds it rests at most.
const LONGEST: i64 = 3_600;

impl AuditWalk {
    /// A walk through `accounts` accounts that begins at `now`.
    pub const fn begin(now: Timestamp, accounts: u64) -> Self {
        Self { begun_at: now, next_at: now, accounts: (accounts, 0), checkpoint: None, account: None }
    }

    /// Whether its next piece is not due yet at `now`. What says that it waits for longer than it ever rests was written
    /// by somebody else.
    pub fn is_waiting(&self, now: Timestamp) -> bool {
        now < self.next_at && self.next_at <= now.plus_seconds(LONGEST)
    }

    /// How long to rest after a piece that took `took`, so that the walk takes a twentieth of the time of one connection;
    /// less where it would not end within `days` days then.
    pub fn rest(&self, took: Duration, now: Timestamp, days: u32) -> Duration {
        let (all, done) = self.accounts;
        let gone = u64::try_from(now.seconds_since(self.begun_at)).unwrap_or_default();
        let left = (u64::from(days).saturating_mul(86_400)).saturating_sub(gone);
        // Behind its pace it does not rest at all; until then what is left is shared by what is still to be checked.
        let behind = u128::from(done).saturating_mul(u128::from(gone.saturating_add(left)))
            < u128::from(gone).saturating_mul(u128::from(all));
        if behind {
            return Duration::ZERO;
        }
        took.saturating_mul(SHARE).min(Duration::from_secs(LONGEST.unsigned_abs()))
    }

    /// The walk behind these places, with `checked` accounts more; without a place there was nothing more to check.
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
            // No account lies behind the last one.
            account: Some(account.unwrap_or(AccountId::from_uuid(Uuid::max()))),
            ..self
        }
    }

    /// The walk after this one has ended.
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
        // A tenth is done within less than a tenth of ten days.
        assert_eq!(walk.rest(took, after(23), 10), Duration::from_secs(1));
        assert_eq!(walk.rest(took, after(25), 10), Duration::ZERO);
        assert_eq!(walk.rest(took, after(25), 20), Duration::from_secs(1));
        assert_eq!(walk.rest(took, after(2_500), 10), Duration::ZERO);
        assert_eq!(AuditWalk::begin(after(1), 0).rest(took, after(1), 7), Duration::from_secs(1));
    }
}
