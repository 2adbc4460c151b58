//! Rates and tiers of rate cards.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use billing_core::catalog::{
    CatalogRefusal, Rate, RatePrice, RatePriceParts, Tier, TiersMode, TiersScope, UnitPrice, UnitRate,
};
use billing_core::values::UnknownVariant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::request::{Exact, Whole};

/// The price of one quantity: credits per number of units, in proportion, or `tiers`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RateBody {
    /// `[a-z0-9_]{1,40}`, or `*` for every quantity without a rate of its own.
    quantity: String,
    /// The values of the dimensions; a missing one, or `*`, matches any value. The most specific matching rate wins;
    /// dimensions take precedence in their order.
    #[serde(default)]
    when: BTreeMap<String, String>,
    /// 0 to 1,000,000,000 credits, with up to 9 decimals; required unless there are `tiers`.
    credits: Option<Exact>,
    /// The number of units: 1 (default) to 1,000,000,000.
    per: Option<Whole>,
    /// 1 to 20 tiers in place of `credits` and `per`, each starting where the previous one ends.
    tiers: Option<Vec<TierBody>>,
    /// `graduated`: each unit costs the price of its tier. `volume`: all units of the usage cost the price of the tier
    /// that the total reaches. Required with `tiers`.
    tiers_mode: Option<String>,
    /// The units that tiers count: those of one `call` (default), or of a `month`, a calendar month of the account's
    /// time zone.
    tiers_scope: Option<String>,
}

/// One tier.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TierBody {
    /// Its last unit, with up to 6 decimals; left out, or null, for the last tier.
    up_to: Option<Exact>,
    /// 0 to 1,000,000,000 credits, with up to 9 decimals.
    credits: Exact,
    /// The number of units: 1 (default) to 1,000,000,000.
    per: Option<Whole>,
    /// A flat amount in credits, added once when the tier is reached.
    flat: Option<Exact>,
}

/// The price of one quantity.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RateView {
    quantity: String,
    when: BTreeMap<String, String>,
    /// Decimal text; left out if there are `tiers`.
    #[serde(skip_serializing_if = "Option::is_none")]
    credits: Option<String>,
    /// Left out if there are `tiers`.
    #[serde(skip_serializing_if = "Option::is_none")]
    per: Option<u32>,
    /// Left out if there are none, like their mode and scope.
    #[serde(skip_serializing_if = "Option::is_none")]
    tiers: Option<Vec<TierView>>,
    /// `graduated` or `volume`.
    #[serde(skip_serializing_if = "Option::is_none")]
    tiers_mode: Option<String>,
    /// `call` or `month`.
    #[serde(skip_serializing_if = "Option::is_none")]
    tiers_scope: Option<String>,
}

/// One tier.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TierView {
    /// Its last unit, as decimal text; null for the last tier.
    up_to: Option<String>,
    /// Decimal text.
    credits: String,
    per: u32,
    /// A flat amount in credits, added once when the tier is reached, as decimal text.
    flat: String,
}

impl RateBody {
    pub(super) fn into_rate(mut self, place: &str) -> Result<Rate, Problem> {
        self.when.retain(|_, value| value != "*");
        let word =
            |name: &str, problem: UnknownVariant| Problem::invalid(&format!("{place}.{name}"), problem);
        let mode = self.tiers_mode.as_deref().map(str::parse::<TiersMode>).transpose();
        let scope = self.tiers_scope.as_deref().map(str::parse::<TiersScope>).transpose();
        let tier = |(number, tier): (usize, TierBody)| tier.into_tier(&format!("{place}.tiers[{number}]"));
        let tiers = self.tiers.map(|tiers| tiers.into_iter().enumerate().map(tier).collect());
        let credits = self.credits.map(|credits| unit_price(Some(credits), || format!("{place}.credits")));
        let parts = RatePriceParts {
            credits: credits.transpose()?,
            per: self.per.map(|per| for_units(Some(per), place)).transpose()?,
            tiers: tiers.transpose()?,
            tiers_mode: mode.map_err(|problem| word("tiers_mode", problem))?,
            tiers_scope: scope.map_err(|problem| word("tiers_scope", problem))?,
        };
        let price = RatePrice::try_from(parts).map_err(|refusal| match refusal {
            CatalogRefusal::Invalid { field, problem } => {
                Problem::invalid(&format!("{place}.{field}"), problem)
            }
            other @ (CatalogRefusal::SlugTaken { .. } | CatalogRefusal::PriceTaken { .. }) => {
                Problem::invalid(place, other)
            }
        })?;
        Ok(Rate { quantity: self.quantity, when: self.when, price })
    }
}

impl TierBody {
    fn into_tier(self, place: &str) -> Result<Tier, Problem> {
        Ok(Tier {
            up_to: self.up_to.map(|Exact(units)| units),
            rate: UnitRate {
                credits: unit_price(Some(self.credits), || format!("{place}.credits"))?,
                per: for_units(self.per, place)?,
            },
            flat: unit_price(self.flat, || format!("{place}.flat"))?,
        })
    }
}

fn for_units(per: Option<Whole>, place: &str) -> Result<NonZeroU32, Problem> {
    let per = u32::try_from(per.map_or(1, |per| per.0)).ok().and_then(NonZeroU32::new);
    per.ok_or_else(|| {
        Problem::invalid(&format!("{place}.per"), "must be a whole number from 1 to 1000000000")
    })
}

/// The number of credits; 0 by default.
pub(super) fn unit_price(credits: Option<Exact>, place: impl Fn() -> String) -> Result<UnitPrice, Problem> {
    let Some(Exact(credits)) = credits else { return Ok(UnitPrice::ZERO) };
    UnitPrice::try_new(credits).map_err(|problem| Problem::invalid(&place(), problem))
}

impl From<&Rate> for RateView {
    fn from(rate: &Rate) -> Self {
        let (unit, tiers) = match &rate.price {
            RatePrice::PerUnit(unit) => (Some(unit), None),
            RatePrice::Tiered(tiers) => (None, Some(tiers)),
        };
        Self {
            quantity: rate.quantity.clone(),
            when: rate.when.clone(),
            credits: unit.map(|unit| unit.credits.to_string()),
            per: unit.map(|unit| unit.per.get()),
            tiers: tiers.map(|tiers| tiers.tiers.iter().map(TierView::from).collect()),
            tiers_mode: tiers.map(|tiers| tiers.mode.to_string()),
            tiers_scope: tiers.map(|tiers| tiers.scope.to_string()),
        }
    }
}

impl From<&Tier> for TierView {
    fn from(tier: &Tier) -> Self {
        Self {
            up_to: tier.up_to.map(|units| units.normalize().to_string()),
            credits: tier.rate.credits.to_string(),
            per: tier.rate.per.get(),
            flat: tier.flat.to_string(),
        }
    }
}
