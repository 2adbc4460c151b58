//! A rate card and its versions.

use super::{MarkupPercent, Meter, Quote};
use crate::values::{RateCardId, Timestamp};

/// A card of rates that prices usage in credits.
///
/// Its rates are in immutable versions: a price can always be computed again with the same result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateCard {
    /// The card's id.
    pub id: RateCardId,
    /// The unique name for programs. Immutable, because quotes contain it.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// A one-sentence description.
    pub description: String,
    /// Whether new usage can be priced with it. Quotes stay valid in any case.
    pub active: bool,
    /// Its versions, by number.
    pub versions: Vec<VersionTerms>,
    /// When it was created.
    pub created_at: Timestamp,
    /// The row's version; 0 if not stored yet.
    pub version: i64,
}

/// When a version of a card takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionTerms {
    /// The version's number: 1, 2, 3 …
    pub number: u32,
    /// The time from which it is in force, until a later version is.
    pub effective_at: Timestamp,
    /// When it was published.
    pub published_at: Timestamp,
}

/// One immutable version of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateCardVersion {
    /// The card's slug.
    pub card: String,
    /// Its number and times.
    pub edition: VersionTerms,
    /// The markup of all meters without their own, in percent.
    pub markup: MarkupPercent,
    /// The meters with their rates.
    pub meters: Vec<Meter>,
}

impl RateCard {
    /// The slug of the card for usage that names none.
    pub const DEFAULT: &'static str = "default";

    /// The version in force at `moment`: the latest one that is effective by then; of two with the same effective
    /// time, the one published later. None before the first.
    pub fn in_force(&self, moment: Timestamp) -> Option<VersionTerms> {
        let begun = self.versions.iter().filter(|edition| edition.effective_at <= moment);
        begun.max_by_key(|edition| (edition.effective_at, edition.number)).copied()
    }

    /// The versions that will be in force after `moment`, in order of time, without those that were replaced before
    /// their effective time.
    pub fn coming(&self, moment: Timestamp) -> Vec<VersionTerms> {
        let mut coming: Vec<_> =
            self.versions.iter().filter(|edition| edition.effective_at > moment).collect();
        coming.retain(|edition| self.in_force(edition.effective_at) == Some(**edition));
        coming.sort_by_key(|edition| edition.effective_at);
        coming.into_iter().copied().collect()
    }

    /// The time of a publication: `now`, but not before the last publication, which another machine's clock may have
    /// dated up to five minutes ahead. This keeps publications ordered.
    pub fn moment(&self, now: Timestamp) -> Timestamp {
        let published = self.versions.iter().map(|edition| edition.published_at);
        published.filter(|moment| moment.seconds_since(now) < 300).fold(now, Timestamp::max)
    }

    /// The number of the next version.
    pub fn next_number(&self) -> u32 {
        self.versions.iter().map(|edition| edition.number).max().unwrap_or(0).saturating_add(1)
    }
}

impl RateCardVersion {
    /// The meter with this name.
    pub fn meter(&self, name: &str) -> Option<&Meter> {
        self.meters.iter().find(|meter| meter.name == name)
    }

    /// The quote for this version.
    pub fn quote(&self) -> Quote {
        Quote { card: self.card.clone(), version: self.edition.number }
    }
}
