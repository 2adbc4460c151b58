//! Prices of usage in credits.
//!
//! A [`RateCard`] has versions, and a version has [`Meter`]s. [`price`] is a pure function of one version and one
//! [`Usage`]. The version in force is a pure function of the card and a time.

mod card;
mod check;
mod check_tiers;
mod fixed_point;
mod markup;
mod meter;
mod month;
mod price;
mod publish;
mod quote;
mod refusal;
mod tariff;
mod tariff_price;
mod tier_price;
mod tiers;
mod unit_price;

pub use card::{RateCard, RateCardVersion, VersionTerms};
pub use check::check_meters;
pub(crate) use check::is_name;
pub use markup::{InvalidMarkup, MarkupPercent};
pub use meter::{Meter, Rate, Rounding};
pub use month::{MonthKey, MonthPosition, MonthPositions};
pub use price::{LineTier, MILLIONTHS, Price, PriceLine, Usage, UsagePrice, ceiling_of, price, price_after};
pub use publish::{Publication, RateCardDraft};
pub use quote::{InvalidQuote, Quote};
pub use refusal::{NoRateCard, RatingRefusal};
pub use tariff::{Tariff, TariffRate, quantities};
pub use tiers::{RatePrice, RatePriceParts, Tier, Tiers, TiersMode, TiersScope, UnitRate};
pub use unit_price::{InvalidUnitPrice, UnitPrice};
