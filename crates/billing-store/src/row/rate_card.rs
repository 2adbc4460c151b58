//! Rows of rate cards and their versions.
//!
//! Meters are stored as JSON with all rates as text, so that no digit passes through a float; times are microseconds,
//! as in every other column.

use billing_core::catalog::{RateCard, RateCardVersion, VersionTerms};
use billing_core::ports::StoreError;
use billing_core::values::RateCardId;
use serde::{Deserialize, Serialize};

use super::read::{Reader, at, to_json};
use crate::entity::{rate_card_versions, rate_cards};

/// A version in a card's row.
#[derive(Serialize, Deserialize)]
struct VersionRow {
    number: u32,
    effective_at: i64,
    published_at: i64,
}

/// The row of `card`, at the next version.
pub(crate) fn rate_card_model(card: &RateCard) -> rate_cards::Model {
    let versions = card.versions.iter().map(|edition| VersionRow {
        number: edition.number,
        effective_at: edition.effective_at.micros(),
        published_at: edition.published_at.micros(),
    });
    rate_cards::Model {
        id: card.id.uuid(),
        slug: card.slug.clone(),
        name: card.name.clone(),
        description: card.description.clone(),
        active: card.active,
        versions: to_json(&versions.collect::<Vec<_>>()),
        created_at: card.created_at.micros(),
        version: card.version.saturating_add(1),
    }
}

pub(crate) fn read_rate_card(row: rate_cards::Model) -> Result<RateCard, StoreError> {
    let read = Reader::new("rate_cards", row.id);
    let versions = read.json::<Vec<VersionRow>>("versions", &row.versions)?;
    let versions = versions.into_iter().map(|row| VersionTerms {
        number: row.number,
        effective_at: at(row.effective_at),
        published_at: at(row.published_at),
    });
    Ok(RateCard {
        id: RateCardId::from_uuid(row.id),
        slug: row.slug,
        name: row.name,
        description: row.description,
        active: row.active,
        versions: versions.collect(),
        created_at: at(row.created_at),
        version: row.version,
    })
}

/// The row of `version`.
pub(crate) fn rate_card_version_model(version: &RateCardVersion) -> rate_card_versions::Model {
    rate_card_versions::Model {
        card: version.card.clone(),
        number: i64::from(version.edition.number),
        effective_at: version.edition.effective_at.micros(),
        published_at: version.edition.published_at.micros(),
        markup: version.markup.to_string(),
        meters: to_json(&version.meters),
    }
}

pub(crate) fn read_rate_card_version(row: rate_card_versions::Model) -> Result<RateCardVersion, StoreError> {
    let read = Reader::new("rate_card_versions", format!("{}@{}", row.card, row.number));
    let edition = VersionTerms {
        number: read.small("number", row.number)?,
        effective_at: at(row.effective_at),
        published_at: at(row.published_at),
    };
    let markup = read.parse("markup", &row.markup)?;
    Ok(RateCardVersion { edition, markup, meters: read.json("meters", &row.meters)?, card: row.card })
}
