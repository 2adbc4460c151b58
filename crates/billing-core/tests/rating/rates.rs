//! Which rate applies, and what is refused.

use billing_core::catalog::{Meter, NoRateCard, Price, RatingRefusal, Usage, price};
use billing_core::values::Timestamp;
use rust_decimal::Decimal;

use crate::made::{meter, number, priced, rate, rate_when, texts, usage, version};

fn exact<const N: usize>(meter: &Meter, dimensions: [(&str, &str); N]) -> Result<String, &'static str> {
    let usage = Usage { dimensions: texts(dimensions), ..usage([("a", Decimal::ONE)]) };
    priced(meter, &usage).map(|price| price.exact.to_string()).map_err(|refusal| refusal.code())
}

#[test]
fn the_rate_that_names_more_wins_and_the_first_dimension_weighs_most() {
    let model = meter(vec![
        rate_when(rate("a", "3", 1), [("region", "eu")]),
        rate("a", "1", 1),
        rate_when(rate("a", "4", 1), [("model", "large"), ("region", "eu")]),
        rate_when(rate("a", "2", 1), [("model", "large")]),
    ]);
    for (dimensions, credits) in [
        ([("model", "large"), ("region", "eu")], "4"),
        ([("model", "large"), ("region", "us")], "2"),
        ([("model", "small"), ("region", "eu")], "3"),
        ([("model", "small"), ("region", "us")], "1"),
        ([("model", "Large"), ("region", "*")], "1"),
    ] {
        assert_eq!(exact(&model, dimensions).as_deref(), Ok(credits), "{dimensions:?}");
    }
    assert_eq!(exact(&model, []).as_deref(), Ok("1"));
    assert_eq!(exact(&model, [("region", "eu")]).as_deref(), Ok("3"));
}

#[test]
fn a_value_wins_over_a_prefix_and_a_longer_prefix_over_a_shorter_one() {
    let model = meter(vec![
        rate("a", "1", 1),
        rate_when(rate("a", "2", 1), [("model", "glm-*")]),
        rate_when(rate("a", "3", 1), [("model", "glm-4-*")]),
        rate_when(rate("a", "4", 1), [("model", "glm-4-air")]),
        rate_when(rate("a", "5", 1), [("model", "glm-4-*"), ("region", "eu")]),
    ]);
    for (value, credits) in [
        ("glm-4-air", "4"),
        ("glm-4-flash", "3"),
        ("glm-4", "2"),
        ("glm-", "2"),
        ("glm", "1"),
        ("GLM-4", "1"),
    ] {
        assert_eq!(exact(&model, [("model", value)]).as_deref(), Ok(credits), "{value}");
    }
    assert_eq!(exact(&model, [("model", "glm-4-plus"), ("region", "eu")]).as_deref(), Ok("5"));
    assert_eq!(exact(&model, [("model", "glm-4-air"), ("region", "eu")]).as_deref(), Ok("4"));
    assert_eq!(exact(&model, []).as_deref(), Ok("1"), "a value that is not named has no prefix");
}

#[test]
fn a_rate_for_any_quantity_prices_what_no_other_names() {
    let priced_by = |quantity: &str, model: &str| {
        let any = meter(vec![
            rate("a", "1", 1),
            rate_when(rate("b", "2", 1), [("model", "large")]),
            rate("*", "7", 1),
            rate_when(rate("*", "9", 1), [("model", "large")]),
        ]);
        let usage = Usage { dimensions: texts([("model", model)]), ..usage([(quantity, Decimal::ONE)]) };
        priced(&any, &usage).unwrap().exact.to_string()
    };
    assert_eq!((priced_by("a", "large"), priced_by("b", "large")), ("1".to_owned(), "2".to_owned()));
    assert_eq!((priced_by("b", "small"), priced_by("c", "small")), ("7".to_owned(), "7".to_owned()));
    assert_eq!(priced_by("c", "large"), "9");
}

#[test]
fn without_a_rate_for_all_others_a_value_must_be_known() {
    let strict = meter(vec![rate_when(rate("a", "2", 1), [("model", "large")])]);
    assert_eq!(exact(&strict, [("model", "large")]).as_deref(), Ok("2"));
    assert_eq!(exact(&strict, [("model", "tiny")]), Err("no_rate"));
    assert_eq!(exact(&strict, []), Err("no_rate"));
}

