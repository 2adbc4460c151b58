//! Settings: flags over `BILLING_*` variables over `billing.toml`.

mod load;
mod problem;
mod settings;

pub(crate) use load::{environment, load};
pub(crate) use settings::{CreemSettings, JwtSettings, LedgerSettings, LogFormat, Settings, StripeSettings};
