//! What one kind of usage costs.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{MarkupPercent, RatePrice, UnitPrice};
use crate::values::text_enum;

text_enum! {
    /// What becomes of the fraction of a credit that a price has.
    Rounding, "rounding rule", {
        /// It is kept for the account and this meter, in millionths of a credit, and charged once it makes a
        /// whole one.
        Carry = "carry",
        /// Each usage is rounded up to whole credits.
        Up = "up",
        /// Each usage is rounded to the nearest whole credit, halves up.
        Nearest = "nearest",
    }
}

/// What one kind of usage costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meter {
    /// What usage is reported under: `[a-z0-9_]{1,40}`.
    pub name: String,
    /// By what its rates may differ, such as `model`, from what weighs most to what weighs least.
    #[serde(default)]
    pub dimensions: Vec<String>,
    /// What each quantity costs.
    #[serde(default)]
    pub rates: Vec<Rate>,
    /// What each usage costs on top, whatever its quantities.
    #[serde(default)]
    pub per_call: UnitPrice,
    /// What each usage costs at least, whatever the markup.
    #[serde(default)]
    pub minimum: UnitPrice,
    /// What is added to its prices in percent; the version's own unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub markup: Option<MarkupPercent>,
    /// What becomes of the fraction of a credit.
    pub rounding: Rounding,
}

/// What one quantity costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// Which quantity: `[a-z0-9_]{1,40}`, or `*` for every quantity that no other rate names.
    pub quantity: String,
    /// For which values of the meter's dimensions: one value, or with a `*` at its end all that begin so. One that is
    /// not named may have any value, or none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub when: BTreeMap<String, String>,
    /// How much: the same for every unit, or by tiers.
    #[serde(flatten)]
    pub price: RatePrice,
}

impl Rate {
    /// Stands for every quantity that no other rate names.
    pub const ANY: &'static str = "*";

    /// What its values are called where units are counted for it, such as `model=glm-4-*`; empty where it names none. Two
    /// rates for the same values have the same key, whatever version of whatever card they are of.
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
                    // Databases keep no NUL in a text.
                    let escaped = format!("%{:02X}", u32::from(character));
                    key.push_str(&escaped);
                }
            }
        }
        key
    }
}

/// How exactly a rate names a value: not at all, by how many bytes it begins with, or by all of it.
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

/// Whether `value` is what `pattern` names: that value, or one that begins as it does before its `*`.
fn matches(pattern: &str, value: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == value, |prefix| value.starts_with(prefix))
}

impl Meter {
    /// The quantities that it takes by name: those that it has a rate for.
    pub fn quantities(&self) -> BTreeSet<&str> {
        self.rates.iter().map(|rate| rate.quantity.as_str()).filter(|name| *name != Rate::ANY).collect()
    }

    /// The rate of `quantity` for usage with `dimensions`.
    ///
    /// Of all rates that apply, the most specific wins: a value by itself before a prefix, a longer prefix before a
    /// shorter one, and those before no value at all, where the dimension that stands first in
    /// [`dimensions`](Self::dimensions) weighs more than all that follow. A rate that names none is what is
    /// left for everything else.
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
