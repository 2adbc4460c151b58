//! Prices by tiers, and markups.

use billing_core::catalog::{
    MarkupPercent, Meter, Price, Rate, RatePrice, RatingRefusal, Rounding, Tariff, Tier, Tiers, TiersMode,
    TiersScope, UnitRate, Usage,
};
use billing_core::values::Credits;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

use crate::made::{
    after, meter, number, priced, priced_after, rate, rate_when, texts, tier, tiered, usage, version,
};

/// The first 1,000 at 3 per 1,000, up to 5,000 at 2 with 0.5 on top, and at 1 from then on.
fn three_tiers(mode: TiersMode, scope: TiersScope) -> Meter {
    let tiers = vec![
        tier(Some("1000"), "3", 1000, "0"),
        tier(Some("5000"), "2", 1000, "0.5"),
        tier(None, "1", 1000, "0"),
    ];
    meter(vec![tiered("a", mode, scope, tiers)])
}

fn told(price: &Price) -> Vec<String> {
    let line = |line: &billing_core::catalog::PriceLine| {
        let tier = line.tier.as_ref().unwrap();
        let end = tier.up_to.map_or_else(|| "∞".to_owned(), |end| end.to_string());
        let flat = if line.flat.is_zero() { String::new() } else { format!(" + {}", line.flat) };
        format!(
            "{}..{end}: {} at {}/{}{flat} = {}",
            tier.number, line.units, line.rate, line.per, line.credits
        )
    };
    price.lines.iter().map(line).collect()
}

#[test]
fn graduated_units_cost_what_their_tiers_say() {
    let meter = three_tiers(TiersMode::Graduated, TiersScope::Call);
    for (units, exact) in [
        ("0", "0"),
        ("0.000001", "0.000000003"),
        ("999.999999", "2.999999997"),
        ("1000", "3"),
        ("1000.000001", "3.500000002"),
        ("5000", "11.5"),
        ("5001", "11.501"),
        ("1000000", "1006.5"),
    ] {
        let price = priced(&meter, &usage([("a", number(units))])).unwrap();
        assert_eq!(price.exact, number(exact), "{units}");
    }
    let price = priced(&meter, &usage([("a", number("6000"))])).unwrap();
    assert_eq!(
        told(&price),
        ["1..1000: 1000 at 3/1000 = 3", "2..5000: 4000 at 2/1000 + 0.5 = 8.5", "3..∞: 1000 at 1/1000 = 1",]
    );
    let nothing = priced(&meter, &usage([("a", number("0"))])).unwrap();
    assert_eq!(told(&nothing), ["1..1000: 0 at 3/1000 = 0"]);
}

#[test]
fn volume_prices_all_units_by_the_tier_of_the_total() {
    let meter = three_tiers(TiersMode::Volume, TiersScope::Call);
    for (units, exact, line) in [
        ("0", "0", "1..1000: 0 at 3/1000 = 0"),
        ("1000", "3", "1..1000: 1000 at 3/1000 = 3"),
        ("1001", "2.502", "2..5000: 1001 at 2/1000 + 0.5 = 2.502"),
        ("5000", "10.5", "2..5000: 5000 at 2/1000 + 0.5 = 10.5"),
        ("5000.5", "5.0005", "3..∞: 5000.5 at 1/1000 = 5.0005"),
    ] {
        let price = priced(&meter, &usage([("a", number(units))])).unwrap();
        assert_eq!((price.exact, told(&price)), (number(exact), vec![line.to_owned()]), "{units}");
    }
}

