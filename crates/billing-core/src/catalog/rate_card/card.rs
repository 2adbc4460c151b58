//! A rate card and its versions.

use super::{MarkupPercent, Meter, Quote};
use crate::values::{RateCardId, Timestamp};

/// A card of rates that prices usage in credits.
///
/// Its rates lie in versions, which never change: what was priced once can be priced again the same for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateCard {
    /// The card's id.
    pub id: RateCardId,
    /// What programs call it. Unique, and never changes: quotes name it.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// One sentence about it.
    pub description: String,
    /// Whether new usage can be priced with it. A quote holds all the same.
    pub active: bool,
    /// Its versions, by number.
    pub versions: Vec<VersionTerms>,
    /// When it was made.
    pub created_at: Timestamp,
    /// How often it was written; 0 before the first time.
    pub version: i64,
}

/// When a version of a card takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionTerms {
    /// The version's number: 1, 2, 3 …
    pub number: u32,
    /// From when on it is in force, until a later one is.
    pub effective_at: Timestamp,
    /// When it was published.
    pub published_at: Timestamp,
}

/// One version of a card. It never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateCardVersion {
    /// The card's slug.
    pub card: String,
    /// Its number and times.
    pub edition: VersionTerms,
    /// What is added to the prices of all meters that do not say otherwise, in percent.
    pub markup: MarkupPercent,
    /// What can be used, and what it costs.
    pub meters: Vec<Meter>,
}

impl RateCard {
    /// The slug of the card that prices usage which names none.
    pub const DEFAULT: &'static str = "default";

    /// The version in force at `moment`: the latest that is effective by then; of two that are effective from
    /// the same moment on, the one that was published later. None before the first.
    pub fn in_force(&self, moment: Timestamp) -> Option<VersionTerms> {
        let begun = self.versions.iter().filter(|edition| edition.effective_at <= moment);
        begun.max_by_key(|edition| (edition.effective_at, edition.number)).copied()
    }

    /// The versions that will be in force after `moment`, in order of time. What a later publication has
    /// replaced before it took effect is not among them.
    pub fn coming(&self, moment: Timestamp) -> Vec<VersionTerms> {
        let mut coming: Vec<_> =
            self.versions.iter().filter(|edition| edition.effective_at > moment).collect();
        coming.retain(|edition| self.in_force(edition.effective_at) == Some(**edition));
        coming.sort_by_key(|edition| edition.effective_at);
        coming.into_iter().copied().collect()
    }

    /// The moment that is now for whoever publishes: `now`, but not before the last publication, where another
    /// machine's clock was ahead by up to five minutes. What is published later then also counts later.
    pub fn moment(&self, now: Timestamp) -> Timestamp {
        let published = self.versions.iter().map(|edition| edition.published_at);
        published.filter(|moment| moment.seconds_since(now) < 300).fold(now, Timestamp::max)
    }

    /// The number that the next version gets.
    pub fn next_number(&self) -> u32 {
        self.versions.iter().map(|edition| edition.number).max().unwrap_or(0).saturating_add(1)
    }
}

impl RateCardVersion {
    /// The meter that usage is reported under.
    pub fn meter(&self, name: &str) -> Option<&Meter> {
        self.meters.iter().find(|meter| meter.name == name)
    }

    /// What pins usage to this version.
    pub fn quote(&self) -> Quote {
        Quote { card: self.card.clone(), version: self.edition.number }
    }
}
