//! Publishing a rate card.

use super::check::{MAX_VERSIONS, check_meters};
use super::{MarkupPercent, Meter, RateCard, RateCardVersion, VersionTerms};
use crate::catalog::{CatalogRefusal, check_slug, check_text};
use crate::values::{RateCardId, Timestamp};

/// A card as submitted by an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateCardDraft {
    /// The unique name for programs.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// A one-sentence description.
    pub description: String,
    /// Whether new usage can be priced with it.
    pub active: bool,
    /// The time from which its rates are in force; now if none.
    pub effective_at: Option<Timestamp>,
    /// The markup of all meters without their own, in percent.
    pub markup: MarkupPercent,
    /// The meters with their rates.
    pub meters: Vec<Meter>,
}

/// The published card, and its new version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The card, with the row version that was read.
    pub card: RateCard,
    /// The new version; none if the same rates are already in force at that time.
    pub version: Option<RateCardVersion>,
}

impl RateCardDraft {
    /// Publishes the draft as a change of `known`, or as a new card with id `fresh`.
    ///
    /// Rates that differ from those in force at the draft's time, `replaced`, become a new version. It may start now
    /// or later, never in the past: past prices do not change. Only a card's first version may start earlier, because
    /// nothing was priced with it. `now` is the card's own [`moment`](RateCard::moment).
    ///
    /// # Errors
    ///
    /// [`CatalogRefusal::Invalid`] names the first invalid field.
    pub fn publish(
        &self,
        known: Option<&RateCard>,
        replaced: Option<&RateCardVersion>,
        fresh: RateCardId,
        now: Timestamp,
    ) -> Result<Publication, CatalogRefusal> {
        self.check()?;
        let mut card = known.cloned().unwrap_or_else(|| RateCard {
            id: fresh,
            slug: self.slug.clone(),
            name: String::new(),
            description: String::new(),
            active: true,
            versions: Vec::new(),
            created_at: now,
            version: 0,
        });
        card.name.clone_from(&self.name);
        card.description.clone_from(&self.description);
        card.active = self.active;
        let same =
            |replaced: &RateCardVersion| (&replaced.meters, replaced.markup) == (&self.meters, self.markup);
        if replaced.is_some_and(same) {
            return Ok(Publication { card, version: None });
        }
        let effective_at = self.effective_at.unwrap_or(now);
        if effective_at < now && !card.versions.is_empty() {
            let problem = format!("must not lie before now, {now}: what was priced stays priced");
            return Err(CatalogRefusal::invalid("effective_at", problem));
        }
        if card.versions.len() >= MAX_VERSIONS {
            let problem = format!("cannot change any more: a rate card has at most {MAX_VERSIONS} versions");
            return Err(CatalogRefusal::invalid("meters", problem));
        }
        let edition = VersionTerms { number: card.next_number(), effective_at, published_at: now };
        card.versions.push(edition);
        let (markup, meters) = (self.markup, self.meters.clone());
        let version = RateCardVersion { card: self.slug.clone(), edition, markup, meters };
        Ok(Publication { card, version: Some(version) })
    }

    /// Validates the draft for publishing.
    ///
    /// # Errors
    ///
    /// [`CatalogRefusal::Invalid`] names the first invalid field.
    pub fn check(&self) -> Result<(), CatalogRefusal> {
        check_slug(&self.slug)?;
        check_text("name", &self.name, 100)?;
        if self.description.chars().count() > 1_000 {
            return Err(CatalogRefusal::invalid("description", "takes at most 1000 characters"));
        }
        check_meters(&self.meters)
    }
}