#[test]
fn a_refusal_says_what_is_known_instead() {
    let known = meter(vec![rate("a", "1", 1), rate("b", "1", 1)]);
    let told = |usage: &Usage| {
        let refusal = priced(&known, usage).unwrap_err();
        (refusal.code(), refusal.to_string())
    };
    for (usage, code, message) in [
        (
            Usage { meter: "n".to_owned(), ..usage([("a", Decimal::ONE)]) },
            "unknown_meter",
            "the rate card default@7 has no meter `n`",
        ),
        (
            usage([("c", Decimal::ONE)]),
            "unknown_quantity",
            "the meter `m` takes no quantity `c`; it takes a, b",
        ),
        (
            Usage { dimensions: texts([("colour", "red")]), ..usage([("a", Decimal::ONE)]) },
            "unknown_dimension",
            "the meter `m` knows no dimension `colour`; it knows model, region",
        ),
        (usage([]), "invalid_quantity", "the meter `m` prices a, b: report at least one of them"),
        (
            usage([("a", number("-0.5"))]),
            "invalid_quantity",
            "`a` cannot be -0.5: quantities go from 0 to 1000000000000000, with at most 6 decimals",
        ),
    ] {
        assert_eq!(told(&usage), (code, message.to_owned()));
    }
    for units in ["-1", "0.0000001", "1000000000000000.1", "1000000000000001"] {
        assert_eq!(told(&usage([("a", number(units))])).0, "invalid_quantity", "{units}");
    }
    let long = Usage { dimensions: texts([("model", &*"x".repeat(101))]), ..usage([("a", Decimal::ONE)]) };
    assert_eq!(told(&long).0, "invalid_dimension");
    for units in ["0", "-0", "1000000000000", "0.000001", "1.500000000000"] {
        assert!(priced(&known, &usage([("a", number(units))])).is_ok(), "{units}");
    }
    let missing = RatingRefusal::from(NoRateCard::NotYet("default".to_owned(), Timestamp::EPOCH));
    assert_eq!(missing.code(), "no_rate_card");
    assert_eq!(
        missing.to_string(),
        "no version of the rate card `default` is in force at 1970-01-01T00:00:00Z"
    );
}

#[test]
fn a_price_has_a_largest() {
    let dear = meter(vec![rate("a", "1000000000", 1), rate("b", "0.000000001", 1_000_000_000)]);
    let most = priced(&dear, &usage([("a", number("1000"))])).unwrap();
    assert_eq!((most.whole, most.exact), (Price::MAX, Decimal::from(Price::MAX.get())));
    for quantities in [
        vec![("a", number("1000.000001"))],
        vec![("a", number("1000")), ("b", number("1000000000000000"))],
        vec![("a", number("1000000000000000"))],
    ] {
        let quantities = quantities.into_iter().map(|(name, units)| (name.to_owned(), units)).collect();
        let refusal = priced(&dear, &Usage { quantities, ..usage([]) }).unwrap_err();
        assert_eq!(refusal, RatingRefusal::PriceTooLarge { max: Price::MAX });
        assert_eq!(refusal.code(), "price_too_large");
    }
    assert_eq!(
        priced(&dear, &usage([("b", number("1000000000"))])).unwrap().exact.to_string(),
        "0.000000001"
    );
}

#[test]
fn a_call_can_cost_by_itself_and_at_least_something() {
    let call = Meter { per_call: 40.into(), ..meter(vec![]) };
    assert_eq!(priced(&call, &usage([])).unwrap().whole.get(), 40);
    assert_eq!(priced(&call, &usage([("a", Decimal::ONE)])).unwrap_err().code(), "unknown_quantity");

    let least = Meter { per_call: 1.into(), minimum: 5.into(), ..meter(vec![rate("a", "1", 1)]) };
    let told = |units: &str| {
        let price = priced(&least, &usage([("a", number(units))])).unwrap();
        (price.exact.to_string(), price.topped_up.to_string())
    };
    assert_eq!(told("0"), ("5".to_owned(), "4".to_owned()));
    assert_eq!(told("3.5"), ("5".to_owned(), "0.5".to_owned()));
    assert_eq!(told("4"), ("5".to_owned(), "0".to_owned()));
    assert_eq!(told("5"), ("6".to_owned(), "0".to_owned()));
}

#[test]
fn a_price_tells_how_it_came_about() {
    let chat =
        meter(vec![rate("input", "3", 1000), rate_when(rate("output", "15", 1000), [("model", "large")])]);
    let asked = Usage {
        dimensions: texts([("model", "large")]),
        ..usage([("output", number("50.0")), ("input", number("1200"))])
    };
    let told = price(&version(vec![chat]), &asked).unwrap();
    let lines = told.lines.iter().map(|line| {
        format!("{} {} at {} per {}: {}", line.quantity, line.units, line.rate, line.per, line.credits)
    });
    let lines: Vec<_> = lines.collect();
    assert_eq!(lines, ["input 1200 at 3 per 1000: 3.6", "output 50 at 15 per 1000: 0.75"]);
    assert_eq!((told.quote().to_string().as_str(), told.meter.as_str()), ("default@7", "m"));
    assert_eq!(told.dimensions, asked.dimensions);
}
