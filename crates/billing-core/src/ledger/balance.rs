//! The row that is kept per account, so that reading a balance is reading one row.

use super::{Bucket, Entry, Grant};
use crate::values::{AccountId, Credits, CreditsOutOfRange, Timestamp};

/// What an account's entries and grants add up to. It is also the row that writers lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// Whose.
    pub account: AccountId,
    /// The sum of all entries.
    pub posted: Credits,
    /// What holds set aside.
    pub held: Credits,
    /// What the account owes.
    pub debt: Credits,
    /// What is left, by where it came from.
    pub buckets: Buckets,
    /// The number of the last entry; 0 before the first.
    pub seq: i64,
    /// When the last entry took effect; time never runs backwards for an account.
    pub last_at: Timestamp,
    /// The next moment at which time alone changes the balance. A read past it advances in memory.
    pub next_change_at: Option<Timestamp>,
}

/// What is left of an account's grants, by bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Buckets {
    /// From plans.
    pub plan: Credits,
    /// From purchases and gifts.
    pub purchased: Credits,
    /// From everything else.
    pub bonus: Credits,
}

impl Balance {
    /// The balance of an account without history.
    pub fn empty(account: AccountId) -> Self {
        Self {
            account,
            posted: Credits::ZERO,
            held: Credits::ZERO,
            debt: Credits::ZERO,
            buckets: Buckets::default(),
            seq: 0,
            last_at: Timestamp::EPOCH,
            next_change_at: None,
        }
    }

    /// What can be spent: posted less held. Saturates, because both ends were checked when they were posted.
    pub fn available(&self) -> Credits {
        Credits::new(self.posted.get().saturating_sub(self.held.get()))
    }

    /// The balance after `entry`.
    pub(super) fn apply(&mut self, entry: &Entry) {
        self.posted = entry.balance_after;
        self.seq = entry.seq;
        self.last_at = entry.effective_at;
    }
}

impl Buckets {
    /// What `grants` have left, by bucket.
    ///
    /// # Errors
    ///
    /// [`CreditsOutOfRange`] past 64 bits.
    pub fn of<'a>(grants: impl IntoIterator<Item = &'a Grant>) -> Result<Self, CreditsOutOfRange> {
        grants.into_iter().try_fold(Self::default(), |mut sum, grant| {
            sum.add(grant.source.bucket(), grant.spendable())?;
            Ok(sum)
        })
    }

    /// Adds `amount`, which may be negative, to one bucket.
    pub(super) fn add(&mut self, bucket: Bucket, amount: Credits) -> Result<(), CreditsOutOfRange> {
        let kept = match bucket {
            Bucket::Plan => &mut self.plan,
            Bucket::Purchased => &mut self.purchased,
            Bucket::Bonus => &mut self.bonus,
        };
        *kept = kept.plus(amount)?;
        Ok(())
    }
}
