//! Validation of rate cards.

use std::collections::BTreeSet;

use super::check_tiers::check_price;
use super::{Meter, Rate};
use crate::catalog::CatalogRefusal;

/// The maximum number of meters of a version.
const MAX_METERS: usize = 100;
/// The maximum number of quantities of a meter.
const MAX_QUANTITIES: usize = 20;
/// The maximum number of dimensions of a meter.
const MAX_DIMENSIONS: usize = 5;
/// The maximum number of rates of a meter.
const MAX_RATES: usize = 1_000;
/// The maximum number of rates of all meters of a version, each tier counted as one.
const MAX_RATES_OF_A_VERSION: usize = 4_000;
/// The maximum number of versions of a card.
pub(super) const MAX_VERSIONS: usize = 1_000;
/// The maximum length of the name of a meter, quantity or dimension, in bytes.
const MAX_NAME: usize = 40;
/// The maximum length of a dimension's value, in characters.
pub(super) const MAX_VALUE: usize = 100;

const NAME: &str = "takes 1 to 40 of a-z, 0-9 and _";

/// Validates `meters` for publishing.
///
/// # Errors
///
/// [`CatalogRefusal::Invalid`] names the first invalid field, such as `meters[2].rates[0].per`.
pub fn check_meters(meters: &[Meter]) -> Result<(), CatalogRefusal> {
    if !(1..=MAX_METERS).contains(&meters.len()) {
        return Err(CatalogRefusal::invalid("meters", format!("takes 1 to {MAX_METERS}")));
    }
    // Each tier counts as a rate.
    let size = |rate: &Rate| rate.price.tiers().map_or(1, |tiers| tiers.tiers.len());
    let rates: usize = meters.iter().flat_map(|meter| &meter.rates).map(size).sum();
    if rates > MAX_RATES_OF_A_VERSION {
        let problem = format!("have {rates} rates and tiers, {MAX_RATES_OF_A_VERSION} are allowed");
        return Err(CatalogRefusal::invalid("meters", problem));
    }
    let mut names = BTreeSet::new();
    for (place, meter) in meters.iter().enumerate() {
        let place = format!("meters[{place}]");
        if !is_name(&meter.name) {
            return Err(CatalogRefusal::invalid(format!("{place}.name"), NAME));
        }
        if !names.insert(meter.name.as_str()) {
            return Err(CatalogRefusal::invalid(format!("{place}.name"), twice(&meter.name)));
        }
        check_meter(meter, &place)?;
    }
    Ok(())
}

fn check_meter(meter: &Meter, place: &str) -> Result<(), CatalogRefusal> {
    check_dimensions(meter, place)?;
    if meter.rates.is_empty() && meter.per_call.is_zero() && meter.minimum.is_zero() {
        let problem = "is empty, and there is neither `per_call` nor `minimum`: the meter prices nothing";
        return Err(CatalogRefusal::invalid(format!("{place}.rates"), problem));
    }
    if meter.rates.len() > MAX_RATES {
        return Err(CatalogRefusal::invalid(format!("{place}.rates"), format!("takes at most {MAX_RATES}")));
    }
    let quantities = meter.quantities().len();
    if quantities > MAX_QUANTITIES {
        let problem = format!("name {quantities} quantities, {MAX_QUANTITIES} are allowed");
        return Err(CatalogRefusal::invalid(format!("{place}.rates"), problem));
    }
    let mut known = BTreeSet::new();
    for (number, rate) in meter.rates.iter().enumerate() {
        let place = format!("{place}.rates[{number}]");
        check_rate(meter, rate, &place)?;
        if !known.insert((&rate.quantity, &rate.when)) {
            let problem = format!("stands twice for `{}` and the same values", rate.quantity);
            return Err(CatalogRefusal::invalid(place, problem));
        }
    }
    Ok(())
}

fn check_dimensions(meter: &Meter, place: &str) -> Result<(), CatalogRefusal> {
    let field = format!("{place}.dimensions");
    if meter.dimensions.len() > MAX_DIMENSIONS {
        return Err(CatalogRefusal::invalid(field, format!("takes at most {MAX_DIMENSIONS}")));
    }
    let mut names = BTreeSet::new();
    for (number, name) in meter.dimensions.iter().enumerate() {
        let field = format!("{field}[{number}]");
        if !is_name(name) {
            return Err(CatalogRefusal::invalid(field, NAME));
        }
        if !names.insert(name) {
            return Err(CatalogRefusal::invalid(field, twice(name)));
        }
    }
    Ok(())
}

fn check_rate(meter: &Meter, rate: &Rate, place: &str) -> Result<(), CatalogRefusal> {
    if rate.quantity != Rate::ANY && !is_name(&rate.quantity) {
        let problem = format!("{NAME}, or is `*` for every other quantity");
        return Err(CatalogRefusal::invalid(format!("{place}.quantity"), problem));
    }
    check_price(&rate.price, place)?;
    for (name, value) in &rate.when {
        let field = || format!("{place}.when.{name}");
        if !meter.dimensions.contains(name) {
            let problem = format!("is not among the dimensions of the meter `{}`", meter.name);
            return Err(CatalogRefusal::invalid(field(), problem));
        }
        if value == "*" {
            return Err(CatalogRefusal::invalid(field(), "is left out where any value will do"));
        }
        if value.strip_suffix('*').unwrap_or(value).contains('*') {
            return Err(CatalogRefusal::invalid(field(), "takes a `*` at its end only"));
        }
        if value.is_empty() || value.chars().count() > MAX_VALUE {
            return Err(CatalogRefusal::invalid(field(), format!("takes 1 to {MAX_VALUE} characters")));
        }
    }
    Ok(())
}

/// Names of meters, quantities and dimensions: `[a-z0-9_]{1,40}`.
pub(crate) fn is_name(text: &str) -> bool {
    let plain = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    plain && (1..=MAX_NAME).contains(&text.len())
}

fn twice(name: &str) -> String {
    format!("`{name}` stands twice")
}
