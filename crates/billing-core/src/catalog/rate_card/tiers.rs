//! Tiered prices.

use std::num::NonZeroU32;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::UnitPrice;
use crate::catalog::CatalogRefusal;
use crate::values::text_enum;

text_enum! {
    /// How tiers price units, as in Stripe.
    TiersMode, "tiers mode", {
        /// Each unit costs the price of its tier.
        Graduated = "graduated",
        /// All units of a usage cost the price of the tier that the total reaches.
        Volume = "volume",
    }
}

text_enum! {
    /// The units that tiers count.
    TiersScope, "tiers scope", {
        /// Those of one call, from 0. All captures of a hold are one call.
        Call = "call",
        /// Those of an account in a calendar month of its time zone.
        Month = "month",
    }
}

/// A number of credits per number of units, in proportion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitRate {
    /// The credits.
    pub credits: UnitPrice,
    /// The number of units.
    pub per: NonZeroU32,
}

/// The price of one quantity: the same for every unit, or by tiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RatePrice {
    /// Every unit costs the same.
    PerUnit(UnitRate),
    /// The price of a unit depends on the number of units.
    Tiered(Tiers),
}

/// A list of tiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tiers {
    /// How they price units.
    #[serde(rename = "tiers_mode")]
    pub mode: TiersMode,
    /// The units that they count.
    #[serde(rename = "tiers_scope")]
    pub scope: TiersScope,
    /// The tiers, each starting where the previous one ends; the last has no end.
    pub tiers: Vec<Tier>,
}

/// One tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// Its last unit, with at most 6 decimals; none for the last tier.
    #[serde(default, with = "optional_units", skip_serializing_if = "Option::is_none")]
    pub up_to: Option<Decimal>,
    /// The price of its units.
    #[serde(flatten)]
    pub rate: UnitRate,
    /// A flat amount, added once when the tier is reached.
    #[serde(default, skip_serializing_if = "UnitPrice::is_zero")]
    pub flat: UnitPrice,
}

/// A rate's price as submitted: `credits` and `per`, or `tiers` with their mode and scope.
#[derive(Debug, Clone, Default)]
pub struct RatePriceParts {
    /// The credits.
    pub credits: Option<UnitPrice>,
    /// The number of units; 1 by default.
    pub per: Option<NonZeroU32>,
    /// The tiers.
    pub tiers: Option<Vec<Tier>>,
    /// How they price units.
    pub tiers_mode: Option<TiersMode>,
    /// The units that they count; each call by default.
    pub tiers_scope: Option<TiersScope>,
}

impl RatePrice {
    /// Free of charge.
    pub const FREE: Self = Self::PerUnit(UnitRate { credits: UnitPrice::ZERO, per: NonZeroU32::MIN });

    /// The price per unit, if it is the same for all.
    pub fn per_unit(&self) -> Option<&UnitRate> {
        match self {
            Self::PerUnit(rate) => Some(rate),
            Self::Tiered(_) => None,
        }
    }

    /// The tiers, if it has any.
    pub fn tiers(&self) -> Option<&Tiers> {
        match self {
            Self::PerUnit(_) => None,
            Self::Tiered(tiers) => Some(tiers),
        }
    }

    /// Whether it has monthly tiers.
    pub fn is_monthly(&self) -> bool {
        self.tiers().is_some_and(|tiers| tiers.scope == TiersScope::Month)
    }
}

impl TryFrom<RatePriceParts> for RatePrice {
    type Error = CatalogRefusal;

    fn try_from(parts: RatePriceParts) -> Result<Self, CatalogRefusal> {
        let RatePriceParts { credits, per, tiers, tiers_mode, tiers_scope } = parts;
        let Some(tiers) = tiers else {
            if tiers_mode.is_some() {
                return Err(CatalogRefusal::invalid("tiers_mode", "needs `tiers`"));
            }
            if tiers_scope.is_some() {
                return Err(CatalogRefusal::invalid("tiers_scope", "needs `tiers`"));
            }
            let credits =
                credits.ok_or_else(|| CatalogRefusal::invalid("credits", "is required, or `tiers`"))?;
            return Ok(Self::PerUnit(UnitRate { credits, per: per.unwrap_or(NonZeroU32::MIN) }));
        };
        if credits.is_some() || per.is_some() {
            let other = if credits.is_some() { "credits" } else { "per" };
            let problem = format!("cannot stand together with `{other}`: each tier has its own");
            return Err(CatalogRefusal::invalid("tiers", problem));
        }
        let mode = tiers_mode
            .ok_or_else(|| CatalogRefusal::invalid("tiers_mode", "is required: `graduated` or `volume`"))?;
        Ok(Self::Tiered(Tiers { mode, scope: tiers_scope.unwrap_or(TiersScope::Call), tiers }))
    }
}

/// Serialization of units as exact decimal text.
mod optional_units {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::values::parse_decimal;

    #[expect(clippy::ref_option, reason = "serde passes the field by reference")]
    pub(super) fn serialize<S: Serializer>(units: &Option<Decimal>, to: S) -> Result<S::Ok, S::Error> {
        match units {
            Some(units) => to.collect_str(&units.normalize()),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Decimal>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| parse_decimal(&text).map_err(Error::custom)).transpose()
    }
}
