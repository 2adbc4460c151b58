//! Usage records.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::catalog::{MonthKey, MonthPositions, Quote};
use crate::ledger::{Actor, ChainHash, EntryType, TextKey};
use crate::values::{AccountId, Credits, HoldId, Metadata, PostingKey, Timestamp, UsageId};

/// One accepted usage, or its reversal. It is immutable, and written even if it only changed the carry. An account's
/// usage forms a chain of its own, as its entries do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageRecord {
    /// The id.
    pub id: UsageId,
    /// The account.
    pub account: AccountId,
    /// Its number within the account: 1, 2, 3 …, no gaps.
    pub number: i64,
    /// The number of the entry that took or returned its credits; none if there were none.
    pub entry: Option<i64>,
    /// The version of the rate card that priced it.
    pub quote: Quote,
    /// The meter.
    pub meter: String,
    /// The values of the card's dimensions.
    pub dimensions: BTreeMap<String, String>,
    /// The quantities. Empty for the final booking of a hold's fraction.
    pub quantities: BTreeMap<String, Decimal>,
    /// The price in millionths of a credit; negative for a reversal. For a hold's usage: the increase in the price of
    /// the call.
    pub price: i64,
    /// The markup in it, in millionths of a credit; may be negative.
    pub markup: i64,
    /// The positions of those quantities that have monthly tiers. Their units are counted there; a reversal subtracts
    /// them.
    pub months: MonthPositions,
    /// The credits taken; negative for a reversal.
    pub credits: Credits,
    /// The credits that were neither covered nor became debt.
    pub uncovered: Credits,
    /// The carry of the meter after it, in millionths of a credit.
    pub carried: u32,
    /// The caller's type of spend.
    pub kind: EntryType,
    /// The description for the customer.
    pub description: String,
    /// The caller's metadata.
    pub metadata: Metadata,
    /// The digest of description and metadata, if they were erased.
    pub erased: Option<ChainHash>,
    /// The actor that reported it.
    pub actor: Actor,
    /// The posting that it belongs to; none if a hold lapsed.
    pub posting_key: Option<PostingKey>,
    /// The hold that it was captured from.
    pub hold: Option<HoldId>,
    /// The number of the usage that it reverses.
    pub returns: Option<i64>,
    /// The time of the usage; earlier than `recorded_at` if it was reported late.
    pub occurred_at: Timestamp,
    /// The time of writing.
    pub recorded_at: Timestamp,
    /// The hash of this usage and of all the account's usage before it.
    pub hash: ChainHash,
}

impl UsageRecord {
    /// The digest of its free text, with the account's salt.
    pub fn text(&self, key: &TextKey) -> ChainHash {
        self.erased.unwrap_or_else(|| key.digest(&self.description, &self.metadata))
    }

    /// The units that it adds to its month's counters; negative for a reversal.
    pub fn counted_units(&self) -> impl Iterator<Item = (MonthKey, Decimal)> {
        self.months.iter().map(|(quantity, position)| {
            let mut units = self.quantities.get(quantity).copied().unwrap_or_default();
            units.set_sign_negative(self.returns.is_some());
            (position.key(&self.meter, quantity), units)
        })
    }

    /// Whether it is the final booking of a hold's fraction.
    pub fn is_end_of_hold(&self) -> bool {
        self.hold.is_some() && self.price == 0 && self.quantities.is_empty()
    }
}
