//! Prices usage.

use std::sync::Arc;

use crate::BillingError;
use crate::billing::Ports;
use crate::catalog::{NoRateCard, Quote, RateCard, RateCardVersion, RatingRefusal, Usage, check_slug, price};
use crate::ledger::RatedUsage;
use crate::values::Timestamp;

/// Usage to price, and its card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceUsage {
    /// The card.
    pub card: RateCardRef,
    /// The usage.
    pub usage: Usage,
}

/// A reference to a rate card.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RateCardRef {
    /// The card `default`; if it is not active, the only active card.
    #[default]
    Default,
    /// The card with this slug, in its version in force.
    Named(String),
    /// Exactly this version.
    Quoted(Quote),
}

/// The rates for `asked` at `at`: the time of the usage, or now.
///
/// # Errors
///
/// - [`BillingError::Rating`] if there is no card for it, or the card cannot price it.
/// - [`BillingError::Store`] if the store failed; safe to retry.
pub(crate) async fn rate_usage(
    ports: &Ports,
    asked: &PriceUsage,
    at: Timestamp,
) -> Result<RatedUsage, BillingError> {
    let version = version_for(ports, &asked.card, at).await?;
    price(&version, &asked.usage)?;
    let tariff = version.tariff(&asked.usage.meter, &asked.usage.dimensions)?;
    Ok(RatedUsage { tariff, quantities: asked.usage.quantities.clone() })
}

/// The version of `quote`.
pub(super) async fn version_of(
    ports: &Ports,
    quote: &Quote,
) -> Result<Option<Arc<RateCardVersion>>, BillingError> {
    if let Some(kept) = ports.versions.get(quote) {
        return Ok(Some(kept));
    }
    let found = ports.store.catalog.rate_card_version(&quote.card, quote.version).await?;
    Ok(found.map(|version| ports.versions.keep(version)))
}

pub(super) async fn version_for(
    ports: &Ports,
    which: &RateCardRef,
    at: Timestamp,
) -> Result<Arc<RateCardVersion>, BillingError> {
    let quote = match which {
        RateCardRef::Quoted(quote) => quote.clone(),
        RateCardRef::Named(slug) => {
            // An invalid slug is refused without a read.
            let card =
                if check_slug(slug).is_ok() { ports.store.catalog.rate_card(slug).await? } else { None };
            in_force(&card.ok_or_else(|| refused(NoRateCard::Unknown(slug.clone())))?, at)?
        }
        RateCardRef::Default => in_force(&default_card(ports).await?, at)?,
    };
    let version = version_of(ports, &quote).await?;
    version.ok_or_else(|| refused(NoRateCard::UnknownVersion(quote.card, quote.version)))
}

/// The version of `card` in force at `at`.
fn in_force(card: &RateCard, at: Timestamp) -> Result<Quote, BillingError> {
    if !card.active {
        return Err(refused(NoRateCard::NotActive(card.slug.clone())));
    }
    let edition = card.in_force(at).ok_or_else(|| refused(NoRateCard::NotYet(card.slug.clone(), at)))?;
    Ok(Quote { card: card.slug.clone(), version: edition.number })
}

async fn default_card(ports: &Ports) -> Result<RateCard, BillingError> {
    let called_so = ports.store.catalog.rate_card(RateCard::DEFAULT).await?;
    if let Some(card) = called_so.filter(|card| card.active) {
        return Ok(card);
    }
    let mut active = ports.store.catalog.rate_cards().await?.into_iter().filter(|card| card.active);
    match (active.next(), active.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(refused(NoRateCard::NoDefault)),
    }
}

fn refused(why: NoRateCard) -> BillingError {
    RatingRefusal::from(why).into()
}
