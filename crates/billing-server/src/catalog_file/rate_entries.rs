//! Rate cards as they stand in the file.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use billing_core::catalog::{Meter, Rate, Rounding};
use billing_core::requests::RateCardDraft;
use serde::Deserialize;

use super::entries::yes;
use super::number::{Credits, Moment};

/// The rates of a card from one moment on. A card may stand several times, for several moments.
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
    #[serde(default = "carry")]
    rounding: Rounding,
    #[serde(default)]
    rates: Vec<RateEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RateEntry {
    quantity: String,
    credits: Credits,
    #[serde(default = "one")]
    per: NonZeroU32,
    #[serde(default)]
    when: BTreeMap<String, String>,
}

impl From<RateCardEntry> for RateCardDraft {
    fn from(card: RateCardEntry) -> Self {
        Self {
            slug: card.slug,
            name: card.name,
            description: card.description,
            active: card.active,
            effective_at: card.effective_at.map(|moment| moment.0),
            meters: card.meters.into_iter().map(Meter::from).collect(),
        }
    }
}

impl From<MeterEntry> for Meter {
    fn from(meter: MeterEntry) -> Self {
        Self {
            name: meter.name,
            dimensions: meter.dimensions,
            rates: meter.rates.into_iter().map(Rate::from).collect(),
            per_call: meter.per_call.0,
            minimum: meter.minimum.0,
            rounding: meter.rounding,
        }
    }
}

impl From<RateEntry> for Rate {
    fn from(mut rate: RateEntry) -> Self {
        // A star says what leaving the dimension out says.
        rate.when.retain(|_, value| value != "*");
        Self { quantity: rate.quantity, when: rate.when, credits: rate.credits.0, per: rate.per }
    }
}

fn carry() -> Rounding {
    Rounding::Carry
}

fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}
