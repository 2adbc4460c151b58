//! The balance row of an account, so that reading a balance means reading one row.

use super::{Bucket, ChainHash, Entry, Grant, Stage, TextKey};
use crate::values::{AccountId, Credits, CreditsOutOfRange, Timestamp};

/// The sums of an account's entries, grants and holds. It is also the row that writers lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// The account.
    pub account: AccountId,
    /// The sum of all entries.
    pub posted: Credits,
    /// The credits reserved by holds.
    pub held: Credits,
    /// The number of open holds; a fully captured one reserves nothing any more.
    pub open_holds: i64,
    /// The debt.
    pub debt: Credits,
    /// The rest of ended grants in their grace period, for late usage only.
    pub late: Credits,
    /// The credits of grants that have not started.
    pub upcoming: Credits,
    /// The free credits by bucket: neither held nor late.
    pub buckets: Buckets,
    /// How far below zero spends may take the account. A copy of the account's setting, so that a decision reads it
    /// under the same lock.
    pub overdraft_limit: Credits,
    /// Whether the account can have credits; otherwise spends and holds are refused. A copy of the account's setting
    /// for the same reason.
    pub enabled: bool,
    /// Whether postings are refused because an audit found a violation.
    pub frozen: bool,
    /// The number of the last entry; 0 before the first.
    pub seq: i64,
    /// The number of the last usage; 0 before the first.
    pub usages: i64,
    /// When the account was last written to; its time never goes back.
    pub last_at: Timestamp,
    /// A time before which no change is due; `None` if none ever is. A read after it advances in memory.
    pub next_change_at: Option<Timestamp>,
    /// The hash of the last entry.
    pub head: ChainHash,
    /// The hash of the last usage.
    pub usage_head: ChainHash,
    /// The salt of free text. A copy of the account's, so that a decision reads it under the same lock.
    pub text_key: TextKey,
}

/// The free credits of an account's grants, by bucket.
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
            open_holds: 0,
            debt: Credits::ZERO,
            late: Credits::ZERO,
            upcoming: Credits::ZERO,
            buckets: Buckets::default(),
            overdraft_limit: Credits::ZERO,
            enabled: true,
            frozen: false,
            seq: 0,
            usages: 0,
            last_at: Timestamp::EPOCH,
            next_change_at: None,
            head: ChainHash::GENESIS,
            usage_head: ChainHash::GENESIS,
            text_key: TextKey::NONE,
        }
    }

    /// The credits that can be spent without debt: posted less held less late. Negative if there is debt. Saturates,
    /// because both ends were checked when they were posted.
    pub fn available(&self) -> Credits {
        let free = self.posted.get().saturating_sub(self.held.get());
        Credits::new(free.saturating_sub(self.late.get()))
    }

    /// The credits that can be spent with the overdraft.
    pub(super) fn room(&self) -> Credits {
        Credits::new(self.available().get().saturating_add(self.overdraft_limit.get()))
    }

    /// The balance after `entry`.
    pub(super) fn apply(&mut self, entry: &Entry) {
        self.posted = entry.balance_after;
        self.seq = entry.seq;
        self.last_at = entry.effective_at;
        self.head = entry.hash;
    }

    /// Adds the contribution of `grant` to the sums.
    pub(super) fn count(&mut self, grant: &Grant) -> Result<(), CreditsOutOfRange> {
        self.weigh(grant, Credits::plus)
    }

    /// Subtracts the contribution of `grant` from the sums.
    pub(super) fn discount(&mut self, grant: &Grant) -> Result<(), CreditsOutOfRange> {
        self.weigh(grant, Credits::minus)
    }

    /// The contribution of `grants` to the sums: late, upcoming and the buckets.
    ///
    /// # Errors
    ///
    /// [`CreditsOutOfRange`] past 64 bits.
    pub(super) fn counting<'a>(
        account: AccountId,
        grants: impl IntoIterator<Item = &'a Grant>,
    ) -> Result<Self, CreditsOutOfRange> {
        let mut sums = Self::empty(account);
        grants.into_iter().try_for_each(|grant| sums.count(grant))?;
        Ok(sums)
    }

    fn weigh(
        &mut self,
        grant: &Grant,
        change: impl Fn(Credits, Credits) -> Result<Credits, CreditsOutOfRange>,
    ) -> Result<(), CreditsOutOfRange> {
        let (sum, part) = match grant.stage {
            Stage::Upcoming => (&mut self.upcoming, grant.remaining),
            Stage::Active => (self.buckets.of(grant.source.bucket()), grant.free()),
            Stage::Late => (&mut self.late, grant.free()),
            Stage::Expired | Stage::Voided => return Ok(()),
        };
        *sum = change(*sum, part)?;
        Ok(())
    }
}

impl Buckets {
    /// The sum of all buckets. Saturates; the postings were checked.
    pub fn total(&self) -> Credits {
        Credits::new(self.plan.get().saturating_add(self.purchased.get()).saturating_add(self.bonus.get()))
    }

    fn of(&mut self, bucket: Bucket) -> &mut Credits {
        match bucket {
            Bucket::Plan => &mut self.plan,
            Bucket::Purchased => &mut self.purchased,
            Bucket::Bonus => &mut self.bonus,
        }
    }
}
