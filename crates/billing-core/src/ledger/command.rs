//! The commands of the ledger.

use super::{EntryType, Origin, RatedUsage, Rollover, Source};
use crate::values::{BusinessKey, Credits, EntryId, GrantId, HoldId, Metadata, Timestamp, UsageId};

/// One change of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Give credits.
    Grant(GrantCredits),
    /// Spend credits.
    Spend(SpendCredits),
    /// Place a hold.
    Hold(PlaceHold),
    /// Capture a hold, in part or in full.
    Capture(CaptureHold),
    /// Release the rest of a hold.
    Release {
        /// The hold.
        hold: HoldId,
    },
    /// Change a hold's expiry, or raise its amount.
    ExtendHold(ExtendHold),
    /// Reverse a spend.
    Reverse(ReverseSpend),
    /// Claw a grant back.
    Clawback(ClawBack),
    /// Void a grant: the rest of it is gone.
    Void {
        /// The grant.
        grant: GrantId,
        /// The reason for the customer.
        description: String,
    },
    /// Move a grant's end to a later time.
    ExtendGrant {
        /// The grant.
        grant: GrantId,
        /// Its new end; `None` for never.
        expires_at: Option<Timestamp>,
    },
    /// Move a grant's end to an earlier time. The effects of its end (expiry, rollover) happen then; a grant that has
    /// not started by then never starts. Changes nothing if the grant ends earlier.
    EndGrant {
        /// The grant.
        grant: GrantId,
        /// The new end; now, if it has passed.
        at: Timestamp,
    },
    /// No change; by itself it persists due changes. See [`Posting::of_time`](super::Posting::of_time).
    Advance,
}

/// A grant to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantCredits {
    /// The amount: 1 to 2^53 − 1.
    pub amount: Credits,
    /// The source.
    pub source: Source,
    /// The burn priority: 0 before 1.
    pub priority: i16,
    /// The start; now, if none or if it has passed.
    pub effective_at: Option<Timestamp>,
    /// The end.
    pub expires_at: Option<Timestamp>,
    /// The seconds after the end during which usage from before may still be spent from it.
    pub late_seconds: u32,
    /// What happens to the rest at the end.
    pub rollover: Option<Rollover>,
    /// Its business key.
    pub business_key: BusinessKey,
    /// Its origin.
    pub origin: Origin,
    /// The type of its entry: a grant or an adjustment.
    pub kind: EntryType,
    /// The description for the customer.
    pub description: String,
    /// The caller's metadata.
    pub metadata: Metadata,
}

/// The amount of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Charge {
    /// An amount of credits: 1 to 2^53 − 1.
    Credits(Credits),
    /// The price of usage. It may be less than a credit, or zero.
    Usage(Vec<RatedUsage>),
}

/// A spend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpendCredits {
    /// The amount.
    pub charge: Charge,
    /// What to do if the account cannot cover it.
    pub shortfall: Shortfall,
    /// The time of the usage, if it is reported late: a grant that ended since may still pay for it, within its grace
    /// period.
    pub occurred_at: Option<Timestamp>,
    /// The caller's type of spend, or an adjustment.
    pub kind: EntryType,
    /// The description for the customer.
    pub description: String,
    /// The caller's metadata.
    pub metadata: Metadata,
}

/// What to do if an account cannot cover a spend. Its overdraft counts as cover, except for a partial spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shortfall {
    /// Refuse.
    #[default]
    Refuse,
    /// Take what is available, without debt.
    TakeWhatIsThere,
    /// Take all of it: the rest becomes debt, even beyond the overdraft.
    Owe,
}

/// A hold to place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceHold {
    /// The amount: for usage the most whole credits that it can cost. It is settled at the rates in the charge.
    pub charge: Charge,
    /// When the hold lapses; later than now.
    pub expires_at: Timestamp,
    /// The description for the customer.
    pub description: String,
    /// The caller's metadata.
    pub metadata: Metadata,
}

/// A capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptureHold {
    /// The hold.
    pub hold: HoldId,
    /// The amount, 0 too if it is the final capture; the uncaptured rest of the hold if none.
    pub charge: Option<Charge>,
    /// What to do if neither the hold nor the free balance covers it.
    pub shortfall: Shortfall,
    /// Whether it is the final capture: the rest of the hold is released.
    pub last: bool,
    /// Whether to spend the amount from the balance if the hold has lapsed.
    pub or_spend: bool,
    /// The caller's type of spend.
    pub kind: EntryType,
    /// The description for the customer.
    pub description: String,
    /// The caller's metadata.
    pub metadata: Metadata,
}

/// A change of a hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtendHold {
    /// The hold.
    pub hold: HoldId,
    /// Its new expiry, later than now; unchanged if none.
    pub expires_at: Option<Timestamp>,
    /// Its new total, not less than before; unchanged if none.
    pub charge: Option<Charge>,
}

/// What a reversal refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Taken {
    /// This entry, with all the usage that it paid for.
    Entry(EntryId),
    /// This usage only.
    Usage(UsageId),
}

/// A reversal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReverseSpend {
    /// The entry or usage.
    pub taken: Taken,
    /// The credits; everything not reversed before if none.
    pub amount: Option<Credits>,
    /// The end of credits whose own grant has ended since.
    pub refund_expires_at: Timestamp,
    /// The description for the customer.
    pub description: String,
    /// The caller's metadata.
    pub metadata: Metadata,
}

/// A clawback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClawBack {
    /// The grant.
    pub grant: GrantId,
    /// The cumulative number of clawed-back credits of the grant after this; repeating it changes nothing. At most the
    /// credits that neither expired nor were voided.
    pub total: Credits,
    /// What to do if less is left of the grant.
    pub policy: ClawbackPolicy,
    /// The description for the customer.
    pub description: String,
}

/// What a clawback does about credits that are already spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClawbackPolicy {
    /// They become debt.
    Debt,
    /// They are written off: only the rest of the grant is taken.
    WriteOff,
}

impl Command {
    /// The business key of its grant, if it is one.
    pub fn fact(&self) -> Option<&BusinessKey> {
        match self {
            Self::Grant(grant) => Some(&grant.business_key),
            _ => None,
        }
    }

    /// Whether it requires an account that can have credits. Holds in progress may be ended, and operators and
    /// payments may grant and claw back.
    pub(super) fn uses_credits(&self) -> bool {
        match self {
            Self::Spend(spend) => matches!(spend.kind, EntryType::Spend(_)),
            Self::Hold(_) => true,
            _ => false,
        }
    }
}

impl GrantCredits {
    /// `amount` credits from `source` under one business key: effective now, not expiring, with the default priority.
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
    /// `amount` credits, all or nothing, for usage that happened now.
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
