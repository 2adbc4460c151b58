//! What is kept of one usage.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::catalog::{MonthKey, MonthPositions, Quote};
use crate::ledger::{Actor, ChainHash, EntryType, TextKey};
use crate::values::{AccountId, Credits, HoldId, Metadata, PostingKey, Timestamp, UsageId};

/// One usage that was accepted, or given back. It is written once and never changes, whether it took credits or was
/// only carried. An account's usage forms a chain of its own, as its entries do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageRecord {
    /// Its id.
    pub id: UsageId,
    /// Whose.
    pub account: AccountId,
    /// Its number among the account's: 1, 2, 3 …, no gaps.
    pub number: i64,
    /// The number of the entry that took its credits or gave them back; none where that came to no credit.
    pub entry: Option<i64>,
    /// The rate card's version that priced it.
    pub quote: Quote,
    /// The meter.
    pub meter: String,
    /// Which kind of usage, by the card's dimensions.
    pub dimensions: BTreeMap<String, String>,
    /// How much of what. Empty where a hold ended and what it had captured below one credit was booked.
    pub quantities: BTreeMap<String, Decimal>,
    /// What it cost, in millionths of a credit; negative where it was given back. Of a hold's usage: what it added
    /// to the price of the whole.
    pub price: i64,
    /// What of that is markup, in millionths of a credit; negative where it takes off.
    pub markup: i64,
    /// Where in its month each of those quantities stands whose tiers count over a month. Their units are counted there;
    /// those that are given back are taken off again.
    pub months: MonthPositions,
    /// How many credits it took; negative where they were given back.
    pub credits: Credits,
    /// How many credits it came to that nothing covered and that are not owed.
    pub uncovered: Credits,
    /// What is carried of the meter after it, in millionths of a credit.
    pub carried: u32,
    /// What kind of spend, in the spender's word.
    pub kind: EntryType,
    /// In a customer's words, what for.
    pub description: String,
    /// The caller's own notes.
    pub metadata: Metadata,
    /// The digest of description and metadata, where they were erased since.
    pub erased: Option<ChainHash>,
    /// Who reported it.
    pub actor: Actor,
    /// The posting that it belongs to; none where time alone ended a hold.
    pub posting_key: Option<PostingKey>,
    /// The hold that it was captured from.
    pub hold: Option<HoldId>,
    /// The number of the usage that it gives back.
    pub returns: Option<i64>,
    /// When it happened; earlier than `recorded_at` where it was reported late.
    pub occurred_at: Timestamp,
    /// When it was written down.
    pub recorded_at: Timestamp,
    /// The hash of this usage and of all the account's usage before it.
    pub hash: ChainHash,
}

impl UsageRecord {
    /// The digest of its free text, under the account's salt.
    pub fn text(&self, key: &TextKey) -> ChainHash {
        self.erased.unwrap_or_else(|| key.digest(&self.description, &self.metadata))
    }

    /// What it adds to the units that are counted in its month, by where; negative where it gives them back.
    pub fn counted_units(&self) -> impl Iterator<Item = (MonthKey, Decimal)> {
        self.months.iter().map(|(quantity, position)| {
            let mut units = self.quantities.get(quantity).copied().unwrap_or_default();
            units.set_sign_negative(self.returns.is_some());
            (position.key(&self.meter, quantity), units)
        })
    }

    /// Whether it only books what was captured from a hold below one credit, when the hold ended.
    pub fn is_end_of_hold(&self) -> bool {
        self.hold.is_some() && self.price == 0 && self.quantities.is_empty()
    }
}
