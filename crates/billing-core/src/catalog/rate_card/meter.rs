//! The price of one kind of usage.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{MarkupPercent, RatePrice, UnitPrice};
use crate::values::text_enum;

text_enum! {
    /// What happens to the fraction of a credit in a price.
    Rounding, "rounding rule", {
        /// It is carried for the account and this meter, in millionths of a credit, and charged once it makes a whole
        /// credit.
        Carry = "carry",
        /// Each usage is rounded up to whole credits.
        Up = "up",
        /// Each usage is rounded to the nearest whole credit, halves up.
        Nearest = "nearest",
    }
}

/// The prices of one kind of usage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meter {
    /// Its name: `[a-z0-9_]{1,40}`.
    pub name: String,
    /// The dimensions that its rates depend on, such as `model`, in order of precedence.
    #[serde(default)]
    pub dimensions: Vec<String>,
    /// The rates of the quantities.
    #[serde(default)]
    pub rates: Vec<Rate>,
    /// The price per usage, independent of its quantities.
    #[serde(default)]
    pub per_call: UnitPrice,
    /// The minimum price per usage, after the markup.
    #[serde(default)]
    pub minimum: UnitPrice,
    /// The markup in percent; the version's markup if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub markup: Option<MarkupPercent>,
    /// What happens to the fraction of a credit.
    pub rounding: Rounding,
}

/// The price of one quantity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// The quantity: `[a-z0-9_]{1,40}`, or `*` for every quantity without a rate of its own.
    pub quantity: String,
    /// The values of the meter's dimensions that it applies to: an exact value, or a prefix followed by `*`. A missing
    /// dimension matches any value, or none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub when: BTreeMap<String, String>,
    /// The price: the same for every unit, or by tiers.
    #[serde(flatten)]
    pub price: RatePrice,
}

impl Rate {
    /// Matches every quantity without a rate of its own.
    pub const ANY: &'static str = "*";

    /// The identity of its dimension values for counting units, such as `model=glm-4-*`; empty if it has none. Two
    /// rates for the same values have the same key, in any version of any card.
    pub fn key(&self) -> String {
        let plain = |character: char| !(character.is_control() || "%&=".contains(character));
        let mut key = String::new();
        for (name, value) in &self.when {
            if !key.is_empty() {
                key.push('&');
            }
            key.push_str(name);
            key.push('=');
            for character in value.chars() {
                if plain(character) {
                    key.push(character);
                } else {
                    // Databases cannot store NUL in text.
                    let escaped = format!("%{:02X}", u32::from(character));
                    key.push_str(&escaped);
                }
            }
        }
        key
    }
}

/// How specifically a rate matches a value: not at all, by a prefix of this many bytes, or exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Specificity {
    Any,
    Prefix(usize),
    Exact,
}

impl Specificity {
    fn of(pattern: Option<&String>) -> Self {
        match pattern.map(|pattern| pattern.strip_suffix('*')) {
            None => Self::Any,
            Some(Some(prefix)) => Self::Prefix(prefix.len()),
            Some(None) => Self::Exact,
        }
    }
}

/// Whether `value` matches `pattern`, exactly or by the prefix before its `*`.
fn matches(pattern: &str, value: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == value, |prefix| value.starts_with(prefix))
}

impl Meter {
    /// The quantities that it has a rate for.
    pub fn quantities(&self) -> BTreeSet<&str> {
        self.rates.iter().map(|rate| rate.quantity.as_str()).filter(|name| *name != Rate::ANY).collect()
    }

    /// The rate of `quantity` for usage with `dimensions`.
    ///
    /// The most specific of all matching rates wins: an exact value before a prefix, a longer prefix before a shorter
    /// one, and both before no value; dimensions take precedence in the order of [`dimensions`](Self::dimensions). A
    /// rate without values matches everything else.
    pub fn rate(&self, quantity: &str, dimensions: &BTreeMap<String, String>) -> Option<&Rate> {
        let named = |(name, pattern): (&String, &String)| {
            dimensions.get(name).is_some_and(|value| matches(pattern, value))
        };
        let applies = |rate: &&Rate| rate.quantity == quantity && rate.when.iter().all(named);
        let weight = |rate: &&Rate| {
            let named = self.dimensions.iter().map(|name| Specificity::of(rate.when.get(name)));
            named.collect::<Vec<_>>()
        };
        self.rates.iter().filter(applies).max_by_key(weight)
    }
}
