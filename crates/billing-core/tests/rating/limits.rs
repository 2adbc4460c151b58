//! How a card may look.

use billing_core::catalog::{CatalogRefusal, Meter, Tier, TiersMode, TiersScope, check_meters};

use crate::made::{meter, rate, rate_when, tier, tiered};

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
fn tiers_follow_each_other_and_the_last_has_no_end() {
    let by = |tiers: Vec<Tier>| {
        let rate = tiered("a", TiersMode::Volume, TiersScope::Month, tiers);
        refused(&[meter(vec![rate])])
    };
    let up_to = |ends: &[&str]| {
        let tiers = ends.iter().map(|end| tier((*end != "∞").then_some(*end), "1", 1, "0"));
        by(tiers.collect())
    };
    let numbered = |count: usize| {
        let ends: Vec<_> = (1..count).map(|end| end.to_string()).chain(["∞".to_owned()]).collect();
        up_to(&ends.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let accepted = format!("{:?}", Ok::<(), CatalogRefusal>(()));
    assert_eq!(numbered(20).0, accepted);
    assert_eq!(up_to(&["0.000001", "1000000000000000", "∞"]).0, accepted);
    for (refused, place, said) in [
        (by(vec![]), "", "takes 1 to 20"),
        (numbered(21), "", "takes 1 to 20"),
        (up_to(&["1", "2"]), "[1].up_to", "is left out of the last tier"),
        (up_to(&["1", "∞", "∞"]), "[1].up_to", "is required"),
        (up_to(&["0", "∞"]), "[0].up_to", "must be more than 0"),
        (up_to(&["-1", "∞"]), "[0].up_to", "must be more than 0"),
        (up_to(&["5", "5.0", "∞"]), "[1].up_to", "must be more than 5"),
        (up_to(&["5", "4", "∞"]), "[1].up_to", "must be more than 5"),
        (up_to(&["0.0000001", "∞"]), "[0].up_to", "at most 6 decimals"),
        (up_to(&["1000000000000001", "∞"]), "[0].up_to", "up to 1000000000000000 units"),
        (by(vec![tier(None, "1", 1_000_000_001, "0")]), "[0].per", "from 1 to"),
    ] {
        assert_eq!(refused.0, format!("meters[0].rates[0].tiers{place}"));
        assert!(refused.1.contains(said), "{} does not say {said}", refused.1);
    }
}

#[test]
fn each_tier_counts_as_a_rate() {
    let ends = |count: usize| (1..count).map(|end| tier(Some(&end.to_string()), "1", 1, "0"));
    let tiers: Vec<Tier> = ends(20).chain([tier(None, "1", 1, "0")]).collect();
    let rates = (0..200).map(|number| {
        let rate = tiered("a", TiersMode::Volume, TiersScope::Call, tiers.clone());
        rate_when(rate, [("model", &*number.to_string())])
    });
    let full = meter(rates.collect());
    assert_eq!(check_meters(std::slice::from_ref(&full)), Ok(()));
    assert_eq!(refused(&[vec![full], numbered(1)].concat()).0, "meters");
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
