//! Usage with the rates that price it.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::catalog::{MonthPositions, RatingRefusal, Tariff, UsagePrice};
use crate::ledger::Refusal;

/// Usage with its rates, as in a command: the ledger computes the price in its decision, because the price of a part
/// of a call depends on the earlier parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RatedUsage {
    /// The rates.
    pub tariff: Tariff,
    /// The quantities.
    pub quantities: BTreeMap<String, Decimal>,
}

/// The price of usage, and its position in the month.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::ledger) struct Rating {
    pub(in crate::ledger) price: UsagePrice,
    /// The positions of those of its quantities that have monthly tiers.
    pub(in crate::ledger) months: MonthPositions,
}

impl RatedUsage {
    /// The price of these quantities at these `positions` in their month.
    ///
    /// # Errors
    ///
    /// [`Refusal::UsageOutOfRange`] if it exceeds the limits of one usage.
    pub(in crate::ledger) fn price(
        tariff: &Tariff,
        quantities: &BTreeMap<String, Decimal>,
        positions: &MonthPositions,
    ) -> Result<UsagePrice, Refusal> {
        let price = tariff.price(quantities, positions).map_err(|problem| out_of_range(tariff, &problem))?;
        Ok(price.usage_price())
    }

    /// The minimum price of a call that has used this much and may continue.
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

    /// The maximum price of a call of up to this much, in millionths of a credit.
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
