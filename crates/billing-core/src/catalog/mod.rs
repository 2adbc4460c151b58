//! What is on sale: plans and packs of credits.

mod interval;
mod pack;
mod period_grants;
mod plan;
mod refusal;

pub use interval::Interval;
pub use pack::Pack;
pub use period_grants::{MonthlyShare, period_grants};
pub use plan::{ChangePolicy, CreditsInterval, Plan, Rollover, RolloverMode};
pub use refusal::CatalogRefusal;
pub(crate) use refusal::{check_price, check_slug, check_text};
