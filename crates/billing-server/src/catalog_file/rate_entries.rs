//! Rate cards in the file.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use billing_core::catalog::{
    CatalogRefusal, Meter, Rate, RatePrice, RatePriceParts, Rounding, Tier, TiersMode, TiersScope, UnitRate,
};
use billing_core::requests::RateCardDraft;
use serde::Deserialize;

use super::entries::yes;
use super::number::{Credits, Exact, Markup, Moment};

/// The rates of a card from one time on. A card may appear several times, for several times.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RateCardEntry {
    slug: String,
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default = "yes")]
    active: bool,
    effective_at: Option<Moment>,
    #[serde(default)]
    markup_percent: Markup,
    meters: Vec<MeterEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MeterEntry {
    name: String,
    #[serde(default)]
    dimensions: Vec<String>,
    #[serde(default)]
    per_call: Credits,
    #[serde(default)]
    minimum: Credits,
    markup_percent: Option<Markup>,
    #[serde(default = "carry")]
    rounding: Rounding,
    #[serde(default)]
    rates: Vec<RateEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "WrittenRate")]
struct RateEntry(Rate);

/// A rate before its price is validated.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRate {
    quantity: String,
    credits: Option<Credits>,
    per: Option<NonZeroU32>,
    #[serde(default)]
    when: BTreeMap<String, String>,
    tiers_mode: Option<TiersMode>,
    tiers_scope: Option<TiersScope>,
    tiers: Option<Vec<TierEntry>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TierEntry {
    up_to: Option<Exact>,
    credits: Credits,
    #[serde(default = "one")]
    per: NonZeroU32,
    #[serde(default)]
    flat: Credits,
}

impl From<RateCardEntry> for RateCardDraft {
    fn from(card: RateCardEntry) -> Self {
        Self {
            slug: card.slug,
            name: card.name,
            description: card.description,
            active: card.active,
            effective_at: card.effective_at.map(|moment| moment.0),
            markup: card.markup_percent.0,
            meters: card.meters.into_iter().map(Meter::from).collect(),
        }
    }
}

impl From<MeterEntry> for Meter {
    fn from(meter: MeterEntry) -> Self {
        Self {
            name: meter.name,
            dimensions: meter.dimensions,
            rates: meter.rates.into_iter().map(|RateEntry(rate)| rate).collect(),
            per_call: meter.per_call.0,
            minimum: meter.minimum.0,
            markup: meter.markup_percent.map(|markup| markup.0),
            rounding: meter.rounding,
        }
    }
}

impl TryFrom<WrittenRate> for RateEntry {
    type Error = CatalogRefusal;

    fn try_from(mut rate: WrittenRate) -> Result<Self, CatalogRefusal> {
        // A star means the same as a missing dimension.
        rate.when.retain(|_, value| value != "*");
        let price = RatePrice::try_from(RatePriceParts {
            credits: rate.credits.map(|credits| credits.0),
            per: rate.per,
            tiers: rate.tiers.map(|tiers| tiers.into_iter().map(Tier::from).collect()),
            tiers_mode: rate.tiers_mode,
            tiers_scope: rate.tiers_scope,
        })?;
        Ok(Self(Rate { quantity: rate.quantity, when: rate.when, price }))
    }
}

impl From<TierEntry> for Tier {
    fn from(tier: TierEntry) -> Self {
        Self {
            up_to: tier.up_to.map(|units| units.0),
            rate: UnitRate { credits: tier.credits.0, per: tier.per },
            flat: tier.flat.0,
        }
    }
}

fn carry() -> Rounding {
    Rounding::Carry
}

fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}
