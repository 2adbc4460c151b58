//! What publishing a card comes to.

use super::check::{MAX_VERSIONS, check_meters};
use super::{MarkupPercent, Meter, RateCard, RateCardVersion, VersionTerms};
use crate::catalog::{CatalogRefusal, check_slug, check_text};
use crate::values::{RateCardId, Timestamp};

/// A card as an operator writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateCardDraft {
    /// What programs call it.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// One sentence about it.
    pub description: String,
    /// Whether new usage can be priced with it.
    pub active: bool,
    /// From when on its rates are in force; at once when nothing is said.
    pub effective_at: Option<Timestamp>,
    /// What is added to the prices of all meters that do not say otherwise, in percent.
    pub markup: MarkupPercent,
    /// What can be used, and what it costs.
    pub meters: Vec<Meter>,
}

/// A card as it will be, and the version that is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The card, still with the version of its row that was read.
    pub card: RateCard,
    /// The new version; none where the rates are in force already at the wanted moment.
    pub version: Option<RateCardVersion>,
}

impl RateCardDraft {
    /// Publishes the draft over `known`, or as a new card with id `fresh`.
    ///
    /// Rates that differ from those in force at the draft's moment, `replaced`, become a new version; it may
    /// begin now or later, never in the past: what was priced stays priced. Only a card's first version may
    /// begin earlier, as nothing was priced with it before. `now` is the card's own
    /// [`moment`](RateCard::moment).
    ///
    /// # Errors
    ///
    /// [`CatalogRefusal::Invalid`] names the first field that is off.
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

    /// Checks that the draft can be published as it is written.
    ///
    /// # Errors
    ///
    /// [`CatalogRefusal::Invalid`] names the first field that is off.
    pub fn check(&self) -> Result<(), CatalogRefusal> {
        check_slug(&self.slug)?;
        check_text("name", &self.name, 100)?;
        if self.description.chars().count() > 1_000 {
            return Err(CatalogRefusal::invalid("description", "takes at most 1000 characters"));
        }
        check_meters(&self.meters)
    }
}
