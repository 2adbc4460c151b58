//! One immutable line of an account's history.

use super::{ChainHash, Grant, TextKey};
use crate::values::{
    AccountId, ApiKeyId, Credits, EntryId, GrantId, HoldId, Metadata, PostingKey, Timestamp, UnknownVariant,
    text_enum,
};

text_enum! {
    /// The types of entries that the ledger itself writes. A spend has the caller's type instead.
    OwnType, "entry type", {
        /// Credits given.
        Grant = "grant",
        /// Credits given or taken by an operator.
        Adjustment = "adjustment",
        /// The expiry of a grant.
        Expiry = "expiry",
        /// The reversal of a spend.
        Reversal = "reversal",
        /// The clawback of a grant.
        Clawback = "clawback",
        /// The void of a grant.
        Void = "void",
        /// A captured hold; reserved: its entry has the caller's type.
        Capture = "capture",
        /// A repayment of debt; reserved, no entry has this type.
        Repayment = "repayment",
        /// The rollover of a grant into the next period.
        Rollover = "rollover",
        /// A placed hold; reserved, no entry has this type.
        Hold = "hold",
        /// A released hold; reserved, no entry has this type.
        Release = "release",
    }
}

/// The type of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum EntryType {
    /// A type of the ledger itself.
    Own(OwnType),
    /// A spend, with the caller's type.
    Spend(SpendType),
}

/// A caller's type of spend: `[a-z0-9_]{1,40}`, except the ledger's own types.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SpendType(String);

/// The text is not a valid type of spend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` cannot name a spend: use 1 to 40 of a-z, 0-9 and _, and none of the ledger's own types")]
pub struct InvalidSpendType {
    /// The input.
    pub text: String,
}

/// The cause of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Actor {
    /// The account's own user, by JWT.
    User,
    /// The holder of this API key.
    Key(ApiKeyId),
    /// An operator, by name instead of by key.
    Operator(String),
    /// A payment provider's event or response, such as `stripe:evt_1`.
    Provider(String),
    /// A due change.
    Time,
}

/// One immutable line of an account's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The entry's id.
    pub id: EntryId,
    /// The account.
    pub account: AccountId,
    /// Its number in the history: 1, 2, 3 …, no gaps.
    pub seq: i64,
    /// The type.
    pub kind: EntryType,
    /// Credits in (positive) or out (negative).
    pub amount: Credits,
    /// The sum of the account's entries including this one.
    pub balance_after: Credits,
    /// The available balance after it.
    pub available_after: Credits,
    /// The description for the customer.
    pub description: String,
    /// The actor.
    pub actor: Actor,
    /// The posting it belongs to; none for a due change.
    pub posting_key: Option<PostingKey>,
    /// The grant that it starts or ends; spends name theirs in their allocations.
    pub grant: Option<GrantId>,
    /// The hold that it captures.
    pub hold: Option<HoldId>,
    /// The number of the entry that it reverses.
    pub reverses: Option<i64>,
    /// The numbers of the first and the last usage that it pays for or reverses, if a rate card priced it.
    pub usages: Option<(i64, i64)>,
    /// The time of the usage, if it was reported late.
    pub occurred_at: Option<Timestamp>,
    /// The caller's metadata.
    pub metadata: Metadata,
    /// The digest of description and metadata, if they were erased.
    pub erased: Option<ChainHash>,
    /// The effective time.
    pub effective_at: Timestamp,
    /// The time of writing; later than `effective_at` only for a due change.
    pub recorded_at: Timestamp,
    /// The hash of this entry, its allocations, and the history before it.
    pub hash: ChainHash,
}

/// The credits that an entry put into (positive) or drew from (negative) one grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allocation {
    /// The account.
    pub account: AccountId,
    /// The entry's number.
    pub seq: i64,
    /// The index among the entry's allocations, in drawing order.
    pub position: u16,
    /// The grant.
    pub grant: GrantId,
    /// The credits.
    pub amount: Credits,
}

