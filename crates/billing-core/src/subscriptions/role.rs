//! The role of a subscription within its account.

use std::fmt;
use std::str::FromStr;

use crate::payments::Channel;
use crate::values::{UnknownVariant, text_enum};

text_enum! {
    /// A subscription's role among those of its account.
    SubscriptionRole, "subscription role", {
        /// It is, or was, the account's subscription: its paid periods grant credits.
        Active = "active",
        /// A second subscription, started while another was live. It grants nothing; a job cancels it and refunds its
        /// payments.
        Duplicate = "duplicate",
        /// A duplicate that is canceled and refunded.
        DuplicateRefunded = "duplicate_refunded",
        /// A duplicate that its provider refused to cancel or to refund. An operator has to resolve it.
        DuplicateUnresolved = "duplicate_unresolved",
    }
}

impl SubscriptionRole {
    /// Whether its payments grant credits.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Active)
    }
}

/// A provider's reference to a subscription. As text `<channel>:<id>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SubscriptionRef {
    /// Which provider.
    pub channel: Channel,
    /// The provider's id of it.
    pub id: String,
}

/// The state of an account's active-subscription slot, seen by one subscription. An account has one slot: two live
/// subscriptions would both grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionSlot {
    /// No subscription has it.
    Free,
    /// This subscription has it.
    Own,
    /// Another one has it.
    Taken,
}

impl SubscriptionRef {
    /// The reference of the provider's subscription `id`.
    pub fn new(channel: Channel, id: impl Into<String>) -> Self {
        Self { channel, id: id.into() }
    }

    /// The state of the slot of `holder`, for this subscription.
    pub fn slot(&self, holder: Option<&Self>) -> SubscriptionSlot {
        match holder {
            None => SubscriptionSlot::Free,
            Some(holder) if holder == self => SubscriptionSlot::Own,
            Some(_) => SubscriptionSlot::Taken,
        }
    }
}

impl fmt::Display for SubscriptionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.channel, self.id)
    }
}

impl FromStr for SubscriptionRef {
    type Err = UnknownVariant;

    fn from_str(text: &str) -> Result<Self, UnknownVariant> {
        let unknown = || UnknownVariant { text: text.to_owned(), kind: "name of a subscription" };
        let (channel, id) = text.split_once(':').ok_or_else(unknown)?;
        Ok(Self { channel: channel.parse()?, id: id.to_owned() })
    }
}
