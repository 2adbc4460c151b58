//! The catalogue: plans and packs of credits, and rate cards for usage.

mod free_plan;
mod interval;
mod pack;
mod period_grants;
mod plan;
mod provider_price;
mod rate_card;
mod refusal;

pub use free_plan::{free_credits, free_month};
pub use interval::Interval;
pub use pack::Pack;
pub use period_grants::{MonthlyShare, period_grants};
pub use plan::{ChangePolicy, CreditsInterval, Plan, PlanTerms, RolloverMode, RolloverPolicy};
pub use provider_price::{PackPrices, PlanPrices, PricedItem};
pub(crate) use rate_card::is_name;
pub use rate_card::{
    InvalidMarkup, InvalidQuote, InvalidUnitPrice, LineTier, MILLIONTHS, MarkupPercent, Meter, MonthKey,
    MonthPosition, MonthPositions, NoRateCard, Price, PriceLine, Publication, Quote, Rate, RateCard,
    RateCardDraft, RateCardVersion, RatePrice, RatePriceParts, RatingRefusal, Rounding, Tariff, TariffRate,
    Tier, Tiers, TiersMode, TiersScope, UnitPrice, UnitRate, Usage, UsagePrice, VersionTerms, ceiling_of,
    check_meters, price, price_after, quantities,
};
pub use refusal::CatalogRefusal;
pub(crate) use refusal::{check_price, check_slug, check_text};