impl Allocation {
    /// The terms of its grant, if it credits the grant: the entry's hash covers them.
    pub fn terms(&self, grant: &Grant) -> Option<ChainHash> {
        (self.amount > Credits::ZERO).then(|| grant.terms())
    }
}

impl Entry {
    /// The digest of its free text, with the account's salt.
    pub fn text(&self, key: &TextKey) -> ChainHash {
        self.erased.unwrap_or_else(|| key.digest(&self.description, &self.metadata))
    }
}

impl EntryType {
    /// Credits given.
    pub const GRANT: Self = Self::Own(OwnType::Grant);
    /// Credits given or taken by an operator.
    pub const ADJUSTMENT: Self = Self::Own(OwnType::Adjustment);
    /// An expiry.
    pub const EXPIRY: Self = Self::Own(OwnType::Expiry);
    /// A reversal of a spend.
    pub const REVERSAL: Self = Self::Own(OwnType::Reversal);
    /// A clawback of a grant.
    pub const CLAWBACK: Self = Self::Own(OwnType::Clawback);
    /// A void of a grant.
    pub const VOID: Self = Self::Own(OwnType::Void);
    /// A rollover.
    pub const ROLLOVER: Self = Self::Own(OwnType::Rollover);

    /// The text in JSON and in databases.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Own(own) => own.as_str(),
            Self::Spend(word) => &word.0,
        }
    }
}

impl std::str::FromStr for EntryType {
    type Err = InvalidSpendType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self::Own).or_else(|_: UnknownVariant| SpendType::parse(text).map(Self::Spend))
    }
}

impl SpendType {
    /// Parses a caller's type of spend.
    ///
    /// # Errors
    ///
    /// [`InvalidSpendType`] if it has invalid characters or length, or is one of the ledger's own.
    pub fn parse(text: &str) -> Result<Self, InvalidSpendType> {
        let plain = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        let own = text.parse::<OwnType>().is_ok();
        if !plain || own || !(1..=40).contains(&text.len()) {
            return Err(InvalidSpendType { text: text.to_owned() });
        }
        Ok(Self(text.to_owned()))
    }
}

impl Default for SpendType {
    /// The default type of a spend.
    fn default() -> Self {
        Self("usage".to_owned())
    }
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::User => f.write_str("user"),
            Self::Key(id) => write!(f, "key:{id}"),
            Self::Operator(name) => write!(f, "operator:{name}"),
            Self::Provider(event) => write!(f, "provider:{event}"),
            Self::Time => f.write_str("time"),
        }
    }
}

impl std::str::FromStr for Actor {
    type Err = UnknownVariant;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownVariant { text: text.to_owned(), kind: "actor" };
        match text.split_once(':') {
            None if text == "user" => Ok(Self::User),
            None if text == "time" => Ok(Self::Time),
            Some(("key", id)) => id.parse().map(Self::Key).map_err(|_| unknown()),
            Some(("operator", name)) => Ok(Self::Operator(name.to_owned())),
            Some(("provider", event)) => Ok(Self::Provider(event.to_owned())),
            _ => Err(unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spend_cannot_pass_for_one_of_the_ledgers_own_entries() {
        for text in ["grant", "expiry", "adjustment", "reversal", "", "AI", "ai usage", &"x".repeat(41)] {
            assert!(SpendType::parse(text).is_err(), "{text}");
        }
        assert_eq!("ai_usage".parse::<EntryType>().unwrap().as_str(), "ai_usage");
        assert_eq!("grant".parse(), Ok(EntryType::GRANT));
    }

    #[test]
    fn an_actor_reads_back_as_it_was_written() {
        for actor in [
            Actor::User,
            Actor::Time,
            Actor::Operator("cli".to_owned()),
            Actor::Provider("stripe:evt_1".to_owned()),
            Actor::Key(ApiKeyId::from_uuid(uuid::Uuid::from_u128(3))),
        ] {
            assert_eq!(actor.to_string().parse(), Ok(actor));
        }
    }
}
