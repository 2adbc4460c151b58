//! Settings: flags over `BILLING_*` variables over `billing.toml`.

mod load;
mod settings;

pub(crate) use load::load;
pub(crate) use settings::{CreemSettings, JwtSettings, LogFormat, Settings, StripeSettings};
