//! Which of an account's subscriptions counts.

use std::fmt;
use std::str::FromStr;

use crate::payments::Channel;
use crate::values::{UnknownWord, words};

words! {
    /// How a subscription stands beside the account's others.
    Standing, "standing of a subscription", {
        /// It is the account's subscription, or was.
        Counts = "counts",
        /// It was begun beside a live one: it grants nothing, and is to be ended and its money to be given back.
        Superfluous = "superfluous",
        /// It was begun beside a live one, was ended, and its money was given back.
        Returned = "returned",
        /// It was begun beside a live one, and its provider refused to end it or to give its money back: an operator
        /// has to look.
        Stuck = "stuck",
    }
}

impl Standing {
    /// Whether its payments grant credits.
    pub const fn counts(self) -> bool {
        matches!(self, Self::Counts)
    }
}

/// How a provider calls a subscription. As text `<channel>:<id>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SubscriptionName {
    /// Which provider.
    pub channel: Channel,
    /// The provider's id of it.
    pub id: String,
}

/// Who has the account's one seat for a live subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seat {
    /// Nobody.
    Free,
    /// The one that asks.
    Own,
    /// Another one.
    Taken,
}

impl SubscriptionName {
    /// What `channel` calls `id`.
    pub fn new(channel: Channel, id: impl Into<String>) -> Self {
        Self { channel, id: id.into() }
    }

    /// Whether it has the seat that `holder` has.
    pub fn seat(&self, holder: Option<&Self>) -> Seat {
        match holder {
            None => Seat::Free,
            Some(holder) if holder == self => Seat::Own,
            Some(_) => Seat::Taken,
        }
    }
}

impl fmt::Display for SubscriptionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.channel, self.id)
    }
}

impl FromStr for SubscriptionName {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let unknown = || UnknownWord { text: text.to_owned(), kind: "name of a subscription" };
        let (channel, id) = text.split_once(':').ok_or_else(unknown)?;
        Ok(Self { channel: channel.parse()?, id: id.to_owned() })
    }
}
