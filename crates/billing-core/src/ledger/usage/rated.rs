//! Usage with the rates that price it.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::catalog::{RatingRefusal, Tariff};
use crate::ledger::Refusal;

/// Usage with the rates that price it, as a command names it: the ledger prices it when it decides, because what
/// parts of one call cost depends on what came before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RatedUsage {
    /// The rates.
    pub tariff: Tariff,
    /// How much of each quantity.
    pub quantities: BTreeMap<String, Decimal>,
}

impl RatedUsage {
    /// The price of `quantities` in millionths of a credit.
    ///
    /// # Errors
    ///
    /// [`Refusal::UsageOutOfRange`] if they are more than one usage may report, or cost more than one may.
    pub(in crate::ledger) fn price(
        tariff: &Tariff,
        quantities: &BTreeMap<String, Decimal>,
    ) -> Result<i64, Refusal> {
        let price = tariff.price(quantities).map_err(|refusal: RatingRefusal| Refusal::UsageOutOfRange {
            meter: tariff.meter.clone(),
            problem: refusal.to_string(),
        })?;
        Ok(price.in_millionths())
    }
}
