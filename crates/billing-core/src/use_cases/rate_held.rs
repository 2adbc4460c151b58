//! Finds the rates of captured usage.

use std::collections::BTreeMap;

use super::price_usage::{PriceUsage, RateCardRef, rate_usage, version_for, version_of};
use crate::BillingError;
use crate::billing::Ports;
use crate::catalog::{MonthPositions, RatingRefusal, Tariff, TariffRate};
use crate::ledger::{Hold, RatedUsage};
use crate::values::Timestamp;

/// `asked` with the rates of `hold`'s placement, unless the caller names another card.
///
/// The work is done, so a quantity is not refused if the pinned version has no rate for it: it is priced by the
/// version in force now, and recorded free of charge if that has none either.
///
/// # Errors
///
/// As [`price_usage`](super::price_usage::price_usage), for usage of another meter or with other dimension values than
/// the hold's.
pub(super) async fn rate_held(
    ports: &Ports,
    asked: &PriceUsage,
    hold: &Hold,
    now: Timestamp,
) -> Result<RatedUsage, BillingError> {
    if asked.card != RateCardRef::Default && !names_the_pinned(asked, hold) {
        return rate_usage(ports, asked, now).await;
    }
    let usage = &asked.usage;
    let same = |tariff: &&Tariff| tariff.meter == usage.meter && tariff.dimensions == usage.dimensions;
    let mut tariff = match hold.usages.iter().map(|placed| &placed.tariff).find(same) {
        Some(tariff) => tariff.clone(),
        None => match pinned(ports, asked, hold).await? {
            Some(tariff) => tariff,
            None => return rate_usage(ports, asked, now).await,
        },
    };
    let mut added = BTreeMap::new();
    if usage.quantities.keys().any(|quantity| tariff.rate(quantity).is_none()) {
        let current = current(ports, &tariff.card, asked, now).await?;
        for quantity in usage.quantities.keys().filter(|quantity| tariff.rate(quantity).is_none()) {
            let rate = current.as_ref().and_then(|current| current.rate(quantity));
            added.insert(quantity.clone(), rate.cloned().unwrap_or(TariffRate::FREE));
        }
    }
    tariff.rates.append(&mut added);
    tariff.price(&usage.quantities, &MonthPositions::new())?;
    Ok(RatedUsage { tariff, quantities: usage.quantities.clone() })
}

fn names_the_pinned(asked: &PriceUsage, hold: &Hold) -> bool {
    let RateCardRef::Quoted(quote) = &asked.card else { return false };
    hold.usages.iter().any(|placed| placed.tariff.quote() == *quote)
}

/// The rates of the hold's pinned version for usage that it was not placed for; none if it was placed for an amount,
/// or the version has no matching rate.
async fn pinned(ports: &Ports, asked: &PriceUsage, hold: &Hold) -> Result<Option<Tariff>, BillingError> {
    let Some(first) = hold.usages.first() else { return Ok(None) };
    let Some(version) = version_of(ports, &first.tariff.quote()).await? else { return Ok(None) };
    match version.tariff(&asked.usage.meter, &asked.usage.dimensions) {
        Ok(tariff)
            if tariff.rates.is_empty()
                && tariff.otherwise.is_none()
                && !asked.usage.quantities.is_empty() =>
        {
            let quantity = asked.usage.quantities.keys().next().cloned().unwrap_or_default();
            let (meter, dimensions) = (tariff.meter, tariff.dimensions);
            Err(RatingRefusal::NoRate { meter, quantity, dimensions }.into())
        }
        Ok(tariff) => Ok(Some(tariff)),
        Err(RatingRefusal::UnknownMeter { .. }) => Ok(None),
        Err(refused) => Err(refused.into()),
    }
}

/// The rates in force now for this usage, if any.
async fn current(
    ports: &Ports,
    card: &str,
    asked: &PriceUsage,
    now: Timestamp,
) -> Result<Option<Tariff>, BillingError> {
    match version_for(ports, &RateCardRef::Named(card.to_owned()), now).await {
        Ok(version) => Ok(version.tariff(&asked.usage.meter, &asked.usage.dimensions).ok()),
        Err(BillingError::Rating(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
