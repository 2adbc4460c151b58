//! Usage with the rates that price it.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::catalog::{MonthPositions, RatingRefusal, Tariff, UsagePrice};
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

/// What usage costs, and where it stands in its month.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::ledger) struct Rating {
    pub(in crate::ledger) price: UsagePrice,
    /// Where those of its quantities stand whose tiers count over a month.
    pub(in crate::ledger) months: MonthPositions,
}

impl RatedUsage {
    /// What so much costs that stands at these `positions` in its month.
    ///
    /// # Errors
    ///
    /// [`Refusal::UsageOutOfRange`] if it is more than one usage may report, or costs more than one may.
    pub(in crate::ledger) fn price(
        tariff: &Tariff,
        quantities: &BTreeMap<String, Decimal>,
        positions: &MonthPositions,
    ) -> Result<UsagePrice, Refusal> {
        let price = tariff.price(quantities, positions).map_err(|problem| out_of_range(tariff, &problem))?;
        Ok(price.usage_price())
    }

    /// The least that a call comes to of which so much was used, and which may go on.
    ///
    /// # Errors
    ///
    /// As [`price`](Self::price).
    pub(in crate::ledger) fn least(
        tariff: &Tariff,
        quantities: &BTreeMap<String, Decimal>,
        positions: &MonthPositions,
    ) -> Result<UsagePrice, Refusal> {
        tariff.least(quantities, positions).map_err(|problem| out_of_range(tariff, &problem))
    }

    /// The most that a call comes to that uses up to so much, in millionths of a credit.
    ///
    /// # Errors
    ///
    /// As [`price`](Self::price).
    pub(in crate::ledger) fn most(
        tariff: &Tariff,
        quantities: &BTreeMap<String, Decimal>,
        positions: &MonthPositions,
    ) -> Result<i64, Refusal> {
        tariff.most(quantities, positions).map_err(|problem| out_of_range(tariff, &problem))
    }
}

fn out_of_range(tariff: &Tariff, problem: &RatingRefusal) -> Refusal {
    Refusal::UsageOutOfRange { meter: tariff.meter.clone(), problem: problem.to_string() }
}
