//! What can still be given back of a usage.

use super::UsageRecord;
use crate::values::Credits;

/// A usage that somebody wants to give back, and what of it was given back before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageLeft {
    /// The usage.
    pub record: UsageRecord,
    /// How much of its price was given back, in millionths of a credit.
    pub returned: i64,
    /// How many of the credits that it took itself were given back.
    pub returned_credits: Credits,
    /// How often something of it was given back.
    pub returns: u32,
}

impl UsageLeft {
    /// What is left after `returns`, the records that gave `record` back so far.
    pub fn of<'a>(record: UsageRecord, returns: impl IntoIterator<Item = &'a UsageRecord>) -> Self {
        let (mut returned, mut credits, mut count) = (0_i64, 0_i64, 0_u32);
        for back in returns {
            returned = returned.saturating_sub(back.price);
            credits = credits.saturating_sub(back.credits.get());
            count = count.saturating_add(1);
        }
        // One more than it took may have come back, which others of the meter had paid for.
        let returned_credits = Credits::new(credits.min(record.credits.get()));
        Self { record, returned, returned_credits, returns: count }
    }

    /// Whether there is anything left to give back. Usage that cost nothing can be given back once; what was booked when
    /// a hold ended belongs to the usage that was captured from it.
    pub(in crate::ledger) fn is_left(&self) -> bool {
        let of_free_usage = self.record.price == 0 && self.returns == 0 && !self.record.is_end_of_hold();
        self.price_left() > 0 || of_free_usage
    }

    /// What of the price is left to give back, in millionths of a credit.
    pub(in crate::ledger) fn price_left(&self) -> i64 {
        self.record.price.saturating_sub(self.returned)
    }

    /// How many of its own credits are left to give back.
    pub(in crate::ledger) fn credits_left(&self) -> Credits {
        Credits::new(self.record.credits.get().saturating_sub(self.returned_credits.get()))
    }
}