#[test]
fn tiers_of_a_month_go_on_where_it_stands() {
    let graduated = three_tiers(TiersMode::Graduated, TiersScope::Month);
    let volume = three_tiers(TiersMode::Volume, TiersScope::Month);
    let price = |meter: &Meter, before: &str, units: &str| {
        priced_after(meter, &usage([("a", number(units))]), &after("a", number(before))).unwrap()
    };
    for (before, units, by_graduated, by_volume) in [
        ("0", "1000", "3", "3"),
        ("999", "1", "0.003", "0.003"),
        ("1000", "1", "0.502", "0.502"),
        ("1001", "1", "0.002", "0.002"),
        ("500", "1000", "3", "2.5"),
        ("900", "4200", "8.9", "4.2"),
        ("5000", "1000", "1", "1"),
        ("1000000000000000", "1000", "1", "1"),
    ] {
        assert_eq!(price(&graduated, before, units).exact, number(by_graduated), "{units} after {before}");
        assert_eq!(price(&volume, before, units).exact, number(by_volume), "{units} after {before}");
    }
    let line = &price(&graduated, "500", "1000").lines[1];
    let position = line.tier.as_ref().unwrap().month.as_ref().unwrap();
    assert_eq!((position.month.to_string().as_str(), position.before), ("2026-04", number("500")));
    // Where a rate's tiers begin anew with each call, no position moves them.
    let by_call = three_tiers(TiersMode::Graduated, TiersScope::Call);
    assert_eq!(price(&by_call, "500", "1000").exact, number("3"));
    assert!(price(&by_call, "500", "1000").lines[0].tier.as_ref().unwrap().month.is_none());
}

#[test]
fn a_markup_lies_between_the_lines_and_the_minimum() {
    let plain = Meter {
        per_call: "1".parse().unwrap(),
        minimum: "3".parse().unwrap(),
        ..meter(vec![rate("a", "1", 1)])
    };
    let markup = |text: &str| text.parse::<MarkupPercent>().unwrap();
    let by = |card: &str, own: Option<&str>, units: &str| {
        let meter = Meter { markup: own.map(markup), ..plain.clone() };
        let mut version = version(vec![meter]);
        version.markup = markup(card);
        let usage = usage([("a", number(units))]);
        let price = billing_core::catalog::price(&version, &usage).unwrap();
        [price.markup_percent.get(), price.markup, price.topped_up, price.exact].map(|told| told.to_string())
    };
    assert_eq!(by("0", None, "9"), ["0", "0", "0", "10"]);
    assert_eq!(by("20", None, "9"), ["20", "2", "0", "12"]);
    assert_eq!(by("20", Some("0"), "9"), ["0", "0", "0", "10"]);
    assert_eq!(by("20", Some("-10.5"), "9"), ["-10.5", "-1.05", "0", "8.95"]);
    assert_eq!(by("0.0001", None, "9"), ["0.0001", "0.00001", "0", "10.00001"]);
    assert_eq!(by("20", None, "1"), ["20", "0.4", "0.6", "3"]);
    assert_eq!(by("-100", None, "9"), ["-100", "-10", "3", "3"]);
    assert_eq!(by("10000", None, "9"), ["10000", "1000", "0", "1010"]);
    let cheap = Meter { markup: Some(markup("-100")), ..meter(vec![rate("a", "1000000000", 1)]) };
    let refused = priced(&cheap, &usage([("a", number("1001"))])).unwrap_err();
    assert_eq!(refused.code(), "price_too_large", "without the markup, too");
    let up = Meter { rounding: Rounding::Up, markup: Some(markup("1")), ..meter(vec![rate("a", "1", 1)]) };
    let price = priced(&up, &usage([("a", number("1"))])).unwrap();
    assert_eq!(
        (price.whole, price.usage_price().markup),
        (Credits::new(2), 10_000),
        "rounded once, at the end"
    );
}

#[test]
fn a_rate_counts_its_own_units_whatever_version_it_is_of() {
    let key = |rate: &Rate| rate.key();
    let plain = rate("a", "1", 1);
    assert_eq!(key(&plain), "");
    assert_eq!(
        key(&rate_when(plain.clone(), [("model", "glm-4-*"), ("region", "eu")])),
        "model=glm-4-*&region=eu"
    );
    let odd = rate_when(plain.clone(), [("model", "a=b&c%\u{0}\n")]);
    assert_eq!(key(&odd), "model=a%3Db%26c%25%00%0A");
    let other = Rate { price: RatePrice::FREE, ..odd.clone() };
    assert_eq!(key(&odd), key(&other));
}

