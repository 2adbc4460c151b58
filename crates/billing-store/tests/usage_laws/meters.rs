//! Two meters, and what usage of them costs, worked out without the code under test.
//!
//! `chat` carries fractions, has a price per call and a minimum. `pages` has graduated tiers over a calendar month and a
//! markup. Quantities are counted in tenths of a unit, prices in hundredths of a millionth of a credit: everything but the
//! last rounding is a whole number.

use billing_core::catalog::{Rounding, TariffRate, Tier, TiersMode, TiersScope, UnitPrice};
use billing_core::ledger::RatedUsage;
use billing_testkit::builders::{a_tier, a_unit_rate, tariff, tiers};
use rust_decimal::Decimal;

pub(crate) const CREDIT: i64 = 1_000_000;

/// How much of each meter; nothing of one that is not named.
pub(crate) type Amounts = [Option<i64>; 2];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Meter {
    Chat,
    Pages,
}

impl Meter {
    pub(crate) const ALL: [Self; 2] = [Self::Chat, Self::Pages];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Pages => "pages",
        }
    }

    pub(crate) fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|meter| meter.name() == name).unwrap()
    }

    /// Whether its tiers count over a month.
    pub(crate) fn is_monthly(self) -> bool {
        self == Self::Pages
    }

    /// What one call costs in millionths of a credit that uses `tenths` after `before` tenths of its month.
    pub(crate) fn price(self, before: i64, tenths: i64) -> i64 {
        let hundredths = match self {
            // 0.003655 credits a token and 0.25 a call, 0.6 at least.
            Self::Chat => (tenths * 36_550 + 25_000_000).max(60_000_000),
            Self::Pages => month(before + tenths) - month(before),
        };
        (hundredths + 50) / 100
    }

    /// Usage of so many tenths of a unit, as the ledger is told of it.
    pub(crate) fn usage(self, tenths: i64) -> RatedUsage {
        let mut tariff = tariff(self.name());
        let price = match self {
            Self::Chat => {
                tariff.per_call = credits("0.25");
                tariff.minimum = credits("0.6");
                billing_core::catalog::RatePrice::PerUnit(a_unit_rate("3.655", 1_000))
            }
            Self::Pages => {
                tariff.markup = "12.5".parse().unwrap();
                let second = Tier { flat: credits("0.5"), ..a_tier(Some("400"), "0.0125", 1) };
                let all = vec![a_tier(Some("100"), "0.035", 1), second, a_tier(None, "0.02", 1)];
                tiers(TiersMode::Graduated, TiersScope::Month, all)
            }
        };
        tariff.rates = [("units".to_owned(), TariffRate { price, key: String::new() })].into();
        tariff.rounding = Rounding::Carry;
        RatedUsage { tariff, quantities: [("units".to_owned(), units(tenths))].into() }
    }
}

/// What the first `tenths` of a month cost: 100 pages at 0.035, 0.5 once and 300 at 0.0125, then 0.02 each; 12.5 % more.
fn month(tenths: i64) -> i64 {
    let inside = |from: i64, to: i64| (tenths.min(to) - from).max(0);
    let flat = if tenths > 1_000 { 50_000_000 } else { 0 };
    let sum = inside(0, 1_000) * 350_000
        + flat
        + inside(1_000, 4_000) * 125_000
        + inside(4_000, i64::MAX) * 200_000;
    sum * 1_125 / 1_000
}

/// The usage of both meters that `amounts` is about.
pub(crate) fn usages(amounts: &Amounts) -> Vec<RatedUsage> {
    named(amounts).map(|(meter, tenths)| meter.usage(tenths)).collect()
}

pub(crate) fn named(amounts: &Amounts) -> impl Iterator<Item = (Meter, i64)> {
    Meter::ALL.into_iter().zip(*amounts).filter_map(|(meter, tenths)| Some((meter, tenths?)))
}

pub(crate) fn units(tenths: i64) -> Decimal {
    Decimal::new(tenths, 1).normalize()
}

fn credits(text: &str) -> UnitPrice {
    text.parse().unwrap()
}
