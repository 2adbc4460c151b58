//! Holds: reserved credits.

use crate::values::{AccountId, Credits, GrantId, HoldId, Metadata, PostingKey, Timestamp, text_enum};

use super::{Actor, Refusal};

mod usage;

pub use usage::HeldUsage;

text_enum! {
    /// The state of a hold.
    HoldState, "hold state", {
        /// It can be captured, even if all of its credits were captured already.
        Open = "open",
        /// Ended by a final capture.
        Captured = "captured",
        /// Released.
        Released = "released",
        /// Lapsed. The usage that it was placed for can still be spent at its price, once.
        Lapsed = "lapsed",
        /// Lapsed, and the usage that it was placed for was spent since, or its final part.
        Settled = "settled",
    }
}

/// Credits reserved from certain grants: they cannot be spent otherwise, and outlive their grants' end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The hold's id.
    pub id: HoldId,
    /// The account.
    pub account: AccountId,
    /// The reserved credits.
    pub amount: Credits,
    /// The captured credits; after a lapse, those spent in its place.
    pub captured: Credits,
    /// The credits that captures took beyond the hold.
    pub overrun: Credits,
    /// The state.
    pub state: HoldState,
    /// The usage that it is for, and that was captured from it; empty for an amount.
    pub usages: Vec<HeldUsage>,
    /// The grants that it has pinned, in burn order.
    pub slices: Vec<Slice>,
    /// The credits that no grant covered at the placement; the overdraft covers them.
    pub uncovered: Credits,
    /// The part of those that is still reserved.
    pub uncovered_left: Credits,
    /// The description for the customer.
    pub description: String,
    /// The caller's metadata.
    pub metadata: Metadata,
    /// The actor that placed it.
    pub actor: Actor,
    /// The posting that placed it.
    pub posting_key: PostingKey,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When it lapses.
    pub expires_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// The part of one grant that a hold has pinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// The grant.
    pub grant: GrantId,
    /// The credits pinned.
    pub amount: Credits,
    /// The credits still pinned.
    pub left: Credits,
}

/// A hold as returned by a posting. It is stored with the posting's key, because a hold changes and a replayed answer
/// must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldSeen {
    /// The hold.
    pub id: HoldId,
    /// The reserved credits.
    pub amount: Credits,
    /// The captured credits.
    pub captured: Credits,
    /// The credits that captures took beyond the hold.
    pub overrun: Credits,
    /// The credits still reserved.
    pub left: Credits,
    /// The state.
    pub state: HoldState,
    /// When it lapses.
    pub expires_at: Timestamp,
}

impl Hold {
    /// Whether it can still be captured.
    pub fn is_open(&self) -> bool {
        self.state == HoldState::Open
    }

    /// The credits still reserved.
    pub fn left(&self) -> Credits {
        if self.state != HoldState::Open {
            return Credits::ZERO;
        }
        let slices = self.slices.iter().fold(0_i64, |sum, slice| sum.saturating_add(slice.left.get()));
        Credits::new(slices.saturating_add(self.uncovered_left.get()))
    }

    /// The quote that it is settled at. None for an amount.
    pub fn quote(&self) -> Option<String> {
        self.usages.first().map(|usage| usage.tariff.quote().to_string())
    }

    /// The reserved credits that were not captured, whether the hold is open or not.
    pub fn unsettled(&self) -> Credits {
        Credits::new(self.amount.get().saturating_sub(self.captured.get()))
    }

    /// The hold as of `now`: it may have lapsed without that being persisted.
    #[must_use]
    pub fn as_of(mut self, now: Timestamp) -> Self {
        if self.next_change_at().is_some_and(|end| end <= now) {
            self.state = HoldState::Lapsed;
            self.ended_at = Some(self.expires_at);
            self.uncovered_left = Credits::ZERO;
            self.slices.iter_mut().for_each(|slice| slice.left = Credits::ZERO);
        }
        self
    }

    /// Whether captures have reached what it was placed for.
    pub(super) fn is_reached(&self) -> Result<bool, Refusal> {
        if !self.amount.is_zero() && self.captured == self.amount {
            return Ok(true);
        }
        let mut reached = false;
        for usage in self.usages.iter().filter(|usage| usage.placed) {
            reached = usage.is_reached()?;
            if !reached {
                break;
            }
        }
        Ok(reached)
    }

    /// The hold as a caller sees it now.
    pub fn seen(&self) -> HoldSeen {
        HoldSeen {
            id: self.id,
            amount: self.amount,
            captured: self.captured,
            overrun: self.overrun,
            left: self.left(),
            state: self.state,
            expires_at: self.expires_at,
        }
    }

    /// The next time at which it changes.
    pub(super) fn next_change_at(&self) -> Option<Timestamp> {
        (self.state == HoldState::Open).then_some(self.expires_at)
    }
}
