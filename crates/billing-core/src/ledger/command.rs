//! What can be asked of the ledger.

use super::{EntryType, Origin, RatedUsage, Rollover, Source};
use crate::values::{BusinessKey, Credits, EntryId, GrantId, HoldId, Metadata, Timestamp, UsageId};

/// One thing to do to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Give credits.
    Grant(GrantCredits),
    /// Take credits.
    Spend(SpendCredits),
    /// Set credits aside.
    Hold(PlaceHold),
    /// Settle a hold, in part or in full.
    Capture(CaptureHold),
    /// Let go of what a hold still sets aside.
    Release {
        /// Which hold.
        hold: HoldId,
    },
    /// Let a hold live longer or shorter, or set more aside.
    ExtendHold(ExtendHold),
    /// Give a spend back.
    Reverse(ReverseSpend),
    /// Take a grant back.
    Clawback(ClawBack),
    /// Call a grant off: what is left of it is gone.
    Void {
        /// Which grant.
        grant: GrantId,
        /// In a customer's words, why.
        description: String,
    },
    /// Let a grant live longer.
    ExtendGrant {
        /// Which grant.
        grant: GrantId,
        /// When it ends from now on; `None` for never.
        expires_at: Option<Timestamp>,
    },
    /// Let a grant end sooner. What its end brings (expiry, rollover) comes then; for one that does not count yet by then,
    /// never. Where it ends by then anyway, nothing changes.
    EndGrant {
        /// Which grant.
        grant: GrantId,
        /// When it ends; at once where that has passed.
        at: Timestamp,
    },
    /// Nothing; by itself it writes down what time has done. See
    /// [`Posting::of_time`](super::Posting::of_time).
    Advance,
}

/// Credits to give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantCredits {
    /// How many: 1 to 2^53 − 1.
    pub amount: Credits,
    /// What brings them.
    pub source: Source,
    /// Which grants burn first: 0 before 1.
    pub priority: i16,
    /// From when on they count; at once when none is named or it has passed.
    pub effective_at: Option<Timestamp>,
    /// When they are gone.
    pub expires_at: Option<Timestamp>,
    /// For how many seconds after that usage from before may still be spent from them.
    pub late_seconds: u32,
    /// What becomes of what is left when they are gone.
    pub rollover: Option<Rollover>,
    /// The business fact behind them.
    pub business_key: BusinessKey,
    /// What they come from.
    pub origin: Origin,
    /// The type of the entry that counts them: a grant or an adjustment.
    pub kind: EntryType,
    /// In a customer's words, why.
    pub description: String,
    /// The caller's own notes.
    pub metadata: Metadata,
}

/// How many credits something is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Charge {
    /// So many: 1 to 2^53 − 1.
    Credits(Credits),
    /// What usage comes to. It may be less than a credit, or nothing.
    Usage(Vec<RatedUsage>),
}

/// Credits to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpendCredits {
    /// How many.
    pub charge: Charge,
    /// What to do where the account cannot cover all of it.
    pub shortfall: Shortfall,
    /// When the usage happened, if it is reported late: a grant whose end lies between that moment and now
    /// may still pay for it, within its grace.
    pub occurred_at: Option<Timestamp>,
    /// A spend in the caller's word, or an adjustment.
    pub kind: EntryType,
    /// In a customer's words, what for.
    pub description: String,
    /// The caller's own notes.
    pub metadata: Metadata,
}

/// What to do where an account cannot cover a spend. Its overdraft counts as cover, except for a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shortfall {
    /// Take nothing.
    #[default]
    Refuse,
    /// Take what is there, without owing anything.
    TakeWhatIsThere,
    /// Take all of it: the account owes what it does not have, whatever its overdraft.
    Owe,
}

/// Credits to set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceHold {
    /// How many: the most whole credits that the usage can come to. It is settled at the rates that it names.
    pub charge: Charge,
    /// When the hold lapses by itself; later than now.
    pub expires_at: Timestamp,
    /// In a customer's words, what for.
    pub description: String,
    /// The caller's own notes.
    pub metadata: Metadata,
}

/// A hold to settle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptureHold {
    /// Which hold.
    pub hold: HoldId,
    /// How many credits, 0 too if it is the last capture; all that it was placed for and that was not captured if
    /// nothing is said.
    pub charge: Option<Charge>,
    /// What to do where neither the hold nor what is free beside it covers that.
    pub shortfall: Shortfall,
    /// Whether this settles the hold: what it still sets aside is let go.
    pub last: bool,
    /// Whether to spend the amount in the ordinary way if the hold has lapsed.
    pub or_spend: bool,
    /// A spend in the caller's word.
    pub kind: EntryType,
    /// In a customer's words, what for.
    pub description: String,
    /// The caller's own notes.
    pub metadata: Metadata,
}

/// A hold to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtendHold {
    /// Which hold.
    pub hold: HoldId,
    /// When it lapses from now on, later than now; as before if nothing is said.
    pub expires_at: Option<Timestamp>,
    /// What it is for from now on in all, not less than before; the same if nothing is said.
    pub charge: Option<Charge>,
}

/// What was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Taken {
    /// By this entry, with all the usage that it paid for.
    Entry(EntryId),
    /// For this usage alone.
    Usage(UsageId),
}

/// A spend to give back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReverseSpend {
    /// Which.
    pub taken: Taken,
    /// How many credits; all that was not given back before if none are named.
    pub amount: Option<Credits>,
    /// When credits end whose own grant has ended since.
    pub refund_expires_at: Timestamp,
    /// In a customer's words, why.
    pub description: String,
    /// The caller's own notes.
    pub metadata: Metadata,
}

/// A grant to take back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClawBack {
    /// Which grant.
    pub grant: GrantId,
    /// How many of its credits were taken back in all after this: what was taken back before counts, so
    /// that saying it twice changes nothing. Never more than was given and neither expired nor was voided.
    pub total: Credits,
    /// What to do where the grant has less left.
    pub policy: ClawbackPolicy,
    /// In a customer's words, why.
    pub description: String,
}

/// What a clawback does about credits that are spent already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClawbackPolicy {
    /// The account owes them.
    Debt,
    /// They are written off: what is left of the grant is taken, and no more.
    WriteOff,
}

impl Command {
    /// The business fact that it grants for, if it grants.
    pub fn fact(&self) -> Option<&BusinessKey> {
        match self {
            Self::Grant(grant) => Some(&grant.business_key),
            _ => None,
        }
    }

    /// Whether only an account that uses credits can do it. What was begun may be ended, and operators and
    /// payments may give and take.
    pub(super) fn uses_credits(&self) -> bool {
        match self {
            Self::Spend(spend) => matches!(spend.kind, EntryType::Spend(_)),
            Self::Hold(_) => true,
            _ => false,
        }
    }
}

impl GrantCredits {
    /// `amount` credits from `source` for one business fact: at once, for good, before nobody else's.
    pub fn new(amount: Credits, source: Source, business_key: BusinessKey, description: String) -> Self {
        Self {
            amount,
            source,
            priority: 0,
            effective_at: None,
            expires_at: None,
            late_seconds: 0,
            rollover: None,
            business_key,
            origin: Origin::default(),
            kind: EntryType::GRANT,
            description,
            metadata: Metadata::default(),
        }
    }
}

impl SpendCredits {
    /// `amount` credits, all or nothing, for something that happened now.
    pub fn new(amount: Credits, kind: EntryType, description: String) -> Self {
        Self {
            charge: Charge::Credits(amount),
            shortfall: Shortfall::Refuse,
            occurred_at: None,
            kind,
            description,
            metadata: Metadata::default(),
        }
    }
}
