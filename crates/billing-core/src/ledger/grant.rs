//! A grant of credits.

use super::hash_fields::HashFields;
use super::{Actor, ChainHash, EntryType, Source};
use crate::values::{
    AccountId, BusinessKey, Credits, GrantId, Metadata, OrderId, PostingKey, SubscriptionId, Timestamp,
    text_enum,
};

text_enum! {
    /// The stage of a grant's life cycle.
    Stage, "grant stage", {
        /// Not started.
        Upcoming = "upcoming",
        /// Started; credits that no hold has pinned can be spent.
        Active = "active",
        /// Ended; during its grace period it still pays for usage from before its end.
        Late = "late",
        /// Ended. Credits pinned by open holds stay with them.
        Expired = "expired",
        /// Voided. Credits pinned by open holds stay with them.
        Voided = "voided",
    }
}

/// A grant, and what is left of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The grant's id.
    pub id: GrantId,
    /// The account.
    pub account: AccountId,
    /// The credits granted; at least 1.
    pub amount: Credits,
    /// The credits left, including pinned ones.
    pub remaining: Credits,
    /// The credits left that open holds have pinned.
    pub pinned: Credits,
    /// The credits that ended unused: expired, rolled over or voided.
    pub forfeited: Credits,
    /// The credits clawed back, from the grant or as debt.
    pub clawed: Credits,
    /// The source.
    pub source: Source,
    /// The burn priority: 0 before 1. Fixed when the grant is made.
    pub priority: i16,
    /// The start.
    pub effective_at: Timestamp,
    /// The end, exclusive.
    pub expires_at: Option<Timestamp>,
    /// The end of the grace period for usage from before `expires_at`; later than it, if there is one.
    pub late_until: Option<Timestamp>,
    /// What happens to the rest at `expires_at`.
    pub rollover: Option<Rollover>,
    /// The stage as last written; changes may be due since.
    pub stage: Stage,
    /// The business key, unique over all accounts.
    pub business_key: BusinessKey,
    /// The posting that made the grant; none for a due change.
    pub posting_key: Option<PostingKey>,
    /// The origin.
    pub origin: Origin,
    /// The type of its entry.
    pub kind: EntryType,
    /// The actor.
    pub actor: Actor,
    /// The description for the customer.
    pub description: String,
    /// The caller's metadata.
    pub metadata: Metadata,
    /// When the grant was recorded.
    pub created_at: Timestamp,
}

/// The object of ours that a grant comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Origin {
    /// The order that paid for it.
    pub order: Option<OrderId>,
    /// The subscription of its period.
    pub subscription: Option<SubscriptionId>,
}

/// The rest at a grant's end becomes a new grant, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rollover {
    /// The maximum number of credits; the rest expires.
    pub cap: Credits,
    /// The final end of the rolled-over credits; after the grant's own end.
    pub until: Timestamp,
}

impl Grant {
    /// The credits that no open hold has pinned.
    pub fn free(&self) -> Credits {
        Credits::new(self.remaining.get().saturating_sub(self.pinned.get()))
    }

    /// The hash of its immutable terms, which the hash of the entry that credits it covers. Its end may change later
    /// and is not covered.
    pub fn terms(&self) -> ChainHash {
        let mut hash = HashFields::begin(b"billing grant 1");
        hash.field(self.id.uuid().as_bytes());
        hash.number(self.amount.get());
        hash.field(self.source.as_str().as_bytes());
        hash.number(i64::from(self.priority));
        hash.number(self.effective_at.micros());
        hash.field(self.business_key.as_str().as_bytes());
        hash.optional(self.posting_key.as_ref().map(|key| key.as_str().as_bytes()));
        hash.optional(self.origin.order.map(|order| *order.uuid().as_bytes()));
        hash.optional(self.origin.subscription.map(|subscription| *subscription.uuid().as_bytes()));
        hash.field(self.kind.as_str().as_bytes());
        hash.field(self.actor.to_string().as_bytes());
        hash.number(self.created_at.micros());
        hash.end()
    }

    /// The credits that a spend can take now.
    pub fn spendable(&self) -> Credits {
        if self.stage == Stage::Active { self.free() } else { Credits::ZERO }
    }

    /// The grant at its stage as of `now`, by time alone: the end of a used-up grant is not written.
    #[must_use]
    pub fn as_of(self, now: Timestamp) -> Self {
        Self { stage: self.stage_at(now), ..self }
    }

    /// Whether a spend, a hold or a due change can still change it.
    pub fn is_live(&self) -> bool {
        !self.remaining.is_zero()
    }

    /// Whether it pays for usage that happened at `moment` although it has ended.
    pub(super) fn takes_late(&self, moment: Timestamp) -> bool {
        self.stage == Stage::Late
            && self.effective_at <= moment
            && self.expires_at.is_some_and(|end| moment < end)
    }

    /// The next time at which it changes.
    pub(super) fn next_change_at(&self) -> Option<Timestamp> {
        match self.stage {
            _ if !self.is_live() => None,
            Stage::Upcoming => Some(self.effective_at),
            Stage::Active => self.expires_at,
            Stage::Late => self.late_until,
            Stage::Expired | Stage::Voided => None,
        }
    }

    /// Its stage at `now`, by time alone: the end of a used-up grant is not written.
    pub(crate) fn stage_at(&self, now: Timestamp) -> Stage {
        let ended = self.expires_at.is_some_and(|end| end <= now);
        let waits = self.late_until.is_some_and(|until| now < until);
        match self.stage {
            Stage::Active | Stage::Late if ended && waits => Stage::Late,
            Stage::Active | Stage::Late if ended => Stage::Expired,
            stage => stage,
        }
    }
}
