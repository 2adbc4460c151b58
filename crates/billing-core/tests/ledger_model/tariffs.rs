//! What usage costs in these tests: whole millionths for each unit, in a few ways.

use billing_core::catalog::{
    MarkupPercent, RatePrice, Rounding, Tariff, TariffRate, Tier, Tiers, TiersMode, TiersScope, UnitPrice,
    UnitRate,
};
use billing_core::ledger::RatedUsage;

/// How many there are.
pub(crate) const COUNT: u8 = 8;

/// The first that has tiers, as all that follow.
pub(crate) const TIERED: u8 = 5;

/// So many units, by one of the tariffs: two kinds of one meter, one with a price per call and a minimum, one that is
/// rounded up, one that is free; and with tiers, of a month or of each call.
pub(crate) fn used(which: u8, units: u32) -> RatedUsage {
    let credits = |text: &str| text.parse::<UnitPrice>().unwrap();
    let (meter, kind) = match which {
        0 => ("tokens", Some("small")),
        1 => ("tokens", Some("large")),
        2 => ("calls", None),
        3 => ("images", None),
        4 => ("free", None),
        5 => ("pages", None),
        6 => ("videos", None),
        _ => ("rows", None),
    };
    let each = |text: &str| UnitRate { credits: credits(text), per: 1.try_into().unwrap() };
    let tiers = |mode, scope, end: u32, first: &str, then: &str, flat: &str| {
        let first = Tier { up_to: Some(end.into()), rate: each(first), flat: UnitPrice::ZERO };
        let then = Tier { up_to: None, rate: each(then), flat: credits(flat) };
        RatePrice::Tiered(Tiers { mode, scope, tiers: vec![first, then] })
    };
    let price = match which {
        1 => RatePrice::PerUnit(each("0.000002")),
        4 => RatePrice::FREE,
        5 => tiers(TiersMode::Graduated, TiersScope::Month, 2_000_000, "0.000001", "0.000003", "0.5"),
        6 => tiers(TiersMode::Volume, TiersScope::Call, 1_500_000, "0.000004", "0.000001", "0"),
        7 => tiers(TiersMode::Volume, TiersScope::Month, 3_000_000, "0.000002", "0.000001", "0.3"),
        _ => RatePrice::PerUnit(each("0.000001")),
    };
    let none = UnitPrice::ZERO;
    let tariff = Tariff {
        card: "default".to_owned(),
        version: 1,
        meter: meter.to_owned(),
        dimensions: kind.map(|kind| ("kind".to_owned(), kind.to_owned())).into_iter().collect(),
        rates: [("units".to_owned(), TariffRate { price, key: String::new() })].into(),
        otherwise: None,
        per_call: if which == 2 { credits("0.25") } else { none },
        markup: if which == 6 { "25".parse().unwrap() } else { MarkupPercent::ZERO },
        minimum: if which == 2 { credits("0.6") } else { none },
        rounding: if which == 3 { Rounding::Up } else { Rounding::Carry },
    };
    RatedUsage { tariff, quantities: [("units".to_owned(), units.into())].into() }
}
