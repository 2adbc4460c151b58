//! The items that providers' prices and products stand for.

use std::collections::BTreeMap;

use super::{CatalogRefusal, Interval};
use crate::payments::Channel;
use crate::values::{PackId, PlanId};

/// The item that a provider's price or product stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PricedItem {
    /// A period of a plan.
    Plan(PlanId, Interval),
    /// A pack.
    Pack(PackId),
}

/// A plan's current prices at providers, by channel and interval.
///
/// A reference that was ever current stands for its plan and interval permanently: renewals at an old price, and
/// checkouts that are open during a change of price, still need it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlanPrices(BTreeMap<(Channel, Interval), String>);

/// A pack's current products at providers, by channel. As for [`PlanPrices`], a reference stands for its pack
/// permanently.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PackPrices(BTreeMap<Channel, String>);

impl PricedItem {
    /// The reference for a plan's period at a provider without a catalogue: `<plan>:<interval>`.
    pub fn own_reference(plan: PlanId, interval: Interval) -> String {
        format!("{plan}:{interval}")
    }

    /// Parses an [`own_reference`](Self::own_reference).
    pub fn of_own_reference(text: &str) -> Option<Self> {
        let (plan, interval) = text.split_once(':')?;
        Some(Self::Plan(plan.parse().ok()?, interval.parse().ok()?))
    }
}

impl PlanPrices {
    /// The reference of the current price, if the provider has one.
    pub fn get(&self, channel: Channel, interval: Interval) -> Option<&str> {
        self.0.get(&(channel, interval)).map(String::as_str)
    }

    /// A copy with `reference` as the current price, or with none.
    #[must_use]
    pub fn with(mut self, channel: Channel, interval: Interval, reference: Option<String>) -> Self {
        match reference {
            Some(reference) => self.0.insert((channel, interval), reference),
            None => self.0.remove(&(channel, interval)),
        };
        self
    }

    /// Every current price: channel, interval and reference.
    pub fn iter(&self) -> impl Iterator<Item = (Channel, Interval, &str)> {
        self.0.iter().map(|((channel, interval), reference)| (*channel, *interval, reference.as_str()))
    }

    /// Checks that no reference is used for two intervals.
    pub(super) fn check(&self) -> Result<(), CatalogRefusal> {
        for (channel, interval, reference) in self.iter() {
            let same = |other: &(Channel, Interval, &str)| other.0 == channel && other.2 == reference;
            if self.iter().filter(same).count() > 1 {
                let item = format!("the plan's {interval} period, and for its other one");
                return Err(CatalogRefusal::price_taken(channel, reference, item));
            }
        }
        Ok(())
    }
}

impl PackPrices {
    /// The reference of the current product, if the provider has one.
    pub fn get(&self, channel: Channel) -> Option<&str> {
        self.0.get(&channel).map(String::as_str)
    }

    /// A copy with `reference` as the current product, or with none.
    #[must_use]
    pub fn with(mut self, channel: Channel, reference: Option<String>) -> Self {
        match reference {
            Some(reference) => self.0.insert(channel, reference),
            None => self.0.remove(&channel),
        };
        self
    }

    /// Every current product: channel and reference.
    pub fn iter(&self) -> impl Iterator<Item = (Channel, &str)> {
        self.0.iter().map(|(channel, reference)| (*channel, reference.as_str()))
    }
}
