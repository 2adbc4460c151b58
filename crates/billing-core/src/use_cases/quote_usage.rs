//! Say what usage would cost.

use rust_decimal::Decimal;

use super::PriceUsage;
use super::price_usage::price_usage;
use crate::BillingError;
use crate::billing::Ports;
use crate::catalog::{Price, RatingRefusal, ceiling_of};
use crate::values::Credits;

/// What several usages of one account cost together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotedUsage {
    /// The price of each, in the order in which they were asked for.
    pub prices: Vec<Price>,
    /// Their sum in credits.
    pub exact: Decimal,
    /// The most whole credits that they take together.
    pub ceiling: Credits,
}

/// What each of `asked` costs now. Nothing is taken.
pub(crate) async fn quote_usage(ports: &Ports, asked: &[PriceUsage]) -> Result<QuotedUsage, BillingError> {
    let now = ports.clock.now();
    let mut prices = Vec::with_capacity(asked.len());
    for one in asked {
        prices.push(price_usage(ports, one, now).await?);
    }
    let exact = prices.iter().try_fold(Decimal::ZERO, |sum, price| sum.checked_add(price.exact));
    let exact = exact.ok_or(RatingRefusal::PriceTooLarge { max: Price::MAX })?.normalize();
    let ceiling = ceiling_of(&prices);
    Ok(QuotedUsage { prices, exact, ceiling })
}
