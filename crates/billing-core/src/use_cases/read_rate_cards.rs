//! Reads rate cards.

use super::publish_rate_card::{ShownRateCard, version_at, version_numbered};
use crate::BillingError;
use crate::billing::Ports;
use crate::catalog::{RateCard, check_slug};
use crate::values::Timestamp;

/// All cards, oldest first, each in the form of [`read_rate_card`].
pub(crate) async fn read_rate_cards(ports: &Ports) -> Result<Vec<ShownRateCard>, BillingError> {
    let now = ports.clock.now();
    let mut shown = Vec::new();
    for card in ports.store.catalog.rate_cards().await? {
        shown.extend(show(ports, card, now).await?);
    }
    Ok(shown)
}

/// The card with the version in force, or with its first one if that is not in force yet.
pub(crate) async fn read_rate_card(ports: &Ports, slug: &str) -> Result<ShownRateCard, BillingError> {
    let card = known(ports, slug).await?;
    show(ports, card, ports.clock.now()).await?.ok_or_else(|| BillingError::not_found("rate card", slug))
}

/// The card with one version, whether it is in force or not.
pub(crate) async fn read_rate_card_version(
    ports: &Ports,
    slug: &str,
    number: u32,
) -> Result<ShownRateCard, BillingError> {
    let card = known(ports, slug).await?;
    if !card.versions.iter().any(|edition| edition.number == number) {
        return Err(BillingError::not_found("rate card version", format_args!("{slug}@{number}")));
    }
    let version = version_numbered(ports, &card, number).await?;
    let in_force = card.in_force(ports.clock.now()).map(|edition| edition.number);
    Ok(ShownRateCard { card, version, in_force })
}

/// An invalid slug is refused without a read.
async fn known(ports: &Ports, slug: &str) -> Result<RateCard, BillingError> {
    let card = if check_slug(slug).is_ok() { ports.store.catalog.rate_card(slug).await? } else { None };
    card.ok_or_else(|| BillingError::not_found("rate card", slug))
}

/// None for a card without versions, which is never created.
async fn show(ports: &Ports, card: RateCard, now: Timestamp) -> Result<Option<ShownRateCard>, BillingError> {
    let in_force = card.in_force(now).map(|edition| edition.number);
    let version = match (in_force, card.coming(now).first()) {
        (Some(_), _) => version_at(ports, &card, now).await?,
        (None, Some(first)) => Some(version_numbered(ports, &card, first.number).await?),
        (None, None) => None,
    };
    Ok(version.map(|version| ShownRateCard { card, version, in_force }))
}