#[test]
fn what_cannot_be_counted_is_not_priced_by_a_month() {
    let any = Rate {
        quantity: Rate::ANY.to_owned(),
        ..three_tiers(TiersMode::Volume, TiersScope::Month).rates.remove(0)
    };
    let meter = meter(vec![any]);
    assert!(priced(&meter, &usage([("seconds", number("1"))])).is_ok());
    let refused = priced(&meter, &usage([("no name", number("1"))])).unwrap_err();
    assert!(matches!(refused, RatingRefusal::NoRate { .. }), "{refused}");
}

#[test]
fn what_a_month_can_count_is_not_too_large() {
    let meter = three_tiers(TiersMode::Graduated, TiersScope::Month);
    let most = usage([("a", Usage::MAX_UNITS)]);
    let before = after("a", number("1000000000000000000"));
    assert_eq!(priced_after(&meter, &most, &before).unwrap().exact, number("1000000000000"));
    let dear = meter_of(vec![tier(None, "1000000000", 1, "0")], TiersMode::Graduated);
    let refused = priced_after(&dear, &usage([("a", number("1001"))]), &before).unwrap_err();
    assert_eq!(refused.code(), "price_too_large");
}

fn meter_of(tiers: Vec<Tier>, mode: TiersMode) -> Meter {
    meter(vec![tiered("a", mode, TiersScope::Month, tiers)])
}

/// Whole units, and credits with up to 6 decimals for each: prices that have no more decimals than are carried.
fn tiers() -> impl Strategy<Value = Vec<Tier>> {
    let credits = (0_i64..5_000_000).prop_map(|millionths| Decimal::new(millionths, 6).to_string());
    let flat = prop_oneof![2 => Just("0".to_owned()), 1 => credits.clone()];
    proptest::collection::vec((1_i64..500, credits, flat), 1..6).prop_map(|drawn| {
        let last = drawn.len() - 1;
        let mut end = 0;
        let tier = |(place, (width, credits, flat)): (usize, (i64, String, String))| {
            end += width;
            let up_to = (place < last).then(|| end.to_string());
            tier(up_to.as_deref(), &credits, 1, &flat)
        };
        drawn.into_iter().enumerate().map(tier).collect()
    })
}

fn modes() -> impl Strategy<Value = TiersMode> {
    select(TiersMode::ALL.to_vec())
}

fn markups() -> impl Strategy<Value = MarkupPercent> {
    (-1_000_000_i64..2_000_000).prop_map(|parts| MarkupPercent::try_new(Decimal::new(parts, 4)).unwrap())
}

fn tariff(meter: &Meter) -> Tariff {
    version(vec![meter.clone()]).tariff("m", &texts([])).unwrap()
}

