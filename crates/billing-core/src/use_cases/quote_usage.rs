//! Quotes usage.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rust_decimal::Decimal;

use super::PriceUsage;
use super::price_usage::version_for;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::catalog::{
    MonthKey, MonthPosition, MonthPositions, Price, RateCardVersion, RatingRefusal, Tariff, ceiling_of,
    price, price_after,
};
use crate::values::{Credits, Month, Timestamp, Zone};

/// The price of several usages of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotedUsage {
    /// The price of each, in order.
    pub prices: Vec<Price>,
    /// Their sum in credits.
    pub exact: Decimal,
    /// The most whole credits that they can take.
    pub ceiling: Credits,
}

/// The current price of each of `asked`, one after the other. Nothing is charged. Monthly tiers continue from the
/// account's usage of the month; without an account they start at the month's first unit.
///
/// # Errors
///
/// [`BillingError::Rating`] says what no card prices; [`BillingError::Store`] is safe to retry.
pub(crate) async fn quote_usage(
    ports: &Ports,
    account: Option<&ExternalId>,
    asked: &[PriceUsage],
) -> Result<QuotedUsage, BillingError> {
    let now = ports.clock.now();
    let mut rated = Vec::with_capacity(asked.len());
    for one in asked {
        rated.push((version_for(ports, &one.card, now).await?, one));
    }
    let mut month = match account {
        Some(account) => AccountMonth::load(ports, account, &rated, now).await?,
        None => None,
    };
    let mut prices = Vec::with_capacity(asked.len());
    for (version, one) in &rated {
        prices.push(match &mut month {
            Some(month) => month.price(version, one)?,
            None => price(version, &one.usage)?,
        });
    }
    let exact = prices.iter().try_fold(Decimal::ZERO, |sum, price| sum.checked_add(price.exact));
    let exact = exact.ok_or(RatingRefusal::PriceTooLarge { max: Price::MAX })?.normalize();
    let ceiling = ceiling_of(&prices);
    Ok(QuotedUsage { prices, exact, ceiling })
}

/// An account's usage of a month.
struct AccountMonth {
    month: Month,
    counted: BTreeMap<MonthKey, Decimal>,
}

impl AccountMonth {
    /// The usage of `account` in the month of `now` that the prices of `asked` depend on; none if they depend on none.
    async fn load(
        ports: &Ports,
        account: &ExternalId,
        asked: &[(Arc<RateCardVersion>, &PriceUsage)],
        now: Timestamp,
    ) -> Result<Option<Self>, BillingError> {
        let mut tariffs = Vec::new();
        for (version, one) in asked {
            let tariff = version.tariff(&one.usage.meter, &one.usage.dimensions)?;
            if tariff.is_monthly() {
                tariffs.push((tariff, one));
            }
        }
        if tariffs.is_empty() {
            return Ok(None);
        }
        // An unknown account has no usage.
        let account = ports.find_account(account).await?;
        let zone = account.as_ref().and_then(|account| account.timezone.as_deref()?.parse().ok());
        let month = zone.unwrap_or(Zone::UTC).month_of(now);
        let keys: BTreeSet<MonthKey> = tariffs
            .iter()
            .flat_map(|(tariff, one)| tariff.month_keys(one.usage.quantities.keys(), month))
            .collect();
        let counted = match account {
            Some(account) if !keys.is_empty() => {
                ports.store.ledger_reads.month_units(account.id, &keys).await?
            }
            _ => BTreeMap::new(),
        };
        Ok(Some(Self { month, counted }))
    }

    /// The price of `asked` after all counted units, which it then adds.
    fn price(&mut self, version: &RateCardVersion, asked: &PriceUsage) -> Result<Price, BillingError> {
        let usage = &asked.usage;
        let tariff = version.tariff(&usage.meter, &usage.dimensions)?;
        let positions = self.positions(&tariff, &usage.quantities);
        let price = price_after(version, usage, &positions)?;
        for (quantity, position) in &positions {
            let counted = self.counted.entry(position.key(&usage.meter, quantity)).or_default();
            let units = usage.quantities.get(quantity).copied().unwrap_or_default();
            *counted = counted.checked_add(units).unwrap_or(*counted);
        }
        Ok(price)
    }

    fn positions(&self, tariff: &Tariff, quantities: &BTreeMap<String, Decimal>) -> MonthPositions {
        let position = |key: MonthKey| {
            let before = self.counted.get(&key).copied().unwrap_or_default();
            (key.quantity, MonthPosition { month: key.month, rate: key.rate, before })
        };
        tariff.month_keys(quantities.keys(), self.month).map(position).collect()
    }
}
