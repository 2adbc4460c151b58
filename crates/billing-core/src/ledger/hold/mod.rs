//! Credits set aside, to be settled later.

use crate::values::{AccountId, Credits, GrantId, HoldId, Metadata, PostingKey, Timestamp, text_enum};

use super::{Actor, Refusal};

mod usage;

pub use usage::HeldUsage;

text_enum! {
    /// Where a hold is in its life.
    HoldState, "hold state", {
        /// It can be captured, also where all that was set aside was captured already.
        Open = "open",
        /// A capture said that it was the last.
        Captured = "captured",
        /// It was let go before anything more was captured.
        Released = "released",
        /// Its time ran out. What it was placed for can still be spent at its price, once.
        Lapsed = "lapsed",
        /// Its time ran out, and what it was placed for was spent since, or the last of it.
        Settled = "settled",
    }
}

/// Credits set aside out of certain grants: they cannot be spent otherwise, and outlive their grants' end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The hold's id.
    pub id: HoldId,
    /// Whose credits.
    pub account: AccountId,
    /// How many were set aside.
    pub amount: Credits,
    /// How many of those were captured; after it lapsed, how many were spent in their place.
    pub captured: Credits,
    /// How many captures took beyond those.
    pub overrun: Credits,
    /// Where it is in its life.
    pub state: HoldState,
    /// The usage that it is for, and that was captured from it; none where it is for an amount.
    pub usages: Vec<HeldUsage>,
    /// The grants that it pinned, in burn order.
    pub slices: Vec<Slice>,
    /// How many no grant covered when it was placed; the account's overdraft vouches for them.
    pub uncovered: Credits,
    /// How many of those are still set aside.
    pub uncovered_left: Credits,
    /// In a customer's words, what for.
    pub description: String,
    /// The caller's own notes.
    pub metadata: Metadata,
    /// Who placed it.
    pub actor: Actor,
    /// The posting that placed it.
    pub posting_key: PostingKey,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When it lapses by itself.
    pub expires_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// What a hold pinned of one grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// Which grant.
    pub grant: GrantId,
    /// How much was pinned.
    pub amount: Credits,
    /// How much still is.
    pub left: Credits,
}

/// What a posting made of a hold, as its caller saw it. It is kept with the posting's key, since a hold
/// changes and an answer must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldSeen {
    /// Which hold.
    pub id: HoldId,
    /// How many credits were set aside.
    pub amount: Credits,
    /// How many of those had been captured.
    pub captured: Credits,
    /// How many captures had taken beyond those.
    pub overrun: Credits,
    /// How many were still set aside.
    pub left: Credits,
    /// Where it was in its life.
    pub state: HoldState,
    /// When it would lapse.
    pub expires_at: Timestamp,
}

impl Hold {
    /// Whether it can still be captured.
    pub fn is_open(&self) -> bool {
        self.state == HoldState::Open
    }

    /// How many credits are set aside now.
    pub fn left(&self) -> Credits {
        if self.state != HoldState::Open {
            return Credits::ZERO;
        }
        let slices = self.slices.iter().fold(0_i64, |sum, slice| sum.saturating_add(slice.left.get()));
        Credits::new(slices.saturating_add(self.uncovered_left.get()))
    }

    /// The price at which it is settled: a rate card's version, as a quote names it. None where it is for an amount.
    pub fn quote(&self) -> Option<String> {
        self.usages.first().map(|usage| usage.tariff.quote().to_string())
    }

    /// How many credits were set aside and never captured, whether they still are set aside or not.
    pub fn unsettled(&self) -> Credits {
        Credits::new(self.amount.get().saturating_sub(self.captured.get()))
    }

    /// The hold as it is at `now`: time may have ended it without anybody having written that down.
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

    /// Whether captures have come to what it was placed for.
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

    /// The next moment at which time alone changes it.
    pub(super) fn next_change_at(&self) -> Option<Timestamp> {
        (self.state == HoldState::Open).then_some(self.expires_at)
    }
}
