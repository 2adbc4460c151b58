//! Validation of a rate's price.

use rust_decimal::Decimal;

use super::fixed_point::UNIT_DECIMALS;
use super::{RatePrice, Tiers, UnitRate, Usage};
use crate::catalog::CatalogRefusal;

/// The maximum number of tiers of a rate.
const MAX_TIERS: usize = 20;
/// The maximum of `per`.
const MAX_PER: u32 = 1_000_000_000;

/// Validates the price of the rate at `place`.
pub(super) fn check_price(price: &RatePrice, place: &str) -> Result<(), CatalogRefusal> {
    match price {
        RatePrice::PerUnit(rate) => check_per(rate, place),
        RatePrice::Tiered(tiers) => check_tiers(tiers, &format!("{place}.tiers")),
    }
}

fn check_per(rate: &UnitRate, place: &str) -> Result<(), CatalogRefusal> {
    if rate.per.get() > MAX_PER {
        return Err(CatalogRefusal::invalid(format!("{place}.per"), format!("goes from 1 to {MAX_PER}")));
    }
    Ok(())
}

fn check_tiers(tiers: &Tiers, place: &str) -> Result<(), CatalogRefusal> {
    if !(1..=MAX_TIERS).contains(&tiers.tiers.len()) {
        return Err(CatalogRefusal::invalid(place.to_owned(), format!("takes 1 to {MAX_TIERS}")));
    }
    let last = tiers.tiers.len().saturating_sub(1);
    let mut begin = Decimal::ZERO;
    for (number, tier) in tiers.tiers.iter().enumerate() {
        let place = format!("{place}[{number}]");
        check_per(&tier.rate, &place)?;
        let wrong = |problem: String| CatalogRefusal::invalid(format!("{place}.up_to"), problem);
        let Some(end) = tier.up_to else {
            if number < last {
                return Err(wrong("is required: only the last tier has no end".to_owned()));
            }
            continue;
        };
        if number == last {
            return Err(wrong("is left out of the last tier, which has no end".to_owned()));
        }
        if end <= begin {
            return Err(wrong(format!("must be more than {}, where the tier begins", begin.normalize())));
        }
        if end > Usage::MAX_UNITS || end.normalize().scale() > UNIT_DECIMALS {
            let problem = format!("goes up to {} units, with at most 6 decimals", Usage::MAX_UNITS);
            return Err(wrong(problem));
        }
        begin = end;
    }
    Ok(())
}