fn some(units: i64) -> std::collections::BTreeMap<String, Decimal> {
    [("a".to_owned(), Decimal::from(units))].into()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    /// Parts of a month cost together what all of it costs at once, in whatever order they come.
    #[test]
    fn graduated_parts_of_a_month_cost_what_the_whole_costs(
        tiers in tiers(), parts in proptest::collection::vec(0_i64..800, 1..8), turn in 0_usize..8, start in 0_i64..900,
    ) {
        let meter = meter_of(tiers, TiersMode::Graduated);
        let price = |before: i64, units: i64| {
            let usage = usage([("a", Decimal::from(units))]);
            priced_after(&meter, &usage, &after("a", Decimal::from(before))).unwrap()
        };
        let whole = price(start, parts.iter().sum());
        let in_order = |parts: &[i64]| {
            let (mut before, mut sum) = (start, 0);
            for units in parts {
                sum += price(before, *units).in_millionths();
                before += units;
            }
            sum
        };
        prop_assert_eq!(in_order(&parts), whole.in_millionths());
        let mut turned = parts.clone();
        turned.rotate_left(turn % parts.len());
        prop_assert_eq!(in_order(&turned), whole.in_millionths());
        turned.sort_unstable();
        prop_assert_eq!(in_order(&turned), whole.in_millionths());
        let first = price(0, start).in_millionths();
        prop_assert_eq!(first + whole.in_millionths(), price(0, start + parts.iter().sum::<i64>()).in_millionths());
    }

    /// More units in graduated tiers never cost less, and nothing costs less than nothing.
    #[test]
    fn more_units_never_cost_less_by_graduated_tiers(
        tiers in tiers(), mode in modes(), markup in markups(), before in 0_i64..900, units in 0_i64..900,
        more in 0_i64..900,
    ) {
        let meter = Meter { markup: Some(markup), ..meter_of(tiers, mode) };
        let price = |units: i64| {
            let usage = usage([("a", Decimal::from(units))]);
            priced_after(&meter, &usage, &after("a", Decimal::from(before))).unwrap().in_millionths()
        };
        prop_assert!(price(units) >= 0 && price(units + more) >= 0);
        prop_assert!(mode == TiersMode::Volume || price(units) <= price(units + more));
    }

    /// The bounds of a call: the least never falls as it goes on and is never more than it costs; the most is never less
    /// than any shorter call; nothing costs more than anywhere.
    #[test]
    fn a_call_stays_within_its_bounds(
        tiers in tiers(), mode in modes(), markup in markups(), before in 0_i64..900, units in 0_i64..900,
        more in 0_i64..900,
    ) {
        let meter = Meter { markup: Some(markup), ..meter_of(tiers, mode) };
        let (tariff, at) = (tariff(&meter), after("a", Decimal::from(before)));
        let price = |units: i64| tariff.price(&some(units), &at).unwrap().in_millionths();
        let least = |units: i64| tariff.least(&some(units), &at).unwrap().price;
        let most = |units: i64| tariff.most(&some(units), &at).unwrap();
        prop_assert!(0 <= least(units) && least(units) <= least(units + more));
        prop_assert!(least(units) <= price(units) && least(units) <= price(units + more));
        prop_assert!(price(units) <= most(units) && price(units) <= most(units + more));
        prop_assert!(most(units) <= most(units + more));
        prop_assert!(price(units) <= tariff.most_anywhere(&some(units)).unwrap() + 1);
        if mode == TiersMode::Graduated {
            prop_assert_eq!((least(units), most(units)), (price(units), price(units)));
        }
    }

    /// A single tier costs what a rate without tiers does, with units and rates as finely divided as they may be.
    #[test]
    fn one_tier_is_no_tier(
        mode in modes(), nanos in 0_i64..1_000_000_000_000, per in 1_u32..1_000_000, micros in 0_i64..1_000_000_000_000,
        before in 0_i64..1_000_000_000_000, markup in markups(),
    ) {
        let credits = Decimal::new(nanos, 9).to_string();
        let units = usage([("a", Decimal::new(micros, 6))]);
        let flat = Meter { markup: Some(markup), ..meter(vec![rate("a", &credits, per)]) };
        let price = RatePrice::Tiered(Tiers {
            mode,
            scope: TiersScope::Month,
            tiers: vec![Tier {
                up_to: None,
                rate: UnitRate { credits: credits.parse().unwrap(), per: per.try_into().unwrap() },
                flat: "0".parse().unwrap(),
            }],
        });
        let one = Meter { rates: vec![Rate { price, ..flat.rates[0].clone() }], ..flat.clone() };
        let flat = priced(&flat, &units).unwrap();
        let tiered = priced_after(&one, &units, &after("a", Decimal::new(before, 6))).unwrap();
        // What lies before is cut to a grain by itself, and a markup makes up to 300 grains of one.
        prop_assert!((flat.exact - tiered.exact).abs() <= Decimal::new(1, 12), "{} {}", flat.exact, tiered.exact);
    }
}
