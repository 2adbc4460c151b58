//! Rate cards.

use billing_core::catalog::{MarkupPercent, Meter, Rounding, VersionTerms};
use billing_core::requests::{RateCardDraft, ShownRateCard};
use billing_core::values::{ParseTimestampError, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rates::{RateBody, RateView, unit_price};
use crate::problem::Problem;
use crate::request::Exact;

/// A rate card as submitted by an operator.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RateCardBody {
    /// The unique name for programs; `default` prices usage that names no card. Only for a new card: it is immutable.
    slug: Option<String>,
    name: String,
    #[serde(default)]
    description: String,
    /// Whether new usage can be priced with it; true by default.
    active: Option<bool>,
    /// The time from which the rates are in force; RFC 3339. Now by default, and never in the past.
    effective_at: Option<String>,
    /// The markup of all meters without their own, in percent: -100 to 10,000, with up to 4 decimals; 0 by default.
    markup_percent: Option<Exact>,
    /// 1 to 100.
    meters: Vec<MeterBody>,
}

/// The prices of one kind of usage.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MeterBody {
    /// Its name: `[a-z0-9_]{1,40}`.
    name: String,
    /// The dimensions that rates depend on, such as `model`, in order of precedence; up to 5.
    #[serde(default)]
    dimensions: Vec<String>,
    /// The rates of the quantities; up to 1,000 for up to 20 quantities.
    #[serde(default)]
    rates: Vec<RateBody>,
    /// Credits per usage, independent of its quantities.
    per_call: Option<Exact>,
    /// The minimum credits per usage, after the markup.
    minimum: Option<Exact>,
    /// The markup in percent, in place of the card's own `markup_percent`.
    markup_percent: Option<Exact>,
    /// What happens to fractions of a credit: `carry` (default) carries them for the account and meter until they make
    /// a credit, `up` and `nearest` round each usage.
    rounding: Option<String>,
}

/// A rate card with the rates of one version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RateCardView {
    id: String,
    slug: String,
    name: String,
    description: String,
    active: bool,
    /// The shown version.
    version: u32,
    /// The time from which it is in force; RFC 3339, UTC.
    effective_at: String,
    published_at: String,
    /// The markup of all meters without their own, in percent as decimal text.
    markup_percent: String,
    meters: Vec<MeterView>,
    /// The version in force now; null before the first.
    in_force: Option<u32>,
    /// All versions, by number.
    versions: Vec<VersionView>,
}

/// The terms of a version of a rate card.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionView {
    version: u32,
    /// The time from which it is in force, until a later one is; RFC 3339, UTC.
    effective_at: String,
    published_at: String,
}

/// The prices of one kind of usage.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeterView {
    name: String,
    dimensions: Vec<String>,
    rates: Vec<RateView>,
    /// Decimal text.
    per_call: String,
    /// Decimal text.
    minimum: String,
    /// In place of the card's own, in percent as decimal text; left out if the card's applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    markup_percent: Option<String>,
    rounding: String,
}

impl RateCardBody {
    /// The draft of a new card.
    pub(crate) fn into_new(mut self) -> Result<RateCardDraft, Problem> {
        let slug = self.slug.take().ok_or_else(|| Problem::invalid("slug", "is required"))?;
        self.into_draft(slug)
    }

    /// The draft of a change of the card `slug`.
    pub(crate) fn into_change(self, slug: &str) -> Result<RateCardDraft, Problem> {
        if self.slug.as_deref().is_some_and(|other| other != slug) {
            return Err(Problem::invalid("slug", "never changes: quotes name it"));
        }
        self.into_draft(slug.to_owned())
    }

    fn into_draft(self, slug: String) -> Result<RateCardDraft, Problem> {
        let moment = self.effective_at.as_deref().map(str::parse::<Timestamp>).transpose();
        let meters = self.meters.into_iter().enumerate();
        Ok(RateCardDraft {
            slug,
            name: self.name,
            description: self.description,
            active: self.active.unwrap_or(true),
            effective_at: moment
                .map_err(|problem: ParseTimestampError| Problem::invalid("effective_at", problem))?,
            markup: markup(self.markup_percent, "markup_percent")?.unwrap_or_default(),
            meters: meters
                .map(|(place, meter)| meter.into_meter(&format!("meters[{place}]")))
                .collect::<Result<_, _>>()?,
        })
    }
}

impl MeterBody {
    fn into_meter(self, place: &str) -> Result<Meter, Problem> {
        let rounding = self.rounding.as_deref().map(str::parse).transpose();
        let rounding = rounding.map_err(|problem| Problem::invalid(&format!("{place}.rounding"), problem))?;
        let rates = self.rates.into_iter().enumerate();
        Ok(Meter {
            name: self.name,
            dimensions: self.dimensions,
            rates: rates
                .map(|(number, rate)| rate.into_rate(&format!("{place}.rates[{number}]")))
                .collect::<Result<_, _>>()?,
            per_call: unit_price(self.per_call, || format!("{place}.per_call"))?,
            minimum: unit_price(self.minimum, || format!("{place}.minimum"))?,
            markup: markup(self.markup_percent, &format!("{place}.markup_percent"))?,
            rounding: rounding.unwrap_or(Rounding::Carry),
        })
    }
}

fn markup(percent: Option<Exact>, place: &str) -> Result<Option<MarkupPercent>, Problem> {
    let percent = percent.map(|Exact(percent)| MarkupPercent::try_new(percent)).transpose();
    percent.map_err(|problem| Problem::invalid(place, problem))
}

impl From<ShownRateCard> for RateCardView {
    fn from(shown: ShownRateCard) -> Self {
        let ShownRateCard { card, version, in_force } = shown;
        Self {
            id: card.id.to_string(),
            version: version.edition.number,
            effective_at: version.edition.effective_at.to_string(),
            published_at: version.edition.published_at.to_string(),
            markup_percent: version.markup.to_string(),
            meters: version.meters.iter().map(MeterView::from).collect(),
            in_force,
            versions: card.versions.iter().map(VersionView::from).collect(),
            slug: card.slug,
            name: card.name,
            description: card.description,
            active: card.active,
        }
    }
}

impl From<&VersionTerms> for VersionView {
    fn from(edition: &VersionTerms) -> Self {
        Self {
            version: edition.number,
            effective_at: edition.effective_at.to_string(),
            published_at: edition.published_at.to_string(),
        }
    }
}

impl From<&Meter> for MeterView {
    fn from(meter: &Meter) -> Self {
        Self {
            name: meter.name.clone(),
            dimensions: meter.dimensions.clone(),
            rates: meter.rates.iter().map(RateView::from).collect(),
            per_call: meter.per_call.to_string(),
            minimum: meter.minimum.to_string(),
            markup_percent: meter.markup.map(|markup| markup.to_string()),
            rounding: meter.rounding.to_string(),
        }
    }
}
