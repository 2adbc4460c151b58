//! What usage costs. The tariffs of these tests charge whole millionths for each unit of one quantity.

use std::collections::BTreeMap;

use billing_core::catalog::{RatePrice, Rounding, Tariff, Tier, Tiers, TiersMode};
use rust_decimal::Decimal;

use super::metering::CREDIT;

/// What one usage costs in millionths after `before` units of its month, and what of that is markup.
pub(super) fn price(tariff: &Tariff, before: i128, units: &BTreeMap<String, i64>) -> (i128, i128) {
    whole(tariff, units, |price, units| line(price, before, units))
}

/// The least that it comes to if more is captured of the same call.
pub(super) fn least(tariff: &Tariff, before: i128, units: &BTreeMap<String, i64>) -> (i128, i128) {
    whole(tariff, units, |price, units| {
        let later = volume(price).into_iter().flat_map(|tiers| {
            let reached = reached(tiers, before + units);
            let later = tiers.tiers.iter().enumerate().skip(reached + 1);
            later.map(|(place, tier)| (end(&tiers.tiers[place - 1]) - before) * each(tier) + flat(tier))
        });
        later.chain([line(price, before, units)]).min().unwrap()
    })
}

/// The most that it comes to if less is captured.
pub(super) fn most(tariff: &Tariff, before: i128, units: &BTreeMap<String, i64>) -> i128 {
    let most = whole(tariff, units, |price, units| {
        let ends = volume(price).into_iter().flat_map(|tiers| tiers.tiers.iter().map(end));
        let sooner = ends.filter(|end| (before..before + units).contains(end)).map(|end| end - before);
        sooner.chain([units]).map(|units| line(price, before, units)).max().unwrap()
    });
    most.0
}

fn whole(
    tariff: &Tariff,
    units: &BTreeMap<String, i64>,
    line: impl Fn(&RatePrice, i128) -> i128,
) -> (i128, i128) {
    let lines = units.iter().map(|(name, units)| line(&tariff.rates[name].price, i128::from(*units)));
    let sum = lines.sum::<i128>() + millionths(tariff.per_call.get());
    let percent = i128::try_from(tariff.markup.get()).unwrap();
    // In hundredths of a millionth.
    let marked = (sum * (100 + percent)).max(millionths(tariff.minimum.get()) * 100);
    let price = match tariff.rounding {
        Rounding::Carry => (marked + 50).div_euclid(100),
        Rounding::Up => (marked + 100 * CREDIT - 1).div_euclid(100 * CREDIT) * CREDIT,
        Rounding::Nearest => (marked + 50 * CREDIT).div_euclid(100 * CREDIT) * CREDIT,
    };
    (price, (sum * percent + 50).div_euclid(100))
}

fn line(price: &RatePrice, before: i128, units: i128) -> i128 {
    match price {
        RatePrice::PerUnit(rate) => units * millionths(rate.credits.get()),
        RatePrice::Tiered(tiers) if tiers.mode == TiersMode::Graduated => {
            bill(tiers, before + units) - bill(tiers, before)
        }
        RatePrice::Tiered(_) if units == 0 => 0,
        RatePrice::Tiered(tiers) => {
            let tier = reached(tiers, before + units);
            let new = before == 0 || reached(tiers, before) != tier;
            let tier = &tiers.tiers[tier];
            units * each(tier) + if new { flat(tier) } else { 0 }
        }
    }
}

/// What the first `units` cost, each by its tier.
fn bill(tiers: &Tiers, units: i128) -> i128 {
    let (mut sum, mut begin) = (0, 0);
    for tier in &tiers.tiers {
        let inside = units.min(end(tier)) - begin;
        if inside > 0 {
            sum += inside * each(tier) + flat(tier);
        }
        begin = end(tier);
    }
    sum
}

fn volume(price: &RatePrice) -> Option<&Tiers> {
    price.tiers().filter(|tiers| tiers.mode == TiersMode::Volume)
}

fn reached(tiers: &Tiers, units: i128) -> usize {
    tiers.tiers.iter().position(|tier| units <= end(tier)).unwrap()
}

fn end(tier: &Tier) -> i128 {
    tier.up_to.map_or(i128::MAX / 2, |end| i128::try_from(end).unwrap())
}

fn each(tier: &Tier) -> i128 {
    millionths(tier.rate.credits.get())
}

fn flat(tier: &Tier) -> i128 {
    millionths(tier.flat.get())
}

fn millionths(credits: Decimal) -> i128 {
    i128::try_from((credits * Decimal::from(CREDIT)).normalize()).unwrap()
}
