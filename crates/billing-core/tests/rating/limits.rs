//! How a card may look.

use billing_core::catalog::{CatalogRefusal, Meter, check_meters};

use crate::made::{meter, rate, rate_when};

fn refused(meters: &[Meter]) -> (String, String) {
    match check_meters(meters) {
        Err(CatalogRefusal::Invalid { field, problem }) => (field.into_owned(), problem),
        other => (format!("{other:?}"), String::new()),
    }
}

fn numbered(count: usize) -> Vec<Meter> {
    let named = |number| Meter { name: format!("m{number}"), ..meter(vec![rate("a", "1", 1)]) };
    (0..count).map(named).collect()
}

/// A meter whose rates differ by model.
fn many_rates(name: &str, count: usize) -> Meter {
    let rates = (0..count).map(|number| rate_when(rate("a", "1", 1), [("model", &*number.to_string())]));
    Meter { name: name.to_owned(), ..meter(rates.collect()) }
}

#[test]
fn a_card_has_meters_but_not_too_many() {
    assert_eq!(check_meters(&numbered(100)), Ok(()));
    assert_eq!(refused(&numbered(101)), ("meters".to_owned(), "takes 1 to 100".to_owned()));
    assert_eq!(refused(&[]).0, "meters");
    let four = ["a", "b", "c", "d"].map(|name| many_rates(name, 1_000));
    assert_eq!(check_meters(&four), Ok(()));
    assert_eq!(refused(&[&four[..], &numbered(1)].concat()).0, "meters");
}

#[test]
fn what_is_off_is_named_by_its_place() {
    let fine = meter(vec![rate("a", "1", 1)]);
    let with_rate = |rate| Meter { rates: vec![fine.rates[0].clone(), rate], ..fine.clone() };
    let named = |name: &str| Meter { name: name.to_owned(), ..fine.clone() };
    let by = |dimensions: &[&str]| Meter {
        dimensions: dimensions.iter().map(|name| (*name).to_owned()).collect(),
        ..fine.clone()
    };
    let many = (0..21).map(|number| rate(&format!("q{number}"), "1", 1)).collect();
    for (odd, place) in [
        (named("Chat"), "name"),
        (named(""), "name"),
        (named(&"x".repeat(41)), "name"),
        (named("fine"), "name"),
        (by(&["model", "model"]), "dimensions[1]"),
        (by(&["with space"]), "dimensions[0]"),
        (by(&["a", "b", "c", "d", "e", "f"]), "dimensions"),
        (meter(vec![]), "rates"),
        (Meter { rates: many, ..fine.clone() }, "rates"),
        (many_rates("m", 1_001), "rates"),
        (with_rate(rate("A", "1", 1)), "rates[1].quantity"),
        (with_rate(rate("b", "1", 1_000_000_001)), "rates[1].per"),
        (with_rate(rate("a", "2", 5)), "rates[1]"),
        (with_rate(rate_when(rate("a", "1", 1), [("colour", "red")])), "rates[1].when.colour"),
        (with_rate(rate_when(rate("a", "1", 1), [("model", "")])), "rates[1].when.model"),
        (with_rate(rate_when(rate("a", "1", 1), [("model", &*"x".repeat(101))])), "rates[1].when.model"),
        (with_rate(rate_when(rate("a", "1", 1), [("model", "*")])), "rates[1].when.model"),
        (with_rate(rate_when(rate("a", "1", 1), [("model", "*x")])), "rates[1].when.model"),
    ] {
        let meters = [Meter { name: "fine".to_owned(), ..fine.clone() }, odd];
        assert_eq!(refused(&meters).0, format!("meters[1].{place}"), "{:?}", meters[1]);
    }
    assert_eq!(check_meters(&[with_rate(rate_when(rate("a", "1", 1), [("model", "x*")]))]), Ok(()));
}
