//! Publishes rate cards and their versions.

use std::sync::Arc;

use super::price_usage::version_of;
use super::retry::retry;
use crate::BillingError;
use crate::billing::Ports;
use crate::catalog::{CatalogRefusal, Publication, Quote, RateCard, RateCardDraft, RateCardVersion};
use crate::changes::Changes;
use crate::ports::StoreError;
use crate::values::{RateCardId, Timestamp};

/// A card with one of its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownRateCard {
    /// The card.
    pub card: RateCard,
    /// One of its versions.
    pub version: Arc<RateCardVersion>,
    /// The number of the version that is in force now, if one is.
    pub in_force: Option<u32>,
}

/// Publishes `draft` as a new card, or as a change of the one with its slug, according to `new`. Returns the card with
/// the version in force from the draft's time on: a new one only if its rates differ.
pub(crate) async fn publish_rate_card(
    ports: &Ports,
    new: bool,
    draft: &RateCardDraft,
) -> Result<ShownRateCard, BillingError> {
    draft.check()?;
    retry(ports, || async move {
        let now = ports.clock.now();
        let known = ports.store.catalog.rate_card(&draft.slug).await?;
        match &known {
            Some(_) if new => return Err(CatalogRefusal::SlugTaken { slug: draft.slug.clone() }.into()),
            None if !new => return Err(BillingError::not_found("rate card", &draft.slug).into()),
            _ => {}
        }
        let moment = known.as_ref().map_or(now, |known| known.moment(now));
        let replaced = match &known {
            Some(known) => version_at(ports, known, draft.effective_at.unwrap_or(moment)).await?,
            None => None,
        };
        let Publication { mut card, version } =
            draft.publish(known.as_ref(), replaced.as_deref(), RateCardId::new(&*ports.ids), moment)?;
        if known.as_ref() != Some(&card) {
            let changes = Changes {
                rate_cards: vec![card.clone()],
                rate_card_versions: version.iter().cloned().collect(),
                ..Changes::default()
            };
            ports.store.writer.commit(changes, now).await?;
            card.version = card.version.saturating_add(1);
        }
        let version = version.map(Arc::new).or(replaced);
        let version = version.ok_or_else(|| missing(&card.slug, 0))?;
        let in_force = card.in_force(now).map(|edition| edition.number);
        Ok(ShownRateCard { card, version, in_force })
    })
    .await
}

/// The version of `card` in force at `moment`.
pub(super) async fn version_at(
    ports: &Ports,
    card: &RateCard,
    moment: Timestamp,
) -> Result<Option<Arc<RateCardVersion>>, BillingError> {
    match card.in_force(moment) {
        Some(edition) => version_numbered(ports, card, edition.number).await.map(Some),
        None => Ok(None),
    }
}

/// The version of `card` with this number, which must exist.
pub(super) async fn version_numbered(
    ports: &Ports,
    card: &RateCard,
    number: u32,
) -> Result<Arc<RateCardVersion>, BillingError> {
    let quote = Quote { card: card.slug.clone(), version: number };
    version_of(ports, &quote).await?.ok_or_else(|| missing(&card.slug, number))
}

fn missing(slug: &str, number: u32) -> BillingError {
    StoreError::Corrupt(format!("the rate card {slug} has no version {number}")).into()
}
