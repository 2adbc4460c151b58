//! Which of a provider's prices and products stand for what is sold.

use std::collections::BTreeMap;

use super::{CatalogRefusal, Interval};
use crate::payments::Channel;
use crate::values::{PackId, PlanId};

/// What a provider's price or product stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PricedItem {
    /// A period of a plan.
    Plan(PlanId, Interval),
    /// A pack.
    Pack(PackId),
}

/// A plan's current prices at providers, by channel and interval.
///
/// A reference that was current once stands for its plan and interval for good: renewals of those who pay an old price,
/// and checkouts that are open while a price changes, have to find it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlanPrices(BTreeMap<(Channel, Interval), String>);

/// A pack's current products at providers, by channel. As for [`PlanPrices`], a reference stands for its pack for good.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PackPrices(BTreeMap<Channel, String>);

impl PricedItem {
    /// The text that stands for a plan's period at a provider that keeps no catalogue of its own: `<plan>:<interval>`.
    pub fn own_reference(plan: PlanId, interval: Interval) -> String {
        format!("{plan}:{interval}")
    }

    /// What [`own_reference`](Self::own_reference) stands for.
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

    /// This with `reference` as the current price, or with none.
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

    /// Checks that no reference stands for two intervals.
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

    /// This with `reference` as the current product, or with none.
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
