//! Pricing of units by tiers.

use rust_decimal::Decimal;

use super::fixed_point::Grains;
use super::{RatePrice, Tier, Tiers, TiersMode, UnitPrice, UnitRate};

/// The price of some units of a quantity.
pub(super) struct Share {
    /// The tier and its end; none without tiers.
    pub(super) tier: Option<(usize, Option<Decimal>)>,
    pub(super) units: Decimal,
    pub(super) rate: UnitRate,
    /// The flat amount, if they are the first to reach the tier.
    pub(super) flat: UnitPrice,
    /// The total.
    pub(super) credits: Grains,
}

/// A bound of a call's price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// The least that the call can cost by its end, after this many units.
    Least,
    /// The most that the call can cost if it ends at or before this many units.
    Most,
    /// An upper bound at any position in the month.
    Anywhere,
}

impl RatePrice {
    /// The price of `units` after `before` of the same month, tier by tier. None on overflow.
    pub(super) fn shares(&self, before: Decimal, units: Decimal) -> Option<Vec<Share>> {
        let shares = match self {
            Self::PerUnit(rate) => {
                let credits = rate.of(units)?;
                return Some(vec![Share { tier: None, units, rate: *rate, flat: UnitPrice::ZERO, credits }]);
            }
            Self::Tiered(tiers) => match tiers.mode {
                TiersMode::Graduated => tiers.graduated(before, units)?,
                TiersMode::Volume => vec![tiers.at_volume(before, units)?],
            },
        };
        Some(shares)
    }

    /// A bound of the price of a call of `units` after `before` of the same month. None on overflow.
    pub(super) fn bound(&self, before: Decimal, units: Decimal, bound: Bound) -> Option<Grains> {
        match (self, bound) {
            (Self::Tiered(tiers), Bound::Anywhere) => tiers.anywhere(units),
            (Self::Tiered(tiers), Bound::Least) if tiers.mode == TiersMode::Volume => {
                tiers.least(before, units)
            }
            (Self::Tiered(tiers), Bound::Most) if tiers.mode == TiersMode::Volume => {
                tiers.most(before, units)
            }
            // Graduated prices never decrease with more units.
            _ => sum(self.shares(before, units)?.into_iter().map(|share| share.credits)),
        }
    }
}

impl UnitRate {
    fn of(&self, units: Decimal) -> Option<Grains> {
        Grains::of(units, self.credits.get(), self.per)
    }
}

impl Tiers {
    /// Each tier with its start.
    fn bounded(&self) -> impl Iterator<Item = (usize, Decimal, &Tier)> {
        let ends = self.tiers.iter().map(|tier| tier.up_to.unwrap_or(Decimal::MAX));
        let begins = std::iter::once(Decimal::ZERO).chain(ends);
        self.tiers.iter().enumerate().zip(begins).map(|((number, tier), begin)| (number, begin, tier))
    }

    /// The tier of unit number `units`.
    fn tier_of(&self, units: Decimal) -> Option<(usize, &Tier)> {
        let holds = |tier: &Tier| tier.up_to.is_none_or(|end| units <= end);
        self.tiers.iter().enumerate().find(|(_, tier)| holds(tier))
    }

    /// Whether the first unit after `before` is the first one in tier `number`, if it is in that tier.
    fn is_new(&self, number: usize, before: Decimal) -> Option<bool> {
        Some(before.is_zero() || self.tier_of(before)?.0 != number)
    }

    /// Each unit at the price of its tier: the price of `before + units` less that of `before`, to the last grain.
    fn graduated(&self, before: Decimal, units: Decimal) -> Option<Vec<Share>> {
        let after = before.checked_add(units)?;
        let mut shares = Vec::new();
        for (number, begin, tier) in self.bounded() {
            let inside = |total: Decimal| {
                let end = tier.up_to.map_or(total, |end| total.min(end));
                Some(end.checked_sub(begin)?.max(Decimal::ZERO))
            };
            let (from, to) = (inside(before)?, inside(after)?);
            if from == to {
                continue;
            }
            let flat = if from.is_zero() { tier.flat } else { UnitPrice::ZERO };
            let credits = tier.rate.of(to)?.minus(tier.rate.of(from)?)?;
            let credits = credits.plus(Grains::of_credits(flat.get())?)?;
            let units = to.checked_sub(from)?;
            shares.push(Share { tier: Some((number, tier.up_to)), units, rate: tier.rate, flat, credits });
        }
        if shares.is_empty() {
            shares.push(self.nothing(before)?);
        }
        Some(shares)
    }

    /// All units at the price of the tier that the total reaches.
    fn at_volume(&self, before: Decimal, units: Decimal) -> Option<Share> {
        if units.is_zero() {
            return self.nothing(before);
        }
        let (number, tier) = self.tier_of(before.checked_add(units)?)?;
        let flat = if self.is_new(number, before)? { tier.flat } else { UnitPrice::ZERO };
        let credits = tier.rate.of(units)?.plus(Grains::of_credits(flat.get())?)?;
        Some(Share { tier: Some((number, tier.up_to)), units, rate: tier.rate, flat, credits })
    }

    /// No units, in the last tier reached.
    fn nothing(&self, before: Decimal) -> Option<Share> {
        let (number, tier) = self.tier_of(before)?;
        let tier_at = Some((number, tier.up_to));
        let (units, flat, credits) = (Decimal::ZERO, UnitPrice::ZERO, Grains::default());
        Some(Share { tier: tier_at, units, rate: tier.rate, flat, credits })
    }

    /// The least that a call of `units` so far can cost: a later tier may be cheaper for all of them.
    fn least(&self, before: Decimal, units: Decimal) -> Option<Grains> {
        let now = self.at_volume(before, units)?.credits;
        let (reached, _) = self.tier_of(before.checked_add(units)?)?;
        let mut least = now;
        for (_, begin, tier) in self.bounded().filter(|(number, ..)| *number > reached) {
            // At its first unit; more units only cost more.
            let units = begin.checked_sub(before)?;
            let flat = Grains::of_credits(tier.flat.get())?;
            // On overflow it is not the least.
            if let Some(there) = tier.rate.of(units).and_then(|units| units.plus(flat)) {
                least = least.min(there);
            }
        }
        Some(least)
    }

    /// The most that a call of up to `units` can cost: fewer units may cost more, because they do not reach a cheaper
    /// tier.
    fn most(&self, before: Decimal, units: Decimal) -> Option<Grains> {
        let mut most = self.at_volume(before, units)?.credits;
        let (reached, _) = self.tier_of(before.checked_add(units)?)?;
        for tier in self.tiers.iter().take(reached) {
            if let Some(end) = tier.up_to.filter(|end| *end > before) {
                most = most.max(self.at_volume(before, end.checked_sub(before)?)?.credits);
            }
        }
        Some(most)
    }

    /// The highest rate for all units, and every flat amount.
    fn anywhere(&self, units: Decimal) -> Option<Grains> {
        let mut dearest = Grains::default();
        let mut flat = Grains::default();
        for tier in &self.tiers {
            dearest = dearest.max(tier.rate.of(units)?);
            flat = flat.plus(Grains::of_credits(tier.flat.get())?)?;
        }
        dearest.plus(flat)
    }
}

fn sum(mut all: impl Iterator<Item = Grains>) -> Option<Grains> {
    all.try_fold(Grains::default(), Grains::plus)
}
