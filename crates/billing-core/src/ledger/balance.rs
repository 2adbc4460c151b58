//! The row that is kept per account, so that reading a balance is reading one row.

use super::{Bucket, ChainHash, Entry, Grant, Stage, TextKey};
use crate::values::{AccountId, Credits, CreditsOutOfRange, Timestamp};

/// What an account's entries, grants and holds add up to. It is also the row that writers lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// Whose.
    pub account: AccountId,
    /// The sum of all entries.
    pub posted: Credits,
    /// What holds set aside.
    pub held: Credits,
    /// How many holds are open; one whose credits were all captured sets nothing aside any more.
    pub open_holds: i64,
    /// What the account owes.
    pub debt: Credits,
    /// What is left of grants past their end, waiting for usage that is reported late. Nobody else can
    /// spend it.
    pub late: Credits,
    /// What is left of grants that do not count yet.
    pub upcoming: Credits,
    /// What is free, by where it came from: neither held nor late.
    pub buckets: Buckets,
    /// How far below zero spending may take the account. It is the account's setting, kept here so that
    /// a decision sees it under the same lock.
    pub overdraft_limit: Credits,
    /// Whether the account uses credits at all; without, spends and holds are refused. Kept here for the same
    /// reason.
    pub enabled: bool,
    /// Whether postings are refused because an audit found something wrong.
    pub frozen: bool,
    /// The number of the last entry; 0 before the first.
    pub seq: i64,
    /// The number of the last usage that was recorded; 0 before the first.
    pub usages: i64,
    /// When the account was last written to; time never runs backwards for it.
    pub last_at: Timestamp,
    /// A moment before which time alone changes nothing; `None` if it never will. A read past it advances
    /// in memory.
    pub next_change_at: Option<Timestamp>,
    /// The hash of the last entry.
    pub head: ChainHash,
    /// The hash of the last usage.
    pub usage_head: ChainHash,
    /// The salt of free text. It is the account's, kept here so that a decision sees it under the same lock.
    pub text_key: TextKey,
}

/// What is free of an account's grants, by bucket.
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

    /// What can be spent without owing: posted less held less late. Negative where the account owes.
    /// Saturates, because both ends were checked when they were posted.
    pub fn available(&self) -> Credits {
        let free = self.posted.get().saturating_sub(self.held.get());
        Credits::new(free.saturating_sub(self.late.get()))
    }

    /// What can be spent with the overdraft.
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

    /// Takes in what `grant` adds to the kept sums.
    pub(super) fn count(&mut self, grant: &Grant) -> Result<(), CreditsOutOfRange> {
        self.weigh(grant, Credits::plus)
    }

    /// Takes out what `grant` added to the kept sums.
    pub(super) fn discount(&mut self, grant: &Grant) -> Result<(), CreditsOutOfRange> {
        self.weigh(grant, Credits::minus)
    }

    /// What `grants` add to the kept sums: late, upcoming and the buckets.
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
    /// The sum of all buckets. Saturates; what was posted was checked.
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
