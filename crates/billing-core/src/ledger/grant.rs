//! Credits given at one moment from one source.

use super::hash_fields::HashFields;
use super::{Actor, ChainHash, EntryType, Source};
use crate::values::{
    AccountId, BusinessKey, Credits, GrantId, Metadata, OrderId, PostingKey, SubscriptionId, Timestamp,
    text_enum,
};

text_enum! {
    /// Where a grant is in its life.
    Stage, "grant stage", {
        /// It does not count yet.
        Upcoming = "upcoming",
        /// It counts, and what no hold has pinned can be spent.
        Active = "active",
        /// Its time is up; until its grace ends, usage from before may still be spent from it.
        Late = "late",
        /// Its time is up. What open holds have pinned is still theirs.
        Expired = "expired",
        /// It was called off. What open holds have pinned is still theirs.
        Voided = "voided",
    }
}

/// Credits given, and what is left of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The grant's id.
    pub id: GrantId,
    /// Whose it is.
    pub account: AccountId,
    /// How many credits were given; at least 1.
    pub amount: Credits,
    /// How many of them are left, those that holds have pinned among them.
    pub remaining: Credits,
    /// How many of those left are set aside by open holds.
    pub pinned: Credits,
    /// How many ended unused: expired, rolled over or voided.
    pub forfeited: Credits,
    /// How many were taken back, from here or as debt.
    pub clawed: Credits,
    /// What brought them.
    pub source: Source,
    /// Which grants burn first: 0 before 1. Frozen when the grant is made.
    pub priority: i16,
    /// From when on they count and can be spent.
    pub effective_at: Timestamp,
    /// The first moment at which they are gone.
    pub expires_at: Option<Timestamp>,
    /// Until when usage from before `expires_at` may still be reported; after it, if there is such a grace.
    pub late_until: Option<Timestamp>,
    /// What becomes of what is left at `expires_at`.
    pub rollover: Option<Rollover>,
    /// Where it is in its life. Written when somebody looks, so time may be further than this says.
    pub stage: Stage,
    /// The business fact behind them; no other grant of any account has the same.
    pub business_key: BusinessKey,
    /// The posting that made the grant; none where time made it.
    pub posting_key: Option<PostingKey>,
    /// What they came from.
    pub origin: Origin,
    /// The type of the entry that counts them.
    pub kind: EntryType,
    /// Who gave them.
    pub actor: Actor,
    /// In a customer's words, what they are for.
    pub description: String,
    /// The caller's own notes.
    pub metadata: Metadata,
    /// When the grant was recorded.
    pub created_at: Timestamp,
}

/// What a grant came from, where that is something of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Origin {
    /// The order that paid for it.
    pub order: Option<OrderId>,
    /// The subscription whose period it is.
    pub subscription: Option<SubscriptionId>,
}

/// What is left at a grant's end lives on as a grant of its own, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rollover {
    /// How many credits at most; the rest expires.
    pub cap: Credits,
    /// When what was rolled over ends for good; after the grant's own end.
    pub until: Timestamp,
}

impl Grant {
    /// What no open hold has pinned.
    pub fn free(&self) -> Credits {
        Credits::new(self.remaining.get().saturating_sub(self.pinned.get()))
    }

    /// The hash of what never changes of it: the entry that gives its credits covers it. When it ends may be changed
    /// later, and is not covered.
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

    /// What any spend can take of it now.
    pub fn spendable(&self) -> Credits {
        if self.stage == Stage::Active { self.free() } else { Credits::ZERO }
    }

    /// The grant at the stage at which it is at `now`, by time alone: one that was used up is not told when it
    /// ends.
    #[must_use]
    pub fn as_of(self, now: Timestamp) -> Self {
        Self { stage: self.stage_at(now), ..self }
    }

    /// Whether a spend, a hold or time can still change it.
    pub fn is_live(&self) -> bool {
        !self.remaining.is_zero()
    }

    /// Whether usage that happened at `moment` may be spent from it though its time is up.
    pub(super) fn takes_late(&self, moment: Timestamp) -> bool {
        self.stage == Stage::Late
            && self.effective_at <= moment
            && self.expires_at.is_some_and(|end| moment < end)
    }

    /// The next moment at which time alone changes it.
    pub(super) fn next_change_at(&self) -> Option<Timestamp> {
        match self.stage {
            _ if !self.is_live() => None,
            Stage::Upcoming => Some(self.effective_at),
            Stage::Active => self.expires_at,
            Stage::Late => self.late_until,
            Stage::Expired | Stage::Voided => None,
        }
    }

    /// Where it is in its life at `now`, by time alone: a grant that was used up is not told when it ends.
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
