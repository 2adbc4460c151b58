//! The reversible rest of a usage.

use super::UsageRecord;
use crate::values::Credits;

/// A usage to reverse, with what was reversed before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageLeft {
    /// The usage.
    pub record: UsageRecord,
    /// The returned part of its price, in millionths of a credit.
    pub returned: i64,
    /// The returned part of the credits that it took itself.
    pub returned_credits: Credits,
    /// The number of its reversals.
    pub returns: u32,
}

impl UsageLeft {
    /// The rest after `returns`, the earlier reversals of `record`.
    pub fn of<'a>(record: UsageRecord, returns: impl IntoIterator<Item = &'a UsageRecord>) -> Self {
        let (mut returned, mut credits, mut count) = (0_i64, 0_i64, 0_u32);
        for back in returns {
            returned = returned.saturating_sub(back.price);
            credits = credits.saturating_sub(back.credits.get());
            count = count.saturating_add(1);
        }
        // One credit more than it took may have returned, which other usage of the meter had paid for.
        let returned_credits = Credits::new(credits.min(record.credits.get()));
        Self { record, returned, returned_credits, returns: count }
    }

    /// Whether anything is left to reverse. Free usage can be reversed once; the final booking of a hold belongs to
    /// the usage that was captured from it.
    pub(in crate::ledger) fn is_left(&self) -> bool {
        let of_free_usage = self.record.price == 0 && self.returns == 0 && !self.record.is_end_of_hold();
        self.price_left() > 0 || of_free_usage
    }

    /// The unreversed part of the price, in millionths of a credit.
    pub(in crate::ledger) fn price_left(&self) -> i64 {
        self.record.price.saturating_sub(self.returned)
    }

    /// The unreversed part of its own credits.
    pub(in crate::ledger) fn credits_left(&self) -> Credits {
        Credits::new(self.record.credits.get().saturating_sub(self.returned_credits.get()))
    }
}
