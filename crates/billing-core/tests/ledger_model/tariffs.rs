//! What usage costs in these tests: whole millionths for each unit, in a few ways.

use billing_core::catalog::{Rounding, Tariff, TariffRate, UnitPrice};
use billing_core::ledger::RatedUsage;

/// How many there are.
pub(crate) const COUNT: u8 = 5;

/// So many units, by one of the tariffs: two kinds of one meter, one with a price per call and a minimum, one that is
/// rounded up, one that is free.
pub(crate) fn used(which: u8, units: u32) -> RatedUsage {
    let credits = |text: &str| text.parse::<UnitPrice>().unwrap();
    let (meter, kind) = match which {
        0 => ("tokens", Some("small")),
        1 => ("tokens", Some("large")),
        2 => ("calls", None),
        3 => ("images", None),
        _ => ("free", None),
    };
    let each = match which {
        1 => credits("0.000002"),
        4 => UnitPrice::ZERO,
        _ => credits("0.000001"),
    };
    let none = UnitPrice::ZERO;
    let tariff = Tariff {
        card: "default".to_owned(),
        version: 1,
        meter: meter.to_owned(),
        dimensions: kind.map(|kind| ("kind".to_owned(), kind.to_owned())).into_iter().collect(),
        rates: [("units".to_owned(), TariffRate { credits: each, per: 1.try_into().unwrap() })].into(),
        otherwise: None,
        per_call: if which == 2 { credits("0.25") } else { none },
        minimum: if which == 2 { credits("0.6") } else { none },
        rounding: if which == 3 { Rounding::Up } else { Rounding::Carry },
    };
    RatedUsage { tariff, quantities: [("units".to_owned(), units.into())].into() }
}
