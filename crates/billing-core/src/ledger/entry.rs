//! One immutable line of an account's history.

use super::{ChainHash, Grant, TextKey};
use crate::values::{
    AccountId, ApiKeyId, Credits, EntryId, GrantId, HoldId, Metadata, PostingKey, Timestamp, UnknownVariant,
    text_enum,
};

text_enum! {
    /// The kinds of entry that the ledger itself writes. A spend carries the caller's own word instead.
    OwnType, "entry type", {
        /// Credits given.
        Grant = "grant",
        /// Credits an operator gave or took by hand.
        Adjustment = "adjustment",
        /// Credits whose time ran out.
        Expiry = "expiry",
        /// Credits of a spend that were given back.
        Reversal = "reversal",
        /// Credits of a grant that were taken back.
        Clawback = "clawback",
        /// A grant that was called off.
        Void = "void",
        /// A hold that was settled; reserved: its entry has the caller's own word.
        Capture = "capture",
        /// Debt that was repaid; reserved, no entry has this type.
        Repayment = "repayment",
        /// What the credits of one period became in the next.
        Rollover = "rollover",
        /// Credits set aside; reserved, no entry has this type.
        Hold = "hold",
        /// Credits no longer set aside; reserved, no entry has this type.
        Release = "release",
    }
}

/// What kind of movement an entry is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum EntryType {
    /// One of the ledger's own.
    Own(OwnType),
    /// A spend, in the word of whoever spent.
    Spend(SpendType),
}

/// A caller's word for a spend: `[a-z0-9_]{1,40}`, none of the ledger's own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SpendType(String);

/// The word cannot name a spend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` cannot name a spend: use 1 to 40 of a-z, 0-9 and _, and none of the ledger's own types")]
pub struct InvalidSpendType {
    /// What was read.
    pub text: String,
}

/// Who caused an entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Actor {
    /// The account's own user, by JWT.
    User,
    /// Whoever holds this API key.
    Key(ApiKeyId),
    /// An operator who is known by name instead of by key.
    Operator(String),
    /// A payment provider's event or answer, such as `stripe:evt_1`.
    Provider(String),
    /// Nobody: it was time.
    Time,
}

/// One immutable line of an account's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The entry's id.
    pub id: EntryId,
    /// Whose history it is in.
    pub account: AccountId,
    /// Its number in that history: 1, 2, 3 …, no gaps.
    pub seq: i64,
    /// What kind of movement it is.
    pub kind: EntryType,
    /// Credits given (positive) or taken (negative).
    pub amount: Credits,
    /// The sum of the account's entries up to and with this one.
    pub balance_after: Credits,
    /// What could be spent after it.
    pub available_after: Credits,
    /// In a customer's words, why.
    pub description: String,
    /// Who caused it.
    pub actor: Actor,
    /// The posting it belongs to; none where time alone posted it.
    pub posting_key: Option<PostingKey>,
    /// The grant that it counts or ends; spends name theirs in their allocations.
    pub grant: Option<GrantId>,
    /// The hold that it settles.
    pub hold: Option<HoldId>,
    /// The number of the entry that it gives back.
    pub reverses: Option<i64>,
    /// The numbers of the first and the last usage that it pays for or gives back, where a rate card priced it.
    pub usages: Option<(i64, i64)>,
    /// When the usage happened, where it was reported late.
    pub occurred_at: Option<Timestamp>,
    /// The caller's own notes.
    pub metadata: Metadata,
    /// The digest of description and metadata, where they were erased since.
    pub erased: Option<ChainHash>,
    /// When it took effect.
    pub effective_at: Timestamp,
    /// When it was written down; later than `effective_at` only where time alone posted it.
    pub recorded_at: Timestamp,
    /// The hash of this entry, its parts, and everything before it in the account's history.
    pub hash: ChainHash,
}

/// How much an entry put into (positive) or drew from (negative) one grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allocation {
    /// Whose.
    pub account: AccountId,
    /// The entry's number.
    pub seq: i64,
    /// Its place among the entry's parts, from 0, in the order in which they were drawn.
    pub position: u16,
    /// Which grant.
    pub grant: GrantId,
    /// How much.
    pub amount: Credits,
}

impl Allocation {
    /// The terms of its grant, if it puts credits into it: the entry's hash covers them.
    pub fn terms(&self, grant: &Grant) -> Option<ChainHash> {
        (self.amount > Credits::ZERO).then(|| grant.terms())
    }
}

impl Entry {
    /// The digest of its free text, under the account's salt.
    pub fn text(&self, key: &TextKey) -> ChainHash {
        self.erased.unwrap_or_else(|| key.digest(&self.description, &self.metadata))
    }
}

impl EntryType {
    /// Credits given.
    pub const GRANT: Self = Self::Own(OwnType::Grant);
    /// Credits an operator gave or took by hand.
    pub const ADJUSTMENT: Self = Self::Own(OwnType::Adjustment);
    /// Credits whose time ran out.
    pub const EXPIRY: Self = Self::Own(OwnType::Expiry);
    /// A spend given back.
    pub const REVERSAL: Self = Self::Own(OwnType::Reversal);
    /// A grant taken back.
    pub const CLAWBACK: Self = Self::Own(OwnType::Clawback);
    /// A grant called off.
    pub const VOID: Self = Self::Own(OwnType::Void);
    /// What a period's credits became in the next.
    pub const ROLLOVER: Self = Self::Own(OwnType::Rollover);

    /// The text that stands for it in JSON and in databases.
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
    /// Reads a caller's word.
    ///
    /// # Errors
    ///
    /// [`InvalidSpendType`] if it has other characters, another length, or is one of the ledger's own.
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
    /// The word for a spend whose caller named none.
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
